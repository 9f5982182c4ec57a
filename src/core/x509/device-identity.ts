// Who is this machine: its initial attestation key (IAK), certified by the maker of the machine. [TCG-IDEVID §7, §8]
import { equalInConstantTime, hash, spkiDigest } from '../crypto/index.ts';
import { concatBytes, encodeUtf8 } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import type { AttestationKey } from '../tpm/index.ts';
import { ElementReader, readOid, tags } from './asn1.ts';
import type { Certificate, HardwareModule } from './certificate.ts';
import { deviceIdentityOids, extensionOids, purposeOids } from './oids.table.ts';
import { verifyCertificatePath, type PathInput, type TrustedCertificate } from './path.ts';

export interface DeviceIdentityInput extends Omit<PathInput, 'leaf' | 'profile'> {
  readonly certificate: Certificate;
  /** The key that the host says is certified. */
  readonly iak: AttestationKey;
}

declare const deviceIdentity: unique symbol;

/** An initial attestation key, certified by a trusted maker. Made here only. */
export interface TrustedDeviceIdentity {
  readonly [deviceIdentity]: true;
  readonly certificate: TrustedCertificate;
  readonly hardware: HardwareModule;
  /** What names this TPM and no other, 32 bytes each: its key, and its serial number as the maker wrote it. */
  readonly digests: readonly [key: Uint8Array, hardware: Uint8Array];
}

/** Proves:
 * 1. the certificate has a valid path at `at` and the form of a device identity (verifyCertificatePath);
 * 2. its issuer says that the key is restricted: it signs only what a TPM made. An IDevID is not, and could be made to sign a
 *    statement that no TPM made;
 * 3. it names the TPM, by a serial number that a maker writes once;
 * 4. it certifies the very key of `iak`.
 * Does not prove that the host has that TPM, nor anything about another key: only a statement that this key signs does
 * (core/tpm verifyCertify).
 * @throws VerificationError X509_DEVICE_*, and as verifyCertificatePath */
export function verifyDeviceIdentity({ certificate, iak, ...path }: DeviceIdentityInput): TrustedDeviceIdentity {
  const trusted = verifyCertificatePath({ ...path, leaf: certificate, profile: 'idevid' });
  if (!isRestricted(certificate)) {
    throw new VerificationError(
      'X509_DEVICE_KEY_UNRESTRICTED',
      'the certificate does not say that its key is restricted',
    );
  }
  const hardware = certificate.hardwareModule;
  if (hardware?.typeOid !== deviceIdentityOids.tpm20 || hardware.serial.length === 0) {
    throw new VerificationError('X509_DEVICE_NO_SERIAL', 'the certificate does not name a TPM by its serial number');
  }
  const key = spkiDigest(iak.public.publicKey);
  const certified = certificate.publicKey && spkiDigest(certificate.publicKey);
  if (certified === undefined || !equalInConstantTime(certified, key)) {
    throw new VerificationError(
      'X509_DEVICE_KEY_MISMATCH',
      'the certificate certifies another key than the one presented',
    );
  }
  const digests = [key, hash('sha256', concatBytes(encodeUtf8('hardware module\0'), hardware.serial))];
  return { certificate: trusted, hardware, digests } as unknown as TrustedDeviceIdentity;
}

/** Either its purpose says so, or the certificate policy by which the issuer states that it verified this (verifiedTPMRestricted). */
function isRestricted({ extendedKeyUsage, extensions }: Certificate): boolean {
  if (extendedKeyUsage?.includes(purposeOids.attestationKey) === true) return true;
  const policies = extensions.find(({ oid }) => oid === extensionOids.certificatePolicies)?.value;
  return policies !== undefined && readPolicies(policies).includes(deviceIdentityOids.verifiedRestricted);
}

/** CertificatePolicies ::= SEQUENCE OF SEQUENCE { policy OID, qualifiers OPTIONAL }. [RFC5280 §4.2.1.4] */
function readPolicies(value: Uint8Array): readonly string[] {
  const outer = new ElementReader(value, 'X509_EXTENSION_MALFORMED');
  const list = outer.enter(tags.sequence, 'certificate policies');
  outer.end('certificate policies');
  const policies: string[] = [];
  while (!list.done) {
    const fields = list.enter(tags.sequence, 'certificate policy');
    policies.push(readOid(fields.read(tags.oid, 'certificate policy').contents) ?? '');
    fields.optional(tags.sequence, 'policy qualifiers');
    fields.end('certificate policy');
  }
  return policies;
}
