// What a memory of certificates must never do: make an endorsement look other than it is now.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { judgeEndorsement, type EnrolledHost } from '../../../src/core/endorsement/index.ts';
import type { CertificateMemory } from '../../../src/core/x509/index.ts';
import { anchorOf, makeCrl, makeEk, makeIntermediate, makeRoot, pkiDate } from '../../support/pki.ts';

const root = makeRoot();
const issuing = makeIntermediate(root);
const leaf = makeEk(issuing);
const leaves = [leaf, makeEk(root), makeEk(makeIntermediate(makeRoot({ name: 'unknown' })))];
const rules = { allowUnverifiedEk: false, deviceIdentity: 'off' } as const;
const year = 365 * 86_400_000;

describe('the standing of an endorsement', () => {
  it('is the same with a memory and without, while anchors, lists and time go on changing (property)', () => {
    const memory: CertificateMemory = { read: new Map(), signatures: new WeakMap() };
    const question = fc.record({
      leaf: fc.constantFrom(...leaves),
      chain: fc.subarray([issuing]),
      anchors: fc.subarray([anchorOf(root), anchorOf(makeRoot({ name: 'other' }))]),
      revocationLists: fc.subarray([makeCrl(issuing), makeCrl(root), makeCrl(issuing, { revoked: [leaf] })]),
      at: fc.constantFrom(pkiDate, new Date(pkiDate.getTime() + 50 * year)),
    });
    const seen = new Set<string>();
    const [anchors, lists] = [[anchorOf(root)], [makeCrl(root), makeCrl(issuing, { revoked: [leaf] })]];
    // Chance alone seldom finds the one that is revoked.
    const revoked = { leaf, chain: [issuing], anchors, revocationLists: lists, at: pkiDate };
    fc.assert(
      fc.property(question, ({ leaf: { certificate }, chain, anchors, revocationLists, at }) => {
        const host: EnrolledHost = {
          enrolledAt: pkiDate.getTime(),
          ekDigest: new Uint8Array(32),
          ekCertificate: certificate.der,
          ekChain: chain.map(({ certificate: { der } }) => der),
          platformCertificates: [],
          deviceIdentity: undefined,
          endorser: undefined,
        };
        const roots = { anchors, platformAnchors: [], intermediates: [], revocationLists };
        const plain = judgeEndorsement(host, roots, { rules, at });
        seen.add(plain.endorsement);
        for (let time = 0; time < 2; time += 1)
          assert.deepEqual(judgeEndorsement(host, roots, { rules, at, memory }), plain);
      }),
      { numRuns: 200, examples: [[revoked]] },
    );
    assert.deepEqual([...seen].sort(), ['missing', 'revoked', 'unchecked', 'verified']);
  });
});
