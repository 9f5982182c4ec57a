import assert from 'node:assert/strict';
import { VerificationError } from '../../../src/core/error.ts';
import { createAuthorityKeyIdentifier } from '../../../src/core/issuance/index.ts';
import { parseAttributeCertificate, verifyPlatformCertificate } from '../../../src/core/x509/index.ts';
import { derElement, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import {
  anchorOf,
  makeAk,
  makeCrl,
  makeEk,
  makeIntermediate,
  makeRoot,
  pkiDate,
  signer,
  testKey,
} from '../../support/pki.ts';
import {
  attribute,
  digestHolderOf,
  holderOf,
  makePlatform,
  type PlatformParts,
} from '../../support/platform-certificate.ts';
import { refusesWith } from './refusal.ts';

const tpmRoot = makeRoot();
const ek = makeEk(tpmRoot).certificate;
const otherEk = makeEk(tpmRoot, { label: 'another EK' }).certificate;
const root = makeRoot({ name: 'Machines root' });
const issuing = makeIntermediate(root, { name: 'Machines CA' });

const usual = { ekCertificate: ek, intermediates: [issuing.certificate], anchors: [anchorOf(root)], at: pkiDate };
const verify = (der: Uint8Array, changes: Partial<typeof usual & { crls: ReturnType<typeof makeCrl>[] }> = {}) =>
  verifyPlatformCertificate({ platform: parseAttributeCertificate(der), ...usual, ...changes });
const refuses = (code: string, der: Uint8Array, changes: Parameters<typeof verify>[1] = {}) =>
  refusesWith(VerificationError, code, () => verify(der, changes));
const make = (changes: Partial<PlatformParts> = {}) => makePlatform(issuing, ek, changes);

describe('verifyPlatformCertificate', () => {
  it('accepts a machine that its maker bound to this TPM: by serial number, certificate or key', () => {
    assert.equal(verify(make()).facts.model, 'TM-1000');
    assert.equal(verify(make()).anchor.certificate, root.certificate);
    for (const holder of [digestHolderOf(ek.der, 1), digestHolderOf(ek.spki, 0)]) verify(make({ holder }));
    verify(makePlatform(root, ek));
  });

  it('rejects when there is nothing to verify against', () => {
    refuses('X509_PATH_NOTHING_TO_TRUST', make(), { anchors: [] });
    refuses('X509_PLATFORM_HOLDER_OTHER', make({ holder: derSequence() }));
    refuses('X509_PLATFORM_KIND', make({ names: {} }));
  });

  it('4: rejects an authority whose key may sign no certificates', () => {
    const mute = makeIntermediate(root, { name: 'signs no certificates', fault: 'no keyCertSign' });
    refuses('X509_PATH_KEY_USAGE', makePlatform(mute, ek), { intermediates: [mute.certificate] });
  });

  it('1: rejects a delta, another kind, and one that names no machine', () => {
    const kind = (oid: string) => attribute('2.23.133.2.25', derSequence(derOid(oid)));
    refuses('X509_PLATFORM_KIND', make({ attributes: [kind('2.23.133.8.5')] }));
    refuses('X509_PLATFORM_KIND', make({ names: { '2.23.133.5.1.1': 'maker only' } }));
    verify(make({ attributes: [] }));
  });

  it('2: rejects the certificate of another TPM, and one that names a TPM in an unsupported way', () => {
    refuses('X509_PLATFORM_HOLDER_OTHER', make(), { ekCertificate: otherEk });
    refuses('X509_PLATFORM_HOLDER_OTHER', make({ holder: digestHolderOf(otherEk.der, 1) }));
    refuses('X509_PLATFORM_HOLDER_OTHER', make({ holder: digestHolderOf(ek.der, 2) }));
    refuses('X509_PLATFORM_HOLDER_OTHER', make({ holder: digestHolderOf(ek.der, 1, '1.3.14.3.2.26') }));
    const nameOnly = derSequence(derElement(0xa1, derElement(0xa4, ek.issuerDer)));
    refuses('X509_PLATFORM_HOLDER_OTHER', make({ holder: nameOnly }));
    const both = derSequence(holderOf(ek).subarray(2), derElement(0xa1, derElement(0xa4, otherEk.issuerDer)));
    refuses('X509_PLATFORM_HOLDER_OTHER', make({ holder: both }));
    const foreign = makeEk(makeRoot({ name: 'Another TPM maker' })).certificate;
    refuses('X509_PLATFORM_HOLDER_OTHER', make(), { ekCertificate: { ...foreign, serialHex: ek.serialHex } });
  });

  it('3: rejects one that is expired, not valid yet, or insists on what is not understood', () => {
    refuses('X509_PATH_EXPIRED', make({ notAfter: '20260531235959Z' }));
    refuses('X509_PATH_NOT_YET_VALID', make({ notBefore: '20260601000001Z' }));
    const extensions = [{ oid: '2.5.29.55', critical: true, value: derSequence() }];
    refuses('X509_PATH_CRITICAL_UNKNOWN', make({ extensions }));
  });

  it('4: rejects a stranger, a forged signature, and every flipped bit of the signed bytes', () => {
    const stranger = makeRoot({ name: 'Stranger' });
    refuses('X509_PATH_NO_ANCHOR', makePlatform(stranger, ek));
    refuses('X509_PATH_NO_ANCHOR', makePlatform(stranger, ek), { intermediates: [stranger.certificate] });
    refuses('X509_PATH_NO_ANCHOR', make(), { intermediates: [] });
    refuses('X509_PATH_SIGNATURE_INVALID', make({ sign: signer(stranger.key, undefined) }));
    const good = make();
    const { tbs } = parseAttributeCertificate(good);
    const start = tbs.byteOffset - good.byteOffset;
    for (let index = start; index < start + tbs.length; index += 1) {
      const changed = Uint8Array.from(good, (byte, at) => (at === index ? byte ^ 1 : byte));
      refusesWith(undefined, undefined, () => verify(changed), index);
    }
  });

  it('4: rejects SHA-1, weak keys, an issuer that is expired, and keys that may not sign it', () => {
    const rsa = makeIntermediate(root, { name: 'RSA CA', kind: 'rsa2048' });
    const sha1 = makePlatform(rsa, ek, {
      algorithm: derSequence(derOid('1.2.840.113549.1.1.5'), derElement(0x05)),
      sign: signer(rsa.key, 'SHA-1 signature'),
    });
    refuses('X509_PATH_ALGORITHM_WEAK', sha1, { intermediates: [rsa.certificate] });
    const weak = makeIntermediate(root, { name: 'weak CA', kind: 'rsa1024' });
    const weakly = makePlatform(weak, ek, {
      algorithm: derSequence(derOid('1.2.840.113549.1.1.11'), derElement(0x05)),
      sign: signer(weak.key, undefined),
    });
    refuses('X509_PATH_ALGORITHM_WEAK', weakly, { intermediates: [weak.certificate] });
    refuses('X509_PATH_ALGORITHM_WEAK', weakly, {
      anchors: [anchorOf(root, { legacy: true })],
      intermediates: [weak.certificate],
    });
    const expired = makeIntermediate(root, { name: 'expired CA', fault: 'expired' });
    refuses('X509_PATH_EXPIRED', makePlatform(expired, ek), { intermediates: [expired.certificate] });
    const cipher = makeAk(root, { subject: 'cipher', key: testKey('p256', 'cipher'), fault: 'wrong keyUsage' });
    const byCipher = makePlatform(cipher, ek, { extensions: [createAuthorityKeyIdentifier(cipher.key.spki)] });
    refuses('X509_PATH_KEY_USAGE', byCipher, { intermediates: [cipher.certificate] });
  });

  it('4: accepts a key that an authority certified for signing', () => {
    const signing = makeAk(root, { subject: 'platform signer', key: testKey('p256', 'platform signer') });
    verify(makePlatform(signing, ek), { intermediates: [signing.certificate] });
  });

  it('5: rejects one that its issuer revoked, or whose issuer was', () => {
    refuses('X509_CERTIFICATE_REVOKED', make(), { crls: [makeCrl(root, { revoked: [issuing] })] });
    const serial = { ...issuing, certificate: { ...issuing.certificate, serialHex: '7701' } };
    refuses('X509_CERTIFICATE_REVOKED', make(), { crls: [makeCrl(issuing, { revoked: [serial] })] });
    verify(make(), { crls: [makeCrl(root), makeCrl(issuing)] });
    const strict = [anchorOf(root, { revocation: 'require' })];
    refuses('X509_CRL_MISSING', make(), { anchors: strict, crls: [makeCrl(root)] });
    refuses('X509_CRL_STALE', make(), {
      anchors: strict,
      crls: [makeCrl(root), makeCrl(issuing, { nextUpdate: new Date('2026-05-30T00:00:00Z') })],
    });
  });
});
