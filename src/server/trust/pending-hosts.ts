// What operators say to hosts that wait for approval.
import { encodeHex, printable } from '../../core/encoding/index.ts';
import { judgeByRules, type ApprovalRule } from '../attestation/approval-rules.ts';
import { refusals } from '../attestation/identity-conflicts.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Page, PendingHost } from '../storage/index.ts';
import { applicantOf, tpmFactsOf, type TpmFacts } from './applicants.ts';

export interface PendingHostView {
  readonly pending: PendingHost;
  /** Undefined where nobody vouches: then the certificate is only a claim. */
  readonly tpm: TpmFacts | undefined;
  readonly tokenName: string | undefined;
}

export async function listPendingHosts(context: ServerContext, page: Page): Promise<readonly PendingHostView[]> {
  const { store, now } = context;
  const rows = await store.listPendingHosts(page, now().getTime());
  return Promise.all(rows.map((pending) => viewPendingHost(context, pending)));
}

async function viewPendingHost({ store }: ServerContext, pending: PendingHost): Promise<PendingHostView> {
  const token = pending.joinToken === undefined ? undefined : await store.findToken(pending.joinToken);
  return { pending, tpm: tpmFactsOf(pending.binding), tokenName: token?.name };
}

export interface TrialOutcome {
  readonly pending: PendingHost;
  /** `wait`: no rule decides. */
  readonly outcome: 'approve' | 'deny' | 'wait';
  readonly rule: string | undefined;
}

/** What rules would do with those who wait now; nothing is changed. Those in force where none are given. */
export async function tryRules(
  { store, config, now }: ServerContext,
  page: Page,
  rules: readonly ApprovalRule[] = config.enrolment.rules,
): Promise<readonly TrialOutcome[]> {
  const rows = await store.listPendingHosts(page, now().getTime());
  return Promise.all(
    rows.map(async (pending) => {
      const judged = judgeByRules(rules, await applicantOf(store, pending.binding, pending.joinToken));
      return { pending, outcome: judged?.effect ?? 'wait', rule: judged?.rule };
    }),
  );
}

export interface PendingVerb {
  readonly id: string;
  readonly state: 'approved' | 'rejected';
  readonly reason: string;
  readonly actor: string;
}

/** An approval lets exactly this TPM, name and key enrol; nothing is bound before the host comes back and proves them again.
 * @throws ServerError PENDING_HOST_NOT_FOUND, HOST_* where the identity is not free any more */
export async function decidePendingHost(context: ServerContext, verb: PendingVerb): Promise<PendingHostView> {
  const { store, config, now } = context;
  const before = await store.findPendingHost({ id: verb.id });
  if (before === undefined) throw new ServerError('PENDING_HOST_NOT_FOUND');
  const { id, state, actor } = verb;
  const at = now().getTime();
  const reason = printable(verb.reason, 1024);
  const { hostId, ekDigest, akName } = before.binding;
  const details = { id, ek: encodeHex(ekDigest), ak: encodeHex(akName), reason };
  const outcome = await store.decidePendingHost(id, {
    state,
    reason,
    expiresAt: at + config.enrolment.queueHours * 3_600_000,
    places: config.enrolment.queuePlaces,
    audit: { at, actor, action: `host.${state}`, subject: hostId, details },
  });
  const after = await store.findPendingHost({ id });
  if (outcome === 'unknown' || after === undefined) throw new ServerError('PENDING_HOST_NOT_FOUND');
  if (outcome !== 'decided') throw new ServerError(refusals[outcome]);
  return viewPendingHost(context, after);
}
