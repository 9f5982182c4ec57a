import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  parseCertificate,
  recallCertificate,
  verifyCertificatePath,
  type Certificate,
  type CertificateMemory,
} from '../../../src/core/x509/index.ts';
import { anchorOf, makeCrl, makeEk, makeIntermediate, makeRoot, pkiDate, testKey } from '../../support/pki.ts';

const root = makeRoot();
const issuing = makeIntermediate(root);
const impostor = makeIntermediate(makeRoot({ name: 'other root' }), { name: 'impostor' });
const leaf = makeEk(issuing);
const later = new Date('2100-01-01T00:00:00Z');
const day = (text: string) => new Date(`${text}T00:00:00Z`);

const lists = [
  makeCrl(root),
  makeCrl(issuing),
  makeCrl(issuing, { revoked: [leaf] }),
  makeCrl(root, { revoked: [issuing] }),
  makeCrl(issuing, { forger: testKey('p256', 'forger') }),
  makeCrl(issuing, { thisUpdate: day('2026-04-01'), nextUpdate: day('2026-05-01') }),
];
const anchors = [anchorOf(root), anchorOf(makeRoot({ name: 'third root' })), anchorOf(root, { revocation: 'require' })];

function createMemory(): CertificateMemory & { readonly read: Map<string, Certificate> } {
  return { read: new Map(), signatures: new WeakMap() };
}

/** What it ends with, or the code of its refusal. */
function outcomeOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
}

/** One bit of a certificate changed, or none. */
const bytes = fc
  .record({
    of: fc.constantFrom(leaf, issuing, impostor),
    at: fc.nat({ max: 400 }),
    bit: fc.constantFrom(0, 0, 0, 1, 128),
  })
  .map(({ of, at, bit }) => of.certificate.der.map((byte, index) => (index === at ? byte ^ bit : byte)));

const question = fc.record({
  leaf: bytes,
  intermediates: fc.array(bytes, { maxLength: 3 }),
  anchors: fc.subarray(anchors),
  crls: fc.subarray(lists),
  at: fc.constantFrom(pkiDate, pkiDate, day('2000-01-01'), later),
  revocationAt: fc.constantFrom(pkiDate, later),
});

describe('the memory of certificates', () => {
  it('changes no outcome of a path, whatever was asked before: bits, anchors, lists, dates (property)', () => {
    const memory = createMemory();
    const kinds = new Set<string>();
    const good = {
      leaf: leaf.certificate.der,
      intermediates: [issuing.certificate.der],
      anchors: anchors.slice(0, 1),
      crls: lists.slice(0, 0),
      at: pkiDate,
      revocationAt: pkiDate,
    };
    const ask = (
      one: typeof good,
      read: (der: Uint8Array) => Certificate,
      signatures?: CertificateMemory['signatures'],
    ) =>
      outcomeOf(() =>
        verifyCertificatePath({
          ...one,
          leaf: read(one.leaf),
          intermediates: one.intermediates.map(read),
          profile: 'ek',
          ...(signatures === undefined ? {} : { signatures }),
        }),
      );
    const ofEveryKind = fc.oneof(
      { weight: 2, arbitrary: question },
      { weight: 1, arbitrary: fc.subarray(lists).map((crls) => ({ ...good, crls })) },
    );
    fc.assert(
      fc.property(ofEveryKind, (one) => {
        const plain = ask(one, parseCertificate);
        kinds.add(typeof plain === 'string' ? plain : 'accepted');
        assert.deepEqual(
          ask(one, (der) => recallCertificate(der, memory), memory.signatures),
          plain,
        );
      }),
      { numRuns: 400 },
    );
    for (const kind of ['accepted', 'X509_CERTIFICATE_REVOKED', 'X509_CRL_SIGNATURE_INVALID'])
      assert.ok(kinds.has(kind), kind);
  });

  it('gives the same certificate again without reading it, and remembers no refusal', () => {
    const memory = createMemory();
    const { der } = leaf.certificate;
    assert.equal(recallCertificate(der, memory), recallCertificate(Uint8Array.from(der), memory));
    assert.throws(() => recallCertificate(der.subarray(0, 40), memory), { code: 'X509_CERTIFICATE_MALFORMED' });
    assert.equal(memory.read.size, 1);
  });

  it('verifies a signature once, and one that is wrong each time', () => {
    const { signatures } = createMemory();
    const forged = {
      ...leaf.certificate,
      signature: leaf.certificate.signature.map((byte, at) => (at > 8 ? byte ^ 1 : byte)),
    };
    const verify = (certificate: Certificate) =>
      outcomeOf(() => {
        const input = {
          leaf: certificate,
          intermediates: [issuing.certificate],
          anchors: [anchorOf(root)],
          at: pkiDate,
        };
        verifyCertificatePath({ ...input, profile: 'ek', signatures });
      });
    assert.equal(verify(leaf.certificate), undefined);
    assert.ok(signatures.get(leaf.certificate)?.has(issuing.certificate));
    assert.equal(verify(forged), 'X509_PATH_SIGNATURE_INVALID');
    assert.equal(signatures.get(forged), undefined);
  });

  it('does not look at bytes that its caller changes later', () => {
    const memory = createMemory();
    const der = Uint8Array.from(leaf.certificate.der);
    const certificate = recallCertificate(der, memory);
    der.fill(0);
    assert.deepEqual(certificate.der, leaf.certificate.der);
    assert.equal(recallCertificate(leaf.certificate.der, memory), certificate);
  });
});
