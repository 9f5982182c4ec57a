// The protection of hosts: a change that would lose one of them is refused, unless operators say that they mean it. Asked for what
// operators do, before it is done. Nothing that a server does by itself asks here, and no verdict is held by it.
import { counted, nameSome } from '../../core/encoding/index.ts';
import { reasonOf } from '../../core/appraisal/index.ts';
import { shortGoldenId } from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError, serverErrors } from '../errors.ts';
import { resultOf, type Steps } from '../fleet/progress.ts';
import { walkProtectedHosts } from '../lockout/protected-hosts.ts';
import { isTrusted } from '../lockout/last-good.ts';
import { selectsHost, type AuditDetails, type FleetRecord, type HostSelector, type Weighed } from '../storage/index.ts';
import { layDraft, type Draft } from './draft.ts';
import { readEndings } from './endings.ts';
import { createEndorserComparison, type EndedTrust } from './endorser-change.ts';
import { createFleetComparison, type HostChange, type UnknownHost } from './fleet-change.ts';

/** A protected host that a change would lose, and the first reason. */
export interface ProtectedLoss {
  readonly host: string;
  readonly code: string;
  readonly message: string;
  readonly remedy: string;
}

/** Who would be lost by a change, and under which revision of the fleet that was asked. */
interface Losses extends Weighed {
  readonly losses: readonly ProtectedLoss[];
}

/** What the change was let through with. */
export interface Passage extends Weighed {
  /** For the audit entry of the change. */
  readonly details: AuditDetails;
}

/** Where no host is protected: nobody is asked about it. */
export const unweighed: Passage = { revision: undefined, details: {} };

/** Says how far it is, and what it knows by then when `isOver` says so. */
type Question = (context: ServerContext, isOver: () => boolean) => Steps<Losses>;

/** Golden measurements, policies and deny lists: by stored evidence. */
export function underDraft(draft: Draft): Question {
  return async function* (context, isOver) {
    const revision = await context.store.fleetRevision();
    const before = await context.trust.current();
    const after = await layDraft(context, before, draft);
    const at = context.now();
    const endings = readEndings({ before, after, revoked: draft.revoke, from: at, at });
    const compare = createFleetComparison(context, { before, after, endings, from: at, at, roots: before });
    return { losses: yield* findLosses(context, compare, isOver), revision };
  };
}

/** A trust anchor that is withdrawn, a revocation list that is removed: by what vouches for each host then, and by stored evidence. */
export function withoutEndorser(ended: EndedTrust): Question {
  return async function* (context, isOver) {
    const revision = await context.store.fleetRevision();
    const trust = await context.trust.current();
    const at = context.now();
    const compare = createEndorserComparison(context, { before: trust, after: trust, ended, from: at, at });
    return { losses: yield* findLosses(context, compare, isOver), revision };
  };
}

async function* findLosses(
  context: ServerContext,
  compare: (record: FleetRecord) => Promise<HostChange | UnknownHost | undefined>,
  isOver: () => boolean,
): Steps<readonly ProtectedLoss[]> {
  const losses: ProtectedLoss[] = [];
  yield* walkProtectedHosts(context, isOver, async (record) => {
    const change = await compare(record);
    const loss = change && lossOf(change);
    if (loss !== undefined) losses.push(loss);
  });
  return losses;
}

/** Whatever is said of them now: who is refused for a moment would not come back. */
export function inQuarantine(hosts: HostSelector): Question {
  return async function* (context, isOver) {
    const revision = await context.store.fleetRevision();
    const losses: ProtectedLoss[] = [];
    yield* walkProtectedHosts(context, isOver, ({ host }) => {
      if (selectsHost(hosts, host)) losses.push({ host: host.hostId, ...setAside });
    });
    return { losses, revision };
  };
}

const setAside = {
  code: 'HOST_QUARANTINED',
  message: 'the quarantine would set it aside, whatever it attests',
  remedy: 'Leave it out: name the others with --host, or by a label that it does not carry.',
} as const;

/** Trusted before and not after; also where nobody can tell. */
export function lossOf(change: HostChange | UnknownHost): ProtectedLoss | undefined {
  const { host } = change;
  if ('code' in change) {
    if (change.code !== 'SERVER_INTERNAL') return undefined;
    const message = 'nobody can tell: it could not be appraised under the change';
    return { host, code: change.code, message, remedy: serverErrors.SERVER_INTERNAL.remedy };
  }
  const isLost = change.kind === 'lost' || (isTrusted(change.before) && !isTrusted(change.after));
  return isLost ? { host, ...describeLoss(change) } : undefined;
}

/** Nothing on the host changes: where the end of what a layer matched is the reason, no capture is the remedy. */
function describeLoss(change: HostChange): Omit<ProtectedLoss, 'host'> {
  const reason = reasonOf(change);
  if (reason === undefined) throw new TypeError('who loses trust has a reason');
  const { ended } = change;
  const { code, message, remedy, layer = '' } = reason;
  if (ended.length === 0) return { code, message, remedy };
  const golden = ended.map(shortGoldenId).join(' and ');
  return {
    code,
    message: `the change ends ${golden}, and no other golden measurement accepts the ${layer} that it booted`,
    remedy: `Have the ${layer} that it shall boot approved and let it boot that; then end ${golden}.`,
  };
}

/** So long a change that includes protected hosts waits for their names at most. */
const longestNamingMs = 2000;

/** As many are named: in a refusal, and in an audit entry. */
const namedLosses = 100;

/**
 * Refuses a change by which protected hosts are lost. With `isIncluded` it passes, soon and under whatever trust there is then: who
 * revokes what was compromised waits for nobody. The audit entry says whom it took along, as far as that could be told. Says how far it
 * is where it may refuse.
 *
 * @throws ServerError CHANGE_LOSES_PROTECTED; what `question` throws
 */
export async function* passProtection(context: ServerContext, question: Question, isIncluded: boolean): Steps<Passage> {
  if (context.config.lockout.protected.length === 0) return unweighed;
  if (isIncluded) return { revision: undefined, details: await nameIncluded(context, question) };
  const release = await context.protectionSlots.wait();
  try {
    const { losses, revision } = yield* question(context, () => false);
    if (losses.length > 0) throw refusalOf(losses);
    return { revision, details: {} };
  } finally {
    release();
  }
}

function refusalOf(losses: readonly ProtectedLoss[]): ServerError {
  const hosts = losses.map(({ host }) => host);
  const count = counted(losses.length, 'protected host');
  const detail = `${count} would lose trust by it: ${nameSome(hosts, 8)}; nothing was changed`;
  return new ServerError('CHANGE_LOSES_PROTECTED', detail, { protectedHosts: losses.slice(0, namedLosses) });
}

async function nameIncluded(context: ServerContext, question: Question): Promise<AuditDetails> {
  const release = context.protectionSlots.take();
  if (release === undefined) return { includeProtected: true };
  const end = performance.now() + longestNamingMs;
  try {
    const { losses } = await resultOf(question(context, () => performance.now() > end));
    return { includeProtected: true, protectedHosts: losses.slice(0, namedLosses).map(({ host }) => host) };
  } catch (error) {
    context.log.warn({ err: error }, 'protected hosts could not be looked at before a change that includes them');
    return { includeProtected: true };
  } finally {
    release();
  }
}
