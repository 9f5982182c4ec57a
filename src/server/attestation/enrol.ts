// Enrolment, first half: is this a TPM somebody vouches for, are its keys what they must be, and is its identity free? Then a
// secret is sealed that only this TPM can open, for this attestation key only. [TPM2-P1 §24]
import { routes } from '../../api/index.ts';
import { encodeBase64url } from '../../core/encoding/index.ts';
import { hash, spkiDigest } from '../../core/crypto/index.ts';
import { checkReadable } from '../../core/endorsement/index.ts';
import {
  certifyQualifyingData,
  credentialSizes,
  makeCredential,
  verifyAttestationKey,
  verifyEndorsementKey,
  type EndorsementKey,
} from '../../core/tpm/index.ts';
import type { Principal } from '../auth/access.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { DeviceIdentity, HostBinding, PendingEnrolment } from '../storage/index.ts';
import { verifyDevice } from '../trust/device-identity.ts';
import { certificatesToKeep, endorse } from './endorse.ts';
import { checkFree } from './identity-conflicts.ts';

export interface EnrolmentRequest {
  readonly hostId: string;
  /** Everything below was written by the host. */
  readonly ekCertificate: Uint8Array | undefined;
  readonly ekCertificateChain: readonly Uint8Array[];
  readonly platformCertificates: readonly Uint8Array[];
  readonly deviceIdentity: Omit<DeviceIdentity, 'digests'> | undefined;
  readonly ekPublic: Uint8Array;
  readonly akPublic: Uint8Array;
}

export interface SealedChallenge {
  readonly enrolmentId: string;
  readonly credentialBlob: Uint8Array;
  readonly encryptedSecret: Uint8Array;
  /** What the IAK must sign; undefined where the host showed none. */
  readonly certifyQualifyingData: Uint8Array | undefined;
  readonly expiresAt: Date;
}

/** Names that are addresses of the API: `/v1/hosts/outliers` is no host. */
const takenNames: readonly string[] = Object.values(routes).flatMap(
  ({ path }) => /^\/v1\/hosts\/([^{/]+)$/.exec(path)?.[1] ?? [],
);

/** @throws ServerError ENROLLMENT_*, HOST_*; VerificationError and MalformedError of tpm and x509 */
export async function openEnrolment(
  context: ServerContext,
  request: EnrolmentRequest,
  principal: Principal,
): Promise<SealedChallenge> {
  if (takenNames.includes(request.hostId)) {
    throw new ServerError('HOST_NAME_RESERVED', `${request.hostId} is an address of the API`);
  }
  const byOperator = principal.role === 'operator';
  const joinToken = principal.role === 'joiner' || byOperator ? principal.tokenId : undefined;
  const ek = verifyEndorsementKey(request.ekPublic);
  const ak = verifyAttestationKey(request.akPublic);
  const device = await verifyDevice(context, request.deviceIdentity);
  const endorsed = await endorse(context, request, { ek, device });
  const binding: HostBinding = {
    hostId: request.hostId,
    ekDigest: spkiDigest(ek.public.publicKey),
    ekPublic: request.ekPublic,
    ...(await certificatesToKeep(context, request, endorsed)),
    platformCertificates: checkReadable(request.platformCertificates),
    deviceIdentity: device?.identity,
    endorser: endorsed?.endorser,
    akName: ak.name,
    akPublic: request.akPublic,
  };
  // Others learn it after they proved their TPM, hosts too: what is enrolled here is nobody's to try out.
  if (principal.role === 'joiner' || byOperator) {
    const outcome = await context.store.previewBinding(binding, joinToken, context.now().getTime());
    await checkFree(context, outcome, binding, principal.actor);
  }
  return seal(context, ek, { binding, joinToken, byOperator });
}

async function seal(
  context: ServerContext,
  ek: EndorsementKey,
  opened: Pick<PendingEnrolment, 'binding' | 'joinToken' | 'byOperator'>,
): Promise<SealedChallenge> {
  const { store, random, config } = context;
  const secret = random(32);
  const sizes = credentialSizes(ek);
  const credential = makeCredential({
    ek,
    akName: opened.binding.akName,
    credential: secret,
    seed: random(sizes.seed),
    randomness: random(sizes.randomness),
  });
  const now = context.now().getTime();
  const expiresAt = now + config.enrolment.activationSeconds * 1000;
  const enrolment = {
    id: `enr_${encodeBase64url(random(16))}`,
    secretHash: hash('sha256', secret),
    ...opened,
    expiresAt,
  };
  const { serverId } = config;
  const { akName, deviceIdentity } = opened.binding;
  const question = deviceIdentity && certifyQualifyingData({ serverId, enrolmentId: enrolment.id, akName });
  const isOpen = await store.openEnrolment(enrolment, { now, maxPending: config.enrolment.maxPending });
  if (!isOpen) throw new ServerError('ENROLLMENT_TOO_MANY_PENDING', undefined, { headers: { 'retry-after': '60' } });
  return {
    enrolmentId: enrolment.id,
    ...credential,
    certifyQualifyingData: question,
    expiresAt: new Date(expiresAt),
  };
}
