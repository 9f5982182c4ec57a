// Conformance holds nothing back: whatever leaf of whatever expectation is another, the case fails and its mismatch says where.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Reading } from '../../../src/cli/conformance/observation.ts';
import { certificateReading } from '../../../src/cli/conformance/observe-certificate.ts';
import { corimReading } from '../../../src/cli/conformance/observe-corim.ts';
import { earReading } from '../../../src/cli/conformance/observe-ear.ts';
import { eventLogReading } from '../../../src/cli/conformance/observe-event-log.ts';
import { imaReading } from '../../../src/cli/conformance/observe-ima.ts';
import { quoteReading } from '../../../src/cli/conformance/observe-quote.ts';
import { openVectors, readExpectation, type Expectation, type Vectors } from '../../../src/cli/conformance/vectors.ts';
import { vectorsPath } from '../../support/vectors.ts';
import { alterationsOf } from './alterations.ts';
import { makeVectors } from './lab-vectors.ts';

interface Kind {
  readonly reading: Reading;
  /** What says something of the file that is read. Everything else is a note, a place, or what other readers made of it. */
  readonly compared: readonly string[];
  /** Without these, and a file that can be read, nothing is expected. */
  readonly needed: readonly string[];
}

const kinds: Readonly<Record<string, Kind>> = {
  eventlog: {
    reading: eventLogReading,
    compared: ['parse', 'format', 'register_model', 'events', 'banks', 'startup_locality', 'hcrtm_event', 'secure_boot', 'replayed'], // prettier-ignore
    needed: ['parse', 'replayed'],
  },
  ima: {
    reading: imaReading,
    compared: ['parse', 'entries', 'templates', 'pcrs', 'digest_algs', 'violations', 'violation_entries', 'boot_aggregate', 'replay'], // prettier-ignore
    needed: ['parse', 'replay'],
  },
  quote: {
    reading: quoteReading,
    compared: ['verdict', 'signature_valid', 'nonce_matches', 'pcr_digest_matches', 'attest'],
    needed: [],
  },
  certs: {
    reading: certificateReading,
    compared: ['type', 'serial_hex', 'ca', 'tpm_manufacturer', 'tpm_model', 'tpm_version', 'chain_complete_to_root', 'certificates'], // prettier-ignore
    needed: [],
  },
  ear: { reading: earReading, compared: ['valid', 'profile', 'status', 'trustworthiness', 'submods'], needed: [] },
  corim: {
    reading: corimReading,
    compared: ['type', 'parse', 'signature_valid', 'should_verify', 'verdict', 'profile_validation'],
    needed: [],
  },
};

/** The members of one expectation that say something: bytes that cannot be read say that only, and a token says its verdict. */
function comparedIn(kind: string, file: string, expect: Expectation): readonly string[] {
  const present = (kinds[kind]?.compared ?? []).filter((name) => name in expect);
  const isUnreadable = ['eventlog', 'ima'].includes(kind) && /^error/.test(String(expect['parse']));
  if (isUnreadable) return ['parse'];
  if (kind === 'ear' && 'verdict' in expect) return ['verdict'];
  // Only the profiles of TPMs are held to their rules.
  const isHeld = /parsec|enacttrust/.test(file);
  return isHeld ? present : present.filter((name) => name !== 'profile_validation');
}

/** Alterations that go unnoticed, over all cases of a kind that Touchstone reads; and how many were tried. */
async function findHoles(vectors: Vectors, wanted: string): Promise<{ holes: readonly string[]; tried: number }> {
  const kind = kinds[wanted];
  assert.ok(kind !== undefined);
  let tried = 0;
  const holes: string[] = [];
  for (const vectorCase of vectors.cases.filter((one) => one.kind === wanted)) {
    const { file } = vectorCase;
    const observed = await kind.reading.observe(vectors, vectorCase);
    const expect = readExpectation(vectors, vectorCase);
    assert.deepEqual(kind.reading.compare(expect, observed), [], file);
    const compared = comparedIn(wanted, file, expect);
    const altered = [...alterationsOf(expect, compared), ...removals(expect, kind.needed.filter((name) => compared.includes(name)))]; // prettier-ignore
    tried += altered.length;
    for (const { path, how, expect: other } of altered) {
      const fields = kind.reading.compare(other, observed).map(({ field }) => field);
      const isNoticed = isHarmless(path, how, expect) || fields.some((field) => isSame(field, path));
      if (!isNoticed) holes.push(`${file}: ${path} ${how}`);
    }
  }
  return { holes, tried };
}

/** A bank that nothing extends may be left out. A list says nothing of banks that its expectation leaves out. */
function isHarmless(path: string, how: string, expect: Expectation): boolean {
  return how === 'removed' && /^replay\.\d+\.\w+$/.test(path) && 'replay' in expect;
}

/** The mismatch is at the leaf, or names the whole that the leaf is missing from. */
const isSame = (field: string, path: string) => field === path || field.startsWith(`${path}.`) || path.startsWith(`${field}.`); // prettier-ignore

const removals = (expect: Expectation, names: readonly string[]) =>
  names.map((name) => ({
    path: name,
    how: 'removed' as const,
    expect: Object.fromEntries(Object.entries(expect).filter(([other]) => other !== name)),
  }));

describe('an altered expectation', () => {
  let folder = '';
  let own: Vectors;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-vectors-'));
    writeFileSync(join(folder, 'index.json'), JSON.stringify(await makeVectors(folder)));
    own = openVectors(folder);
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const kind of Object.keys(kinds)) {
    it(`fails a case of ours, whichever leaf it is: ${kind}`, async () => {
      const { holes, tried } = await findHoles(own, kind);
      assert.deepEqual(holes, []);
      assert.ok(tried > 0);
    });

    const published = vectorsPath();
    if (published === undefined) continue;
    it(`fails a published case, whichever leaf it is: ${kind}`, async () => {
      const { holes, tried } = await findHoles(openVectors(published), kind);
      assert.deepEqual(holes, []);
      assert.ok(tried > 20);
    });
  }
});
