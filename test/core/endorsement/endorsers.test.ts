// All that vouches for a TPM can be denied: its key, each certificate above it, and who registered it.
import assert from 'node:assert/strict';
import { hashHex } from '../../../src/core/crypto/index.ts';
import { denyRulesOf, type DenyEntry } from '../../../src/core/deny/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { endorsersOf, isEndorserDenied, type EnrolledHost } from '../../../src/core/endorsement/index.ts';
import { encodePublic } from '../../../src/core/tpm/index.ts';
import { certifyIdentity, paperIak } from '../../support/device-identity.ts';
import { malleated } from '../../support/malleated.ts';
import { makeEk, makeIntermediate, makeRoot, pkiDate, testKey } from '../../support/pki.ts';
import { ek, enrolledHost, machineIssuer, machineRoot, rootsOf, tpmIssuer, tpmRoot } from './enrolment.ts';

const until = new Date(pkiDate.getTime() + 1000);

function denying(sha256: string, ends?: Date) {
  const denies = { kind: 'endorsement', sha256 } as const;
  const entry: DenyEntry = { id: 'one', reason: 'test', cves: [], denies, ...(ends ? { until: ends } : {}) };
  return denyRulesOf([{ name: 'list', version: 1, issuedAt: pkiDate, entries: [entry] }]);
}

const sha256 = (der: Uint8Array) => hashHex('sha256', der);
const registered = { endorser: { id: 'e'.repeat(64) } };
const key = encodeHex(enrolledHost().ekDigest);
const isDenied = (host: Partial<EnrolledHost>, digest: string, roots = rootsOf(), at = pkiDate) =>
  isEndorserDenied(enrolledHost(host), roots, { denied: denying(digest), at });

describe('who may be denied of those that vouch for a host', () => {
  it('is the key of its TPM, its certificate, each issuer that the host sent or the server has, and the endorser', () => {
    const stored = rootsOf({ intermediates: [tpmRoot.certificate] });
    for (const digest of [key, sha256(ek.der), sha256(tpmIssuer.der), sha256(tpmRoot.der), registered.endorser.id])
      assert.ok(isDenied(registered, digest, stored), digest);
    for (const digest of [sha256(machineRoot.der), 'f'.repeat(64)]) assert.ok(!isDenied(registered, digest, stored));
    assert.ok(!isDenied(registered, sha256(tpmRoot.der)));
    // Of a host without a certificate: its key, and who registered it.
    const bare = { ...registered, ekCertificate: undefined, ekChain: [] };
    for (const digest of [key, registered.endorser.id]) assert.ok(isDenied(bare, digest), digest);
    assert.ok(!isDenied(bare, sha256(ek.der)));
    assert.ok(!isDenied({ ...bare, endorser: undefined }, registered.endorser.id));
  });

  it('is each certificate in whichever form the host shows it: a signature by ECDSA has two, and anybody makes the other', () => {
    for (const [kind, curve] of [
      ['p256', 'P-256'],
      ['p384', 'P-384'],
    ] as const) {
      const root = makeRoot({ kind, name: `Root on ${curve}` });
      const issuer = makeIntermediate(root, { kind, name: `Issuer on ${curve}` });
      const leaf = makeEk(issuer);
      const [own, other] = [leaf, issuer].map(({ der }) => [der, malleated(der, curve)] as const);
      assert.ok(own && other);
      for (const ekCertificate of own) {
        for (const authority of other) {
          const host = { ekCertificate, ekChain: [authority] };
          for (const der of [...own, ...other]) assert.ok(isDenied(host, sha256(der)), kind);
          assert.ok(!isDenied(host, sha256(root.der)));
        }
      }
    }
  });

  it('is the certificate of the initial attestation key, too, and each issuer of it', () => {
    const iak = testKey('p256', 'iak');
    const device = certifyIdentity(machineIssuer, iak.spki);
    const publicArea = encodePublic(paperIak(iak).public);
    const deviceIdentity = { certificate: device.der, chain: [machineIssuer.der], publicArea };
    const host = { ekCertificate: undefined, ekChain: [], deviceIdentity };
    for (const der of [device.der, machineIssuer.der]) {
      assert.ok(isDenied(host, sha256(der)));
      assert.ok(!isDenied({ ...host, deviceIdentity: undefined }, sha256(der)));
    }
    assert.ok(isDenied(host, sha256(machineRoot.der), rootsOf({ intermediates: [machineRoot.certificate] })));
  });

  it('is told once each, and nobody where no list names an endorser', () => {
    const self = { endorser: { id: key } };
    const denied = denying(key);
    const told = endorsersOf(enrolledHost(self), rootsOf(), denied);
    for (const digest of [key, sha256(ek.der), sha256(tpmIssuer.der)]) assert.ok(told.includes(digest), digest);
    assert.equal(new Set(told).size, told.length);
    assert.deepEqual(endorsersOf(enrolledHost({ ...self, ekCertificate: undefined }), rootsOf(), denied), [key]);
    const other = denyRulesOf([{ name: 'list', version: 1, issuedAt: pkiDate, entries: [{ id: 'one', reason: 'test', cves: [], denies: { kind: 'golden', id: 'a' } }] }]); // prettier-ignore
    assert.ok(other);
    for (const none of [undefined, other]) {
      // Not even read: certificates cost.
      const unreadable = enrolledHost({ ...self, ekCertificate: Uint8Array.of(1) });
      assert.deepEqual(endorsersOf(unreadable, rootsOf(), none), []);
      assert.equal(isEndorserDenied(unreadable, rootsOf(), { denied: none, at: pkiDate }), false);
    }
  });

  it('is denied until the entry ends', () => {
    const host = enrolledHost();
    const at = (milliseconds: number) =>
      isEndorserDenied(host, rootsOf(), { denied: denying(key, until), at: new Date(milliseconds) });
    assert.deepEqual([at(until.getTime() - 1), at(until.getTime())], [true, false]);
  });
});
