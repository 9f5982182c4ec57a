// Initial attestation keys (IAK): the other door. The maker of the machine certified a key of its TPM that signs only what a TPM made,
// and that key vouches for the attestation key. Closed unless the configuration opens it. [TCG-IDEVID]
import { proveDeviceIdentity } from '../../core/endorsement/index.ts';
import { hashHex } from '../../core/crypto/index.ts';
import { certifyQualifyingData, parseTpm2bPublic, verifyAttestationKey, verifyCertify } from '../../core/tpm/index.ts';
import { completeChain, parseCertificate, type TrustedDeviceIdentity } from '../../core/x509/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { DeviceIdentity, Endorser, PendingEnrolment } from '../storage/index.ts';

export interface VerifiedDevice {
  readonly identity: DeviceIdentity;
  readonly endorser: Endorser;
}

type Shown = Omit<DeviceIdentity, 'digests'>;

/** What a host showed of its IAK, and who vouches for it. That the host has the key, activation proves.
 * @throws ServerError ENROLLMENT_DEVICE_IDENTITY_*; VerificationError and MalformedError TPM_*, X509_* */
export async function verifyDevice(
  { config, trust, now }: Pick<ServerContext, 'config' | 'trust' | 'now'>,
  shown: Shown | undefined,
): Promise<VerifiedDevice | undefined> {
  const { deviceIdentity: mode } = config.enrolment;
  if (shown === undefined) {
    if (mode === 'required') throw new ServerError('ENROLLMENT_DEVICE_IDENTITY_REQUIRED');
    return undefined;
  }
  if (mode === 'off') throw new ServerError('ENROLLMENT_DEVICE_IDENTITY_OFF');
  const roots = await trust.current();
  const trusted = proveDeviceIdentity(shown, roots, { at: now(), revocationAt: now() });
  const chain = completeChain(
    parseCertificate(shown.certificate),
    shown.chain.map(parseCertificate),
    roots.intermediates,
  );
  return {
    identity: { ...shown, chain: chain.map(({ der }) => der), digests: trusted.digests },
    endorser: endorserOf(trusted),
  };
}

export function endorserOf({ certificate: { anchor } }: TrustedDeviceIdentity): Endorser {
  return { id: hashHex('sha256', anchor.certificate.der), name: anchor.name };
}

export interface Certification {
  /** TPMS_ATTEST and TPMT_SIGNATURE. */
  readonly attest: Uint8Array;
  readonly signature: Uint8Array;
}

/** Where an enrolment was opened with an IAK: that it vouches for the very attestation key, for this enrolment.
 * @throws ServerError ENROLLMENT_CERTIFICATION_MISSING; VerificationError and MalformedError TPM_* */
export function checkCertification(
  { config }: Pick<ServerContext, 'config'>,
  { id, binding }: PendingEnrolment,
  certification: Certification | undefined,
): void {
  const { akName, akPublic, deviceIdentity } = binding;
  if (deviceIdentity === undefined) return;
  if (certification === undefined) throw new ServerError('ENROLLMENT_CERTIFICATION_MISSING');
  verifyCertify({
    ...certification,
    key: verifyAttestationKey(deviceIdentity.publicArea),
    qualifyingData: certifyQualifyingData({ serverId: config.serverId, enrolmentId: id, akName }),
    subject: parseTpm2bPublic(akPublic),
  });
}
