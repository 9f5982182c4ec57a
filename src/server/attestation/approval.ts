// Approval: whether a TPM that proved itself is bound at once, or waits for an operator. What waits is no host: it has no
// certificate, no token and no verdict, and admission does not know it.
import { bytesEqual, encodeBase64url, encodeHex } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import {
  queueDigest,
  type BindOutcome,
  type BindPreview,
  type HostBinding,
  type PendingEnrolment,
  type QueueRequest,
} from '../storage/index.ts';
import { applicantOf } from '../trust/applicants.ts';
import { judgeByRules } from './approval-rules.ts';
import { stranger } from './identity-conflicts.ts';

/** When a host that waits shall ask again. */
const askAgainSeconds = 60;

export interface Approval {
  /** How the binding waits where no operator has approved it; undefined where it needs no approval. */
  readonly queue: QueueRequest | undefined;
  /** For the audit log, where something approved it already. */
  readonly approvedBy: string | undefined;
}

type Context = Pick<ServerContext, 'store' | 'config' | 'random' | 'log'>;

/** Who is enrolled already with this very TPM, and comes again, needs no approval, nor whose TPM is registered: the store sees to it.
 * @throws ServerError ENROLLMENT_DENIED */
export async function judgeApproval(context: Context, enrolment: PendingEnrolment, at: Date): Promise<Approval> {
  const { store, config } = context;
  const { binding, joinToken, byOperator } = enrolment;
  const { approval, rules } = config.enrolment;
  const judged = judgeByRules(rules, await applicantOf(store, binding, byOperator ? undefined : joinToken));
  if (judged?.effect === 'deny' && !(await isEnrolled(store, binding))) throw denial(context, binding, judged.rule);
  if (approval === 'none' || byOperator) return { queue: undefined, approvedBy: undefined };
  if (judged?.effect === 'approve') return { queue: undefined, approvedBy: `rule ${judged.rule}` };
  return { queue: queueRequestOf(context, binding, at), approvedBy: undefined };
}

/** What is enrolled is ended by operators (quarantine, retirement), not by a rule that was written later. */
async function isEnrolled(store: Context['store'], { hostId, ekDigest }: HostBinding): Promise<boolean> {
  const host = await store.findHost(hostId);
  return host?.state === 'active' && bytesEqual(host.ekDigest, ekDigest);
}

function denial({ log }: Context, { hostId, ekDigest }: HostBinding, rule: string): ServerError {
  const details = { event: 'enrolment.denied', host: hostId, ek: encodeHex(ekDigest), rule };
  log.warn(details, 'a rule denied a TPM that proved itself');
  return new ServerError('ENROLLMENT_DENIED', `rule ${rule} denies the TPM ${details.ek}`);
}

function queueRequestOf({ config, random }: Context, binding: HostBinding, at: Date): QueueRequest {
  const { queuePlaces, queueHours } = config.enrolment;
  const details = {
    ek: encodeHex(binding.ekDigest),
    ak: encodeHex(binding.akName),
    endorser: binding.endorser?.id ?? null,
  };
  const subject = binding.hostId;
  return {
    id: `pnd_${encodeBase64url(random(12))}`,
    expiresAt: at.getTime() + queueHours * 3_600_000,
    places: queuePlaces,
    audit: { at: at.getTime(), actor: stranger, action: 'host.pending', subject, details },
  };
}

/** @throws ServerError ENROLLMENT_WAITING, ENROLLMENT_REJECTED, ENROLLMENT_QUEUE_FULL */
export async function checkApproved(
  { store }: Pick<ServerContext, 'store'>,
  outcome: BindOutcome,
  binding: HostBinding,
): Promise<BindPreview> {
  if (outcome !== 'waiting' && outcome !== 'rejected' && outcome !== 'queue-full') return outcome;
  if (outcome === 'queue-full') throw new ServerError('ENROLLMENT_QUEUE_FULL');
  const ekDigest = queueDigest(binding);
  const fingerprint = encodeHex(ekDigest);
  if (outcome === 'waiting') {
    const later = { headers: { 'retry-after': String(askAgainSeconds) } };
    throw new ServerError(
      'ENROLLMENT_WAITING',
      `${binding.hostId} waits for an operator (fingerprint ${fingerprint})`,
      later,
    );
  }
  const decided = (await store.findPendingHost({ ekDigest }))?.decided;
  const reason = decided === undefined ? '' : `: ${decided.reason}`;
  throw new ServerError('ENROLLMENT_REJECTED', `an operator rejected the TPM ${fingerprint}${reason}`);
}
