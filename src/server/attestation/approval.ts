// Approval: whether a TPM that proved itself is bound at once, or waits for an operator. What waits is no host: it has no
// certificate, no token and no verdict, and admission does not know it.
import { encodeBase64url, encodeHex, printable } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { BindOutcome, BindPreview, HostBinding, PendingEnrolment, QueueRequest } from '../storage/index.ts';

/** When a host that waits shall ask again. */
const askAgainSeconds = 60;

/** How the binding waits where an operator has not approved it; undefined where it needs no approval. */
export async function queueRequestOf(
  { store, config, random }: Pick<ServerContext, 'store' | 'config' | 'random'>,
  { binding, byOperator }: PendingEnrolment,
  at: Date,
): Promise<QueueRequest | undefined> {
  const { approval, queuePlaces, queueHours } = config.enrolment;
  if (approval === 'none' || byOperator) return undefined;
  const ek = encodeHex(binding.ekDigest);
  if ((await store.findRegisteredEk(ek)) !== undefined) return undefined;
  const details = { ek, ak: encodeHex(binding.akName), endorser: binding.endorser?.id ?? null };
  const subject = binding.hostId;
  return {
    id: `pnd_${encodeBase64url(random(12))}`,
    expiresAt: at.getTime() + queueHours * 3_600_000,
    places: queuePlaces,
    audit: { at: at.getTime(), actor: `host ${subject}`, action: 'host.pending', subject, details },
  };
}

/** @throws ServerError ENROLLMENT_WAITING, ENROLLMENT_REJECTED, ENROLLMENT_QUEUE_FULL */
export async function checkApproved(
  { store }: Pick<ServerContext, 'store'>,
  outcome: BindOutcome,
  { hostId, ekDigest }: HostBinding,
): Promise<BindPreview> {
  if (outcome !== 'waiting' && outcome !== 'rejected' && outcome !== 'queue-full') return outcome;
  if (outcome === 'queue-full') throw new ServerError('ENROLLMENT_QUEUE_FULL');
  const fingerprint = encodeHex(ekDigest);
  if (outcome === 'waiting') {
    const later = { headers: { 'retry-after': String(askAgainSeconds) } };
    throw new ServerError('ENROLLMENT_WAITING', `${hostId} waits for an operator (fingerprint ${fingerprint})`, later);
  }
  const decided = (await store.findPendingHost({ ekDigest }))?.decided;
  const reason = decided === undefined ? '' : `: ${printable(decided.reason, 1024)}`;
  throw new ServerError('ENROLLMENT_REJECTED', `an operator rejected the TPM ${fingerprint}${reason}`);
}
