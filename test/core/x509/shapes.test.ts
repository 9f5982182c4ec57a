// Certificates in the shapes that TPM makers, clouds and test suites have put into the world, and in those they may put there
// next: each is read right, and accepted with what was forgiven by name, or refused with a code that says why.
import assert from 'node:assert/strict';
import { AttestationError } from '../../../src/core/error.ts';
import {
  leniencies,
  parseCertificate,
  readCertificateObservation,
  verifyCertificatePath,
  type CertificateObservation,
} from '../../../src/core/x509/index.ts';
import { anchorOf, pkiDate } from '../../support/pki.ts';
import { keyShapes } from './shapes-keys.ts';
import { nameShapes } from './shapes-names.ts';
import { profileShapes } from './shapes-profiles.ts';
import type { Shape } from './shape.ts';

const groups: Readonly<Record<string, readonly Shape[]>> = {
  'keys and signatures': keyShapes,
  'names, dates and numbers': nameShapes,
  'extensions and makers': profileShapes,
};

/** The leniencies granted, or the code of the refusal. */
function outcome({ bytes, root, intermediates = [], legacy = false, profile = 'ek', scope = 'vendor' }: Shape) {
  try {
    const trusted = verifyCertificatePath({
      leaf: parseCertificate(bytes),
      intermediates: intermediates.map(({ certificate }) => certificate),
      anchors: [anchorOf(root, { legacy, scope })],
      at: pkiDate,
      profile,
    });
    return trusted.leniencies.map(({ id }) => id);
  } catch (error) {
    if (error instanceof AttestationError) return error.code;
    throw error;
  }
}

/** What is observed of a shape, of what it expects. */
function observed({ bytes, root, intermediates = [], facts = {} }: Shape): Partial<CertificateObservation> {
  const seen = readCertificateObservation(bytes, [root.der, ...intermediates.map(({ der }) => der)]);
  return Object.fromEntries(Object.keys(facts).map((name) => [name, seen[name as keyof CertificateObservation]]));
}

for (const [group, shapes] of Object.entries(groups)) {
  describe(`certificates in the shapes of the world: ${group}`, () => {
    for (const shape of shapes) {
      it(`${typeof shape.outcome === 'string' ? 'refuses' : 'accepts'} ${shape.title}`, () => {
        assert.deepEqual(outcome(shape), shape.outcome);
        assert.deepEqual(observed(shape), shape.facts ?? {});
      });
    }
  });
}

describe('the table of leniencies', () => {
  it('has for each leniency a certificate of that shape, and no other is ever granted', () => {
    const shown = Object.values(groups).flatMap((shapes) => shapes.flatMap(outcome));
    const granted = new Set(shown.filter((id) => !id.startsWith('X509_')));
    assert.deepEqual([...granted].toSorted(), Object.keys(leniencies).toSorted());
  });
});
