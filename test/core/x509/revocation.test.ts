import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { VerificationError } from '../../../src/core/error.ts';
import {
  derElement,
  derSequence,
  verifyCertificatePath,
  verifyRevocationList,
  type CertificateRevocationList,
  type PathInput,
  type RevocationMode,
} from '../../../src/core/x509/index.ts';
import {
  anchorOf,
  makeCrl,
  makeEk,
  makeIntermediate,
  makeRoot,
  pkiDate,
  testKey,
  type TestCertificate,
} from '../../support/pki.ts';
import { refusesWith } from './refusal.ts';

const root = makeRoot();
const issuing = makeIntermediate(root);
const leaf = makeEk(issuing);

function verify(
  crls: readonly CertificateRevocationList[],
  revocation: RevocationMode = 'if-present',
  more: Partial<PathInput> = {},
) {
  return verifyCertificatePath({
    leaf: leaf.certificate,
    intermediates: [issuing.certificate],
    anchors: [anchorOf(root)],
    at: pkiDate,
    profile: 'ek',
    crls,
    revocation,
    ...more,
  });
}

describe('revocation', () => {
  it('accepts a path whose issuers all have fresh lists that do not name it', () => {
    const other = makeEk(issuing, { label: 'revoked' });
    assert.deepEqual(verify([makeCrl(root), makeCrl(issuing, { revoked: [other] })], 'require').unchecked, []);
  });

  it('rejects a revoked leaf and a revoked intermediate', () => {
    for (const crl of [makeCrl(issuing, { revoked: [leaf] }), makeCrl(root, { revoked: [issuing] })]) {
      refusesWith(VerificationError, 'X509_CERTIFICATE_REVOKED', () => verify([crl]));
    }
  });

  it('names the certificates for which no list was at hand, and refuses them when lists are required', () => {
    assert.deepEqual(verify([makeCrl(issuing)]).unchecked, [issuing.certificate.subject]);
    assert.deepEqual(verify([makeCrl(root)]).unchecked, [`serial ${leaf.certificate.serialHex}`]);
    refusesWith(VerificationError, 'X509_CRL_MISSING', () => verify([makeCrl(issuing)], 'require'));
    refusesWith(VerificationError, 'X509_CRL_MISSING', () => verify([], 'require'));
  });

  it('believes what a partial list revokes, and nothing of its silence', () => {
    const partial = (crl: CertificateRevocationList) => ({ ...crl, isPartial: true });
    const silent = partial(makeCrl(issuing));
    assert.equal(verify([makeCrl(root), silent]).unchecked.length, 1);
    refusesWith(VerificationError, 'X509_CRL_MISSING', () => verify([makeCrl(root), silent], 'require'));
    assert.deepEqual(verify([makeCrl(root), silent, makeCrl(issuing)], 'require').unchecked, []);
    const naming = partial(makeCrl(issuing, { revoked: [leaf] }));
    refusesWith(VerificationError, 'X509_CERTIFICATE_REVOKED', () => verify([makeCrl(root), makeCrl(issuing), naming]));
  });

  it('believes the silence of a list of one distribution point about the certificates only that name it', () => {
    const uri = (text: string) => derElement(0x86, new TextEncoder().encode(text));
    const [one, other] = ['http://a.example/1.crl', 'http://a.example/2.crl'].map(uri);
    const shard = (crl: CertificateRevocationList) => ({ ...crl, points: [encodeHex(one ?? new Uint8Array())] });
    const naming = (...names: readonly (Uint8Array | undefined)[]) => {
      const points = names.map((name = new Uint8Array()) => derSequence(derElement(0xa0, derElement(0xa0, name))));
      const extension = { oid: '2.5.29.31', critical: false, value: derSequence(...points) };
      return { leaf: { ...leaf.certificate, extensions: [...leaf.certificate.extensions, extension] } };
    };
    const silent = [makeCrl(root), shard(makeCrl(issuing))];
    assert.deepEqual(verify(silent, 'require', naming(other, one)).unchecked, []);
    for (const certificate of [{}, naming(other), naming(Uint8Array.of(0x86, 9))]) {
      assert.equal(verify(silent, 'if-present', certificate).unchecked.length, 1);
      refusesWith(VerificationError, 'X509_CRL_MISSING', () => verify(silent, 'require', certificate));
    }
    const named = [makeCrl(root), shard(makeCrl(issuing, { revoked: [leaf] }))];
    refusesWith(VerificationError, 'X509_CERTIFICATE_REVOKED', () => verify(named, 'if-present', naming(other)));
  });

  it('rejects a stale list and one of the future, and still believes what an old list revoked', () => {
    const day = (text: string) => new Date(`${text}T00:00:00Z`);
    const stale = { thisUpdate: day('2026-04-01'), nextUpdate: day('2026-05-01') };
    refusesWith(VerificationError, 'X509_CRL_STALE', () => verify([makeCrl(issuing, stale)]));
    assert.equal(
      verify([makeCrl(issuing), makeCrl(issuing, stale)]).unchecked.length,
      1,
      'one that is fresh is enough',
    );
    const early = { thisUpdate: day('2026-07-01'), nextUpdate: day('2026-08-01') };
    refusesWith(VerificationError, 'X509_CRL_STALE', () => verify([makeCrl(issuing, early)]));
    const lists = [makeCrl(issuing), makeCrl(issuing, { ...stale, revoked: [leaf] })];
    refusesWith(VerificationError, 'X509_CERTIFICATE_REVOKED', () => verify(lists));
  });

  it('demands lists where the anchor does, and where it does not, as it is asked to', () => {
    const under = (mode: RevocationMode) => ({ anchors: [anchorOf(root, { revocation: mode })] });
    refusesWith(VerificationError, 'X509_CRL_MISSING', () => verify([], 'if-present', under('require')));
    assert.equal(verify([], 'require', under('if-present')).unchecked.length, 2);
  });

  it('believes a list from the moment of its making to the one it names for the next', () => {
    const list = makeCrl(issuing);
    const between = (revocationAt: Date) => verify([list], 'if-present', { revocationAt }).unchecked.length;
    const [first, last] = [list.thisUpdate, list.nextUpdate ?? pkiDate];
    assert.deepEqual([between(first), between(last)], [1, 1]);
    for (const at of [first.getTime() - 1, last.getTime() + 1])
      refusesWith(VerificationError, 'X509_CRL_STALE', () => between(new Date(at)));
  });

  it('rejects a list that somebody else signed in the name of the issuer', () => {
    const forged = makeCrl(issuing, { forger: testKey('p256', 'forger') });
    refusesWith(VerificationError, 'X509_CRL_SIGNATURE_INVALID', () => verify([forged]));
  });

  const verifyBelow = (authority: TestCertificate, crls: readonly CertificateRevocationList[], legacy = false) =>
    verifyCertificatePath({
      leaf: makeEk(authority).certificate,
      intermediates: [authority.certificate],
      anchors: [anchorOf(root, { legacy })],
      at: pkiDate,
      profile: 'ek',
      crls,
    });

  it('rejects a list by an authority that may sign none', () => {
    const mute = makeIntermediate(root, { name: 'signs no lists', fault: 'no cRLSign' });
    assert.equal(verifyBelow(mute, []).unchecked.length, 2);
    refusesWith(VerificationError, 'X509_CRL_SIGNATURE_INVALID', () => verifyBelow(mute, [makeCrl(mute)]));
    assert.throws(
      () => verifyBelow(mute, [makeCrl(mute)]),
      (error: VerificationError) => {
        assert.match(error.message, /may not sign revocation lists: its key usage has no cRLSign$/);
        assert.match(error.remedy ?? '', /import none: .* all of its TPMs denied\. .* by a deny list/);
        return true;
      },
    );
  });

  it('takes a list by an authority whose certificate does not say what its key may do', () => {
    const lax = makeIntermediate(root, { name: 'says nothing', fault: 'no keyUsage' });
    assert.equal(verifyBelow(lax, [makeCrl(lax)]).unchecked.length, 1);
  });

  it('rejects a list with a weak signature, except under an anchor marked legacy', () => {
    const old = makeIntermediate(root, { name: 'signs with SHA-1', kind: 'rsa2048' });
    const weak = makeCrl(old, { fault: 'SHA-1 signature' });
    refusesWith(VerificationError, 'X509_CRL_SIGNATURE_INVALID', () => verifyBelow(old, [weak]));
    assert.equal(verifyBelow(old, [weak], true).unchecked.length, 1);
  });

  it('takes a list that names no key for that of the authority of its name, and for nobody else’s', () => {
    const nameless = { fault: 'no key identifier', revoked: [leaf] } as const;
    assert.equal(makeCrl(issuing, nameless).authorityKeyIdHex, undefined);
    refusesWith(VerificationError, 'X509_CERTIFICATE_REVOKED', () => verify([makeCrl(issuing, nameless)]));
    assert.equal(verify([makeCrl(makeRoot({ name: 'other' }), nameless)]).unchecked.length, 2);
  });

  it('ignores the lists of other issuers, and of another key of the same name', () => {
    const namesake = makeIntermediate(root, { key: testKey('p256', 'namesake') });
    assert.equal(
      verify([makeCrl(namesake, { revoked: [leaf] }), makeCrl(makeRoot({ name: 'other' }))]).unchecked.length,
      2,
    );
  });
});

