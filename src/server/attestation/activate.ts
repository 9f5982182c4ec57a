// Enrolment, second half: whoever returns the secret holds the TPM that has both keys. One attempt, compared by hash in
// constant time; then id, EK and AK are bound for ever, and the attestation key gets a certificate. [PEERS T10, T12]
import { encodeHex, encodePem } from '../../core/encoding/index.ts';
import { isEndorserDenied, standingOf } from '../../core/endorsement/index.ts';
import { VerificationError } from '../../core/error.ts';
import { equalInConstantTime, hash, hashHex } from '../../core/crypto/index.ts';
import { createToken } from '../auth/token.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type {
  AuditDraft,
  BindOutcome,
  HostBinding,
  IssuedAkCertificate,
  PendingEnrolment,
  QueueRequest,
} from '../storage/index.ts';
import { certifyAttestationKey } from './ak-certificate.ts';
import { checkCertification, type Certification } from '../trust/device-identity.ts';
import { checkApproved, judgeApproval } from './approval.ts';
import { checkFree, stranger } from './identity-conflicts.ts';

export interface ActivatedHost {
  readonly hostId: string;
  /** Absent while the CA's key is out of reach, or who vouches for the TPM is denied: an attestation brings it later. */
  readonly akCertificatePem: string | undefined;
  /** Shown this once. */
  readonly hostToken: string;
}

export interface ActivationAnswer {
  readonly id: string;
  readonly secret: Uint8Array;
  /** What the IAK signed, where the host showed one. */
  readonly certification: Certification | undefined;
}

/** How often a certificate is judged again because trust changed meanwhile. */
const maximumAttempts = 5;

/** @throws ServerError ENROLLMENT_*, HOST_*, REQUEST_CONFLICT; VerificationError and MalformedError TPM_*, X509_CERTIFICATE_REVOKED */
export async function activateEnrolment(
  context: ServerContext,
  { id, secret, certification }: ActivationAnswer,
): Promise<ActivatedHost> {
  const enrolment = await takeEnrolment(context, id);
  const at = context.now();
  if (!equalInConstantTime(hash('sha256', secret), enrolment.secretHash)) {
    throw new ServerError('ENROLLMENT_SECRET_WRONG');
  }
  checkCertification(context, enrolment, certification);
  const { binding, joinToken } = enrolment;
  const { queue, approvedBy } = await judgeApproval(context, enrolment, at);
  const check = async (outcome: BindOutcome): Promise<void> =>
    checkFree(context, await checkApproved(context, outcome, binding), binding, stranger);
  // Before anything is signed for it; `bindHost` asks again.
  await check(await context.store.askApproval({ binding, joinToken, request: queue, at: at.getTime() }));
  const giveBack = context.enrolmentPace.take(binding.ekDigest, at);
  try {
    return await bind(context, enrolment, { queue, approvedBy, at, check });
  } catch (error) {
    giveBack();
    throw error;
  }
}

interface Admitted extends Pick<Enrolled, 'approvedBy' | 'at'> {
  readonly queue: QueueRequest | undefined;
  readonly check: (outcome: BindOutcome) => Promise<void>;
}

async function bind(
  context: ServerContext,
  { binding, joinToken }: PendingEnrolment,
  { queue, approvedBy, at, check }: Admitted,
): Promise<ActivatedHost> {
  const { hostId } = binding;
  const name = actorOf(binding);
  const { record, token } = createToken({ name, role: 'host', hostId, at: at.getTime() }, context.random);
  for (let attempt = 0; attempt < maximumAttempts; attempt += 1) {
    const { trustRevision, akCertificate } = await certify(context, binding, at);
    const audit = auditOfEnrolment(binding, { akCertificate, approvedBy, at });
    const outcome = await context.store.bindHost({
      binding,
      joinToken,
      akCertificate,
      token: record,
      queue,
      trustRevision,
      audit,
    });
    if (outcome === 'outdated') continue;
    await check(outcome);
    const akCertificatePem = akCertificate && encodePem('CERTIFICATE', akCertificate.der);
    return { hostId, akCertificatePem, hostToken: token };
  }
  throw new ServerError('REQUEST_CONFLICT');
}

/** Taken once, whatever comes of it.
 * @throws ServerError ENROLLMENT_NOT_FOUND, ENROLLMENT_EXPIRED */
async function takeEnrolment({ store, now }: ServerContext, id: string): Promise<PendingEnrolment> {
  const enrolment = await store.takeEnrolment(id);
  if (enrolment === undefined) throw new ServerError('ENROLLMENT_NOT_FOUND');
  if (now().getTime() >= enrolment.expiresAt) throw new ServerError('ENROLLMENT_EXPIRED');
  return enrolment;
}

/** Of whom the store binds: whoever is refused is none of our hosts. */
function actorOf({ hostId }: HostBinding): string {
  return `host ${hostId}`;
}

interface Enrolled {
  readonly akCertificate: IssuedAkCertificate | undefined;
  readonly approvedBy: string | undefined;
  readonly at: Date;
}

function auditOfEnrolment(binding: HostBinding, { akCertificate, approvedBy, at }: Enrolled): AuditDraft {
  const { hostId, ekDigest, akName, endorser, deviceIdentity } = binding;
  return {
    at: at.getTime(),
    actor: actorOf(binding),
    action: 'host.enrolled',
    subject: hostId,
    details: {
      ek: encodeHex(ekDigest),
      ak: encodeHex(akName),
      endorser: endorser?.id ?? null,
      ...(approvedBy === undefined ? {} : { approvedBy }),
      ...(deviceIdentity && { iak: hashHex('sha256', deviceIdentity.certificate) }),
      akCertificate: akCertificate === undefined ? null : hashHex('sha256', akCertificate.der),
    },
  };
}

interface Certified {
  /** Of the trust that was asked. */
  readonly trustRevision: number;
  readonly akCertificate: IssuedAkCertificate | undefined;
}

/** A certificate for the key, unless who vouches for its TPM is denied by now.
 * @throws VerificationError X509_CERTIFICATE_REVOKED: the enrolment was opened before that */
async function certify(context: ServerContext, binding: HostBinding, at: Date): Promise<Certified> {
  const trust = await context.trust.current();
  const memory = context.memory.certificates;
  const host = { ...binding, enrolledAt: at.getTime() };
  const { endorsement } = standingOf(host, trust, { rules: context.config.enrolment, at, memory });
  if (endorsement === 'revoked') {
    throw new VerificationError('X509_CERTIFICATE_REVOKED', 'a certificate that vouches for the TPM was revoked');
  }
  const isDisowned = isEndorserDenied(binding, trust, { denied: trust.denied, at, memory });
  const akCertificate = isDisowned ? undefined : await certifyAttestationKey(context, host, { trust, at });
  return { trustRevision: trust.revision, akCertificate };
}
