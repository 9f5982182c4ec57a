// Two claims on one identity: refused, recorded, and told to operators. Each comes from a TPM that proved itself, or from
// somebody with a token. Told are each once an hour at most, and a hundred of them in all: nobody can fill the audit log with them.
import { encodeHex } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { queueDigest, type BindPreview, type PendingBinding } from '../storage/index.ts';

export const refusals = {
  'ek-taken': 'HOST_EK_ALREADY_ENROLLED',
  'ek-retired': 'HOST_EK_RETIRED',
  'name-taken': 'HOST_NAME_TAKEN',
  'name-retired': 'HOST_RETIRED',
  'ak-changed': 'HOST_AK_CHANGED',
  'name-reserved': 'HOST_NAME_RESERVED',
  'replacement-over': 'HOST_REPLACEMENT_OVER',
  'token-spent': 'ENROLLMENT_TOKEN_SPENT',
} as const satisfies Record<Exclude<BindPreview, 'bound'>, string>;

/** The actor of an audit entry: whoever proved a TPM and is not enrolled by that. What they call themselves is its subject, and may be the
 * name of a host that has nothing to do with it. */
export const stranger = 'stranger';

const bounds = { quietMs: 3_600_000, mostTold: 100, maximum: 1000 };

/** Refuses a binding that is not free, and leaves a trace of who tried. [PEERS T12] */
export async function checkFree(
  { store, now, log }: Pick<ServerContext, 'store' | 'now' | 'log'>,
  outcome: BindPreview,
  binding: PendingBinding,
  actor: string,
): Promise<void> {
  if (outcome === 'bound') return;
  const { hostId, akName } = binding;
  const ekDigest = queueDigest(binding);
  const code = refusals[outcome];
  const action = outcome === 'token-spent' ? 'enrolment.refused' : 'identity.conflict';
  const details = { code, ek: encodeHex(ekDigest), ak: encodeHex(akName) };
  const draft = { at: now().getTime(), actor, action, subject: hostId, details };
  log.warn({ event: action, host: hostId, actor, ...details }, 'an identity that is not free was asked for');
  await store.recordConflict({ hostId, ekDigest, code }, { ...bounds, audit: draft });
  throw new ServerError(code);
}