describe('a revocation list by itself', () => {
  const refuses = (crl: CertificateRevocationList, issuer: TestCertificate) =>
    refusesWith(VerificationError, 'X509_CRL_SIGNATURE_INVALID', () => verifyRevocationList(crl, issuer.certificate));

  it('is that of the issuer who made it, also where the certificate of that one names no key', () => {
    verifyRevocationList(makeCrl(issuing), issuing.certificate);
    verifyRevocationList(makeCrl(issuing), { ...issuing.certificate, subjectKeyIdHex: undefined });
  });

  it('is nobody else’s, by name or by key, and not one by a weak signature or by who may sign none', () => {
    refuses(makeCrl(issuing), root);
    refuses(makeCrl(issuing), makeIntermediate(root, { key: testKey('p256', 'namesake') }));
    // Of the same key, and another name.
    refuses(makeCrl(issuing), makeIntermediate(root, { name: 'other', key: issuing.key }));
    refuses(makeCrl(issuing, { forger: testKey('p256', 'forger') }), issuing);
    const old = makeIntermediate(root, { name: 'signs with SHA-1', kind: 'rsa2048' });
    refuses(makeCrl(old, { fault: 'SHA-1 signature' }), old);
    const mute = makeIntermediate(root, { name: 'signs no lists', fault: 'no cRLSign' });
    refuses(makeCrl(mute), mute);
  });
});
