// Who vouches for a host now, and what a memory of certificates must never do: make that look other than it is.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { judgeEndorsement, standingOf, type EndorsementRoots, type EndorsementRules, type EnrolledHost } from '../../../src/core/endorsement/index.ts'; // prettier-ignore
import { encodePublic } from '../../../src/core/tpm/index.ts';
import type { CertificateMemory, RevocationMode } from '../../../src/core/x509/index.ts';
import { certifyIdentity, paperIak } from '../../support/device-identity.ts';
import { anchorOf, makeCrl, makeEk, makeIntermediate, makeRoot, pkiDate, testKey } from '../../support/pki.ts';
import { ek, enrolledHost, machineIssuer, machineRoot, rootsOf, tpmIssuer, tpmRoot, year } from './enrolment.ts';

const leaves = [ek, makeEk(tpmRoot), makeEk(makeIntermediate(makeRoot({ name: 'unknown' })))];
const rules = { allowUnverifiedEk: false, deviceIdentity: 'off' } as const;

describe('the standing of an endorsement', () => {
  it('is the same with a memory and without, while anchors, lists and time go on changing (property)', () => {
    const memory: CertificateMemory = { read: new Map(), signatures: new WeakMap() };
    const question = fc.record({
      leaf: fc.constantFrom(...leaves),
      chain: fc.subarray([tpmIssuer]),
      anchors: fc.subarray([anchorOf(tpmRoot), anchorOf(makeRoot({ name: 'other' }))]),
      revocationLists: fc.subarray([makeCrl(tpmIssuer), makeCrl(tpmRoot), makeCrl(tpmIssuer, { revoked: [ek] })]),
      at: fc.constantFrom(pkiDate, new Date(pkiDate.getTime() + 50 * year)),
    });
    const seen = new Set<string>();
    const [anchors, lists] = [[anchorOf(tpmRoot)], [makeCrl(tpmRoot), makeCrl(tpmIssuer, { revoked: [ek] })]];
    // Chance alone seldom finds the one that is revoked.
    const revoked = { leaf: ek, chain: [tpmIssuer], anchors, revocationLists: lists, at: pkiDate };
    fc.assert(
      fc.property(question, ({ leaf: { certificate }, chain, anchors, revocationLists, at }) => {
        const host = enrolledHost({
          ekCertificate: certificate.der,
          ekChain: chain.map(({ certificate: { der } }) => der),
          endorser: undefined,
        });
        const roots = rootsOf({ anchors, revocationLists });
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

describe('who vouches for a host', () => {
  const lax = { allowUnverifiedEk: true, deviceIdentity: 'off' } as const;
  const revoking = rootsOf({ revocationLists: [makeCrl(tpmIssuer, { revoked: [ek] })] });
  const strangers = rootsOf({ anchors: [anchorOf(makeRoot({ name: 'stranger' }))] });
  const demanding = (...revocationLists: EndorsementRoots['revocationLists']) =>
    rootsOf({ anchors: [anchorOf(tpmRoot, { revocation: 'require' })], revocationLists });
  const standing = (
    host: Partial<EnrolledHost>,
    roots: EndorsementRoots,
    { rules: taken = rules, at = pkiDate }: { readonly rules?: EndorsementRules; readonly at?: Date } = {},
  ) => standingOf(enrolledHost(host), roots, { rules: taken, at }).endorsement;

  it('is its maker, as long as the anchor is there and no list speaks against it; where lists are demanded, they are fresh and its own', () => {
    const fresh = makeCrl(tpmIssuer);
    const ofRoot = makeCrl(tpmRoot);
    const stale = makeCrl(tpmIssuer, { nextUpdate: new Date('2026-05-26T00:00:00Z') });
    const forged = makeCrl(tpmIssuer, { forger: testKey('p256', 'forger') });
    const cases: readonly (readonly [EndorsementRoots, string])[] = [
      [rootsOf(), 'verified'],
      [revoking, 'revoked'],
      [strangers, 'missing'],
      [demanding(fresh, ofRoot), 'verified'],
      [demanding(), 'unchecked'],
      [demanding(stale, ofRoot), 'unchecked'],
      [demanding(forged, ofRoot), 'unchecked'],
    ];
    for (const [roots, expected] of cases) assert.equal(standing({}, roots), expected);
  });

  it('is whoever registered that very key, whatever the maker says of it; of another key that says nothing', () => {
    const { ekDigest } = enrolledHost();
    const registered = { endorser: { id: encodeHex(ekDigest) } };
    for (const roots of [rootsOf(), revoking, strangers, demanding()]) {
      assert.deepEqual(standingOf(enrolledHost(registered), roots, { rules, at: pkiDate }), {
        endorsement: 'verified',
        leniencies: [],
      });
    }
    assert.equal(standing({ endorser: { id: encodeHex(ekDigest.with(0, 0)) } }, revoking), 'revoked');
  });

  it('is nobody for who enrolled without, also once a certificate would do; and one that is revoked counts even so', () => {
    const [strict, open] = [{ rules }, { rules: lax }];
    const unvouched = { endorser: undefined };
    for (const host of [unvouched, { ...unvouched, ekCertificate: undefined, ekChain: [] }]) {
      assert.equal(standing(host, rootsOf(), strict), 'missing');
      assert.equal(standing(host, rootsOf(), open), 'unverified');
    }
    assert.equal(standing(unvouched, revoking, strict), 'revoked');
    assert.equal(standing(unvouched, revoking, open), 'revoked');
    assert.equal(standing({ ekCertificate: undefined, ekChain: [] }, rootsOf()), 'missing');
  });

  it('is told with what was forgiven, and with whose certificate nobody has', () => {
    const oldRoot = makeRoot({ name: 'old root', kind: 'rsa2048' });
    const old = makeEk(oldRoot, { fault: 'SHA-1 signature' });
    const forgiving = rootsOf({ anchors: [anchorOf(oldRoot, { legacy: true })] });
    const oldHost = { ekCertificate: old.der, ekChain: [] };
    const told = standingOf(enrolledHost(oldHost), forgiving, { rules, at: pkiDate });
    assert.deepEqual(told.leniencies.map(({ id }) => id), ['sha1-signature']); // prettier-ignore
    const unvouched = standingOf(enrolledHost({ ...oldHost, endorser: undefined }), forgiving, { rules, at: pkiDate });
    assert.deepEqual([unvouched.endorsement, unvouched.leniencies], ['missing', []]);

    const missing = (host: Partial<EnrolledHost>, roots: EndorsementRoots) =>
      standingOf(enrolledHost(host), roots, { rules, at: pkiDate }).missingIssuer?.name;
    const { subject } = tpmIssuer.certificate;
    for (const endorser of [undefined, enrolledHost().endorser])
      assert.equal(missing({ endorser, ekChain: [] }, rootsOf()), subject);
    assert.equal(missing({ ekChain: [] }, rootsOf({ intermediates: [tpmIssuer.certificate] })), undefined);
    // The root is there, but not trusted; and a list that is missing is no certificate.
    assert.equal(missing({ ekChain: [tpmIssuer.der, tpmRoot.der] }, strangers), undefined);
    assert.equal(missing({}, demanding()), undefined);
    assert.equal(missing(oldHost, rootsOf({ anchors: [anchorOf(oldRoot)] })), undefined);
  });

  it('is the maker of the machine where the EK is not proven and the IAK is, if the configuration takes that', () => {
    const key = testKey('p256', 'IAK');
    const certificate = certifyIdentity(machineIssuer, key.spki, { notAfter: new Date(pkiDate.getTime() + year) });
    const publicArea = encodePublic(paperIak(key).public);
    const deviceIdentity = { certificate: certificate.der, chain: [machineIssuer.der], publicArea };
    const another = { ...deviceIdentity, publicArea: encodePublic(paperIak(testKey('p256', 'another IAK')).public) };
    const unproven = { ekCertificate: undefined, ekChain: [] };
    const accepted = { ...rules, deviceIdentity: 'accepted' } as const;
    const required = { ...rules, deviceIdentity: 'required' } as const;
    const machines = (revocation: RevocationMode, ...revocationLists: EndorsementRoots['revocationLists']) =>
      rootsOf({ platformAnchors: [anchorOf(machineRoot, { scope: 'platform', revocation })], revocationLists });
    const revoked = makeCrl(machineIssuer, { revoked: [{ ...machineIssuer, certificate }] });
    const good = rootsOf();
    const cases: readonly (readonly [Partial<EnrolledHost>, EndorsementRoots, EndorsementRules, string])[] = [
      [{ ...unproven, deviceIdentity }, good, accepted, 'verified'],
      [{ deviceIdentity }, strangers, accepted, 'verified'],
      [{ deviceIdentity }, strangers, required, 'verified'],
      [{ deviceIdentity }, strangers, rules, 'missing'],
      [unproven, good, accepted, 'missing'],
      [{ ...unproven, deviceIdentity: another }, good, accepted, 'missing'],
      [{ ...unproven, deviceIdentity }, rootsOf({ platformAnchors: [] }), accepted, 'missing'],
      [{ ...unproven, deviceIdentity }, machines('if-present', revoked), accepted, 'revoked'],
      [{ ...unproven, deviceIdentity }, machines('require'), accepted, 'unchecked'],
      // An EK that is proven, or revoked, is what counts; beside one that is proven an IAK that is required must not be revoked.
      [{ deviceIdentity }, machines('if-present', revoked), accepted, 'verified'],
      [{ deviceIdentity }, machines('if-present', revoked), required, 'revoked'],
      [{ deviceIdentity }, machines('if-present', makeCrl(machineIssuer)), required, 'verified'],
      [{ deviceIdentity }, revoking, accepted, 'revoked'],
    ];
    for (const [host, roots, taken, expected] of cases) assert.equal(standing(host, roots, { rules: taken }), expected);
    // Valid when the host enrolled; a list is asked as of now.
    const later = { rules: accepted, at: new Date(pkiDate.getTime() + 2 * year) };
    assert.equal(standing({ ...unproven, deviceIdentity }, good, later), 'verified');
    assert.equal(standing({ ...unproven, deviceIdentity, enrolledAt: later.at.getTime() }, good, later), 'missing');
    const fresh = machines('require', makeCrl(machineIssuer), makeCrl(machineRoot));
    assert.equal(standing({ ...unproven, deviceIdentity }, fresh, { rules: accepted }), 'verified');
    assert.equal(standing({ ...unproven, deviceIdentity }, fresh, later), 'unchecked');
  });
});
