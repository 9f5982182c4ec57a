import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { VerificationError } from '../../../src/core/error.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { parseCertificate, parseTrustAnchors, verifyEkCertificate } from '../../../src/core/x509/index.ts';
import { anchorOf, makeEk, makeRoot, pkiDate, publicTestKey } from '../../support/pki.ts';
import { labCertificate } from './lab.ts';
import { refusesWith } from './refusal.ts';

const pairs = [
  ['ek-rsa2048.crt', 'ek_rsa.pub'],
  ['ek-ecc-p256.crt', 'ek_ecc.pub'],
  ['ek-ecc-p384.crt', 'ek_ecc384.pub'],
] as const;

const rest = {
  intermediates: [parseCertificate(pemContents(labCertificate('issuercert.pem')))],
  anchors: parseTrustAnchors(labCertificate('swtpm-localca-rootca-cert.pem'), 'swtpm lab', 'virtual'),
  at: new Date('2026-11-24T00:00:00Z'),
};

const lab = (certificate: string, ekPublic: string) => ({
  ...rest,
  certificate: parseCertificate(labCertificate(certificate)),
  ekPublic: verifyEndorsementKey(labCertificate(ekPublic)),
});

describe('verifyEkCertificate', () => {
  it('accepts each endorsement key of a real software TPM with its own certificate', () => {
    for (const [certificate, ekPublic] of pairs) {
      const endorsement = verifyEkCertificate(lab(certificate, ekPublic));
      const spki = endorsement.certificate.leaf.spki;
      assert.deepEqual(Buffer.from(endorsement.ekDigest), createHash('sha256').update(spki).digest());
      assert.equal(endorsement.tpm?.model, 'swtpm');
      assert.equal(endorsement.manufacturerName, undefined);
    }
  });

  it('T1: rejects the EK certificate of one TPM beside the EK public area of another', () => {
    for (const [certificate] of pairs) {
      for (const [, ekPublic] of pairs.filter(([other]) => other !== certificate)) {
        refusesWith(VerificationError, 'X509_EK_KEY_MISMATCH', () => verifyEkCertificate(lab(certificate, ekPublic)));
      }
    }
    const root = makeRoot();
    const foreign = { ...lab('ek-rsa2048.crt', 'ek_rsa.pub'), at: pkiDate, anchors: [anchorOf(root)] };
    const otherTpm = makeEk(root, { kind: 'rsa2048', label: 'EK of another TPM' }).certificate;
    refusesWith(VerificationError, 'X509_EK_KEY_MISMATCH', () =>
      verifyEkCertificate({ ...foreign, certificate: otherTpm }),
    );
    const sameKey = publicTestKey(parseCertificate(labCertificate('ek-rsa2048.crt')).spki);
    const own = makeEk(root, { key: sameKey }).certificate;
    assert.equal(verifyEkCertificate({ ...foreign, certificate: own }).manufacturerName, 'STMicroelectronics');
  });

  it('rejects when there is nothing to verify against', () => {
    const input = { ...lab('ek-rsa2048.crt', 'ek_rsa.pub'), anchors: [] };
    refusesWith(VerificationError, 'X509_PATH_NOTHING_TO_TRUST', () => verifyEkCertificate(input));
  });

  it('rejects the right key under a root nobody chose', () => {
    const input = { ...lab('ek-rsa2048.crt', 'ek_rsa.pub'), anchors: [anchorOf(makeRoot())] };
    refusesWith(VerificationError, 'X509_PATH_NO_ANCHOR', () => verifyEkCertificate(input));
  });
});

function pemContents(pem: Uint8Array): Uint8Array {
  const text = new TextDecoder().decode(pem).replace(/-----[^-]+-----|\s/g, '');
  return new Uint8Array(Buffer.from(text, 'base64'));
}
