// Enrolment, first half: is this a TPM somebody vouches for, are its keys what they must be, and is its identity free? Then a
// secret is sealed that only this TPM can open, for this attestation key only. [TPM2-P1 §24]
import { AttestationError } from '../../core/error.ts';
import { encodeBase64url } from '../../core/encoding/index.ts';
import { hash, spkiDigest } from '../../core/crypto/index.ts';
import {
  credentialSizes,
  makeCredential,
  verifyAttestationKey,
  verifyEndorsementKey,
  type EndorsementKey,
} from '../../core/tpm/index.ts';
import { completeChain, parseCertificate } from '../../core/x509/index.ts';
import type { Principal } from '../auth/access.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Endorser, HostBinding, PendingEnrolment } from '../storage/index.ts';
import { findEndorser, isRefusal } from '../trust/endorsement.ts';
import { checkReadable } from '../trust/platform.ts';
import { checkFree } from './identity-conflicts.ts';

export interface EnrolmentRequest {
  readonly hostId: string;
  /** Everything below was written by the host. */
  readonly ekCertificate: Uint8Array | undefined;
  readonly ekCertificateChain: readonly Uint8Array[];
  readonly platformCertificates: readonly Uint8Array[];
  readonly ekPublic: Uint8Array;
  readonly akPublic: Uint8Array;
}

export interface SealedChallenge {
  readonly enrolmentId: string;
  readonly credentialBlob: Uint8Array;
  readonly encryptedSecret: Uint8Array;
  readonly expiresAt: Date;
}

/** Names that are addresses of the API: `/v1/hosts/outliers` is no host. */
const takenNames: readonly string[] = ['outliers'];

/** @throws ServerError ENROLLMENT_*, HOST_*; VerificationError and MalformedError of tpm and x509 */
export async function openEnrolment(
  context: ServerContext,
  request: EnrolmentRequest,
  principal: Principal,
): Promise<SealedChallenge> {
  if (takenNames.includes(request.hostId)) {
    throw new ServerError('HOST_NAME_RESERVED', `${request.hostId} is an address of the API`);
  }
  const joinToken = principal.role === 'joiner' ? principal.tokenId : undefined;
  const ek = verifyEndorsementKey(request.ekPublic);
  const ak = verifyAttestationKey(request.akPublic);
  const endorser = await endorse(context, request, ek);
  const binding: HostBinding = {
    hostId: request.hostId,
    ekDigest: spkiDigest(ek.public.publicKey),
    ekPublic: request.ekPublic,
    ekCertificate: request.ekCertificate,
    ekChain: await chainToKeep(context, request),
    platformCertificates: checkReadable(request.platformCertificates),
    endorser,
    akName: ak.name,
    akPublic: request.akPublic,
  };
  // Strangers learn it after they proved their TPM: what is enrolled here is nobody's to try out.
  if (principal.role !== 'anonymous') {
    const outcome = await context.store.previewBinding(binding, joinToken, context.now().getTime());
    await checkFree(context, outcome, binding, principal.actor);
  }
  return seal(context, ek, { binding, joinToken, byOperator: principal.role === 'operator' });
}

/** What the host sent, and the server's own intermediates that its certificate needs: kept together, whatever becomes of those. */
async function chainToKeep(
  { trust }: ServerContext,
  { ekCertificate, ekCertificateChain }: EnrolmentRequest,
): Promise<readonly Uint8Array[]> {
  if (ekCertificate === undefined) return ekCertificateChain;
  const { intermediates } = await trust.current();
  const sent = ekCertificateChain.map(parseCertificate);
  return completeChain(parseCertificate(ekCertificate), sent, intermediates).map(({ der }) => der);
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
  const isOpen = await store.openEnrolment(enrolment, { now, maxPending: config.enrolment.maxPending });
  if (!isOpen) throw new ServerError('ENROLLMENT_TOO_MANY_PENDING', undefined, { headers: { 'retry-after': '60' } });
  return { enrolmentId: enrolment.id, ...credential, expiresAt: new Date(expiresAt) };
}

/** What speaks against a TPM, as opposed to nothing speaking for it. */
const neverEnrolled: ReadonlySet<string> = new Set([
  'X509_EK_KEY_MISMATCH',
  'X509_CERTIFICATE_REVOKED',
  'X509_KEY_ROCA',
]);

/** Who vouches for the EK; undefined when nobody does and the configuration allows that. A certificate of another key, or one
 * that was revoked, is refused in any case. [PEERS T1] */
async function endorse(
  context: ServerContext,
  { ekCertificate, ekCertificateChain }: EnrolmentRequest,
  ek: EndorsementKey,
): Promise<Endorser | undefined> {
  try {
    return await findEndorser(context, { ek, ekCertificate, ekChain: ekCertificateChain });
  } catch (error) {
    const isFatal = error instanceof AttestationError && neverEnrolled.has(error.code);
    if (context.config.enrolment.allowUnverifiedEk && !isFatal && isRefusal(error)) return undefined;
    throw error;
  }
}
