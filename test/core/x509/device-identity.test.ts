import assert from 'node:assert/strict';
import { VerificationError } from '../../../src/core/error.ts';
import { verifyDeviceIdentity } from '../../../src/core/x509/index.ts';
import { certifyIdentity, paperIak, type IdentityParts } from '../../support/device-identity.ts';
import { anchorOf, makeCrl, makeIntermediate, makeRoot, pkiDate, testKey } from '../../support/pki.ts';
import { refusesWith } from './refusal.ts';

const root = makeRoot({ name: 'Machines root' });
const issuing = makeIntermediate(root, { name: 'Machines CA' });
const key = testKey('p256', 'IAK');

const usual = { iak: paperIak(key), intermediates: [issuing.certificate], anchors: [anchorOf(root)], at: pkiDate };
const verify = (parts: Partial<IdentityParts> = {}, changes: Partial<typeof usual> = {}) =>
  verifyDeviceIdentity({ certificate: certifyIdentity(issuing, key.spki, parts), ...usual, ...changes });
const refuses = (code: string, parts: Partial<IdentityParts>, changes: Partial<typeof usual> = {}) =>
  refusesWith(VerificationError, code, () => verify(parts, changes));

describe('verifyDeviceIdentity', () => {
  it('accepts a certified key of a TPM, restricted by its purpose or by a policy', () => {
    for (const restrictedBy of ['purpose', 'policy'] as const) {
      const { hardware, digests } = verify({ restrictedBy });
      assert.equal(Buffer.from(hardware.serial).toString(), 'TPM-0815');
      assert.deepEqual(
        digests.map(({ length }) => length),
        [32, 32],
      );
    }
    const [, serial] = verify().digests;
    assert.deepEqual(verify({ restrictedBy: 'policy' }).digests[1], serial);
    assert.notDeepEqual(verify({ serial: 'TPM-0816' }).digests[1], serial);
  });

  it('rejects when there is nothing to verify against', () => {
    refuses('X509_PATH_NOTHING_TO_TRUST', {}, { anchors: [] });
  });

  it('1: rejects an unknown root, a certificate past its end, and a revoked one', () => {
    refuses('X509_PATH_NO_ANCHOR', {}, { anchors: [anchorOf(makeRoot({ name: 'Stranger' }))] });
    refuses('X509_PATH_EXPIRED', { notAfter: new Date('2026-05-31T00:00:00Z') });
    const certificate = certifyIdentity(issuing, key.spki);
    const crls = [makeCrl(issuing, { revoked: [{ ...issuing, certificate }] })];
    refusesWith(VerificationError, 'X509_CERTIFICATE_REVOKED', () =>
      verifyDeviceIdentity({ ...usual, certificate, crls }),
    );
  });

  it('2: rejects an IDevID, whose key signs whatever it is given', () => {
    refuses('X509_DEVICE_KEY_UNRESTRICTED', { restrictedBy: 'nothing' });
  });

  it('3: rejects one that names no TPM by its serial number', () => {
    refuses('X509_DEVICE_NO_SERIAL', { withSerial: false });
    refuses('X509_DEVICE_NO_SERIAL', { serial: '' });
    refuses('X509_DEVICE_NO_SERIAL', { hardwareType: '2.23.133.1.1' });
  });

  it('4: rejects the certificate of another key', () => {
    refuses('X509_DEVICE_KEY_MISMATCH', {}, { iak: paperIak(testKey('p256', 'another IAK')) });
  });
});
