// Who would gain trust, who would lose it, and why, if a change were made: over every host, from stored evidence.
import { groupChanges, type FleetChangeGroup, type FleetChangeKind } from '../../core/appraisal/index.ts';
import type { ApprovedGolden } from '../../core/golden/index.ts';
import { carriesLabels, createPause, isUnreadable, readFleet, tellingMs } from '../fleet/walk-fleet.ts';
import type { Steps } from '../fleet/progress.ts';
import type { WalkContext } from '../fleet/walks.ts';
import { broughtBackBy, readEndedGoldens, type BroughtBack } from '../golden/brought-back.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import { foreseeLockout, type LockoutForecast } from '../lockout/forecast.ts';
import { isProtected } from '../lockout/protected-hosts.ts';
import type { FleetRecord } from '../storage/index.ts';
import { layDraft, type Draft, type LaidDraft } from './draft.ts';
import { createEndorserComparison } from './endorser-change.ts';
import { readEndings, type Endings } from './endings.ts';
import { createFleetComparison, type Comparison, type HostChange, type UnknownHost } from './fleet-change.ts';
import { lossOf, type ProtectedLoss } from './protection.ts';
import { createTrustedNow, type TrustedNow } from './trusted-now.ts';

export interface WhatIfQuestion {
  readonly draft: Draft;
  /** The moment asked about; now unless told. A later one shows what expires until then. */
  readonly at?: Date;
  /** Only hosts that carry all of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WhatIf {
  readonly at: Date;
  readonly hosts: number;
  readonly counts: Readonly<Record<FleetChangeKind, number>>;
  readonly groups: readonly WhatIfGroup[];
  /** What the change ends: groups name it by id. */
  readonly endings: Endings;
  readonly unknown: readonly UnknownHost[];
  /** Protected hosts that would be lost: the change is refused unless operators include them. */
  readonly protectedLosses: readonly ProtectedLoss[];
  /** Undefined where a part of the fleet was asked about: how many lose trust at once is a question about all of it. */
  readonly lockout: LockoutForecast | undefined;
  /** How many of the hosts fall under each policy of the draft. */
  readonly policies: ReadonlyMap<string, number>;
  /** By id, golden measurements of the draft that accept again what was revoked or rolled back. */
  readonly broughtBack: ReadonlyMap<string, readonly BroughtBack[]>;
  readonly withdrawn: readonly WithdrawnAnchor[];
  /** Ids of golden measurements that would have too few signatures. Undefined where no key is taken away. */
  readonly lapsed: readonly string[] | undefined;
  /** Of the fleet: the answer holds while this is the revision. */
  readonly revision: number;
}

export interface WhatIfGroup extends FleetChangeGroup {
  /** Undefined where none of the hosts is. */
  readonly trustedNow: TrustedNow | undefined;
}

/** A trust anchor of the change, and the hosts it vouches for: their verdicts end with it, whoever vouches for them next. */
export interface WithdrawnAnchor {
  readonly anchorId: string;
  readonly name: string;
  /** In the order of their ids. */
  readonly hosts: string[];
}

/** Says how far it is, and at last what the change would do.
 * @throws as `layDraft` */
export async function* walkWhatIf(context: WalkContext, question: WhatIfQuestion): Steps<WhatIf> {
  const revision = await context.store.fleetRevision();
  const before = await context.trust.current();
  const after = await layDraft(context, before, question.draft);
  const now = context.now();
  const at = question.at ?? now;
  const from = at < now ? at : now;
  const endings = readEndings({ before, after, revoked: question.draft.revoke, from, at });
  const compare = createComparison(context, { before, after, endings, from, at });
  const withdrawn = after.withdrawn.map(({ id, name }): WithdrawnAnchor => ({ anchorId: id, name, hosts: [] }));
  const total = await context.store.countActiveHosts();
  const changes: HostChange[] = [];
  const protectedLosses: ProtectedLoss[] = [];
  const unknown: UnknownHost[] = [];
  const policies = new Map(question.draft.policies.map(({ id }) => [id, 0]));
  const trustedNow = createTrustedNow(now);
  const pause = createPause(tellingMs);
  let done = 0;
  for await (const record of readFleet(context)) {
    done += 1;
    if (isUnreadable(record)) unknown.push({ host: record.unreadable, code: 'HOST_UNREADABLE' });
    else if (carriesLabels(record, question.labels)) {
      const outcome = await compare(record);
      trustedNow.note(record);
      const id = selectPolicy(after.policies, record.host)?.id ?? '';
      const judged = policies.get(id);
      if (judged !== undefined) policies.set(id, judged + 1);
      withdrawn.find(({ anchorId }) => anchorId === record.host.endorser?.id)?.hosts.push(record.host.hostId);
      const loss = isProtected(context.config, record.host) ? lossOf(outcome) : undefined;
      if (loss !== undefined) protectedLosses.push(loss);
      if ('code' in outcome) unknown.push(outcome);
      else changes.push(outcome);
    }
    if (await pause()) yield { done, total: Math.max(total, done) };
  }
  const hosts = changes.length + unknown.length;
  const groups = groupChanges(changes).map((group) => ({ ...group, trustedNow: trustedNow.among(group.hosts) }));
  const broughtBack = await readBroughtBack(context, before.goldens, after.goldens);
  const lockout = question.labels === undefined ? await foresee(context, changes, total) : undefined;
  const lapsed = question.draft.removeSigners.length === 0 ? undefined : after.lapsed;
  return { at, hosts, counts: count(changes), groups, endings, unknown, protectedLosses, lockout, policies, broughtBack, withdrawn, lapsed, revision }; // prettier-ignore
}

interface Terms extends Omit<Comparison, 'roots'> {
  readonly before: TrustInForce;
  readonly after: LaidDraft;
}

/** What vouches for a host is looked at where the change may end it. */
function createComparison(
  context: WalkContext,
  { before, after, ...terms }: Terms,
): (record: FleetRecord) => Promise<HostChange | UnknownHost> {
  const compareBoots = createFleetComparison(context, { ...terms, before, after, roots: before });
  const ended = { withdrawn: after.withdrawn.map(({ id }) => id), removedLists: after.removedLists };
  if (ended.withdrawn.length + ended.removedLists.length === 0) return compareBoots;
  const compareEndorsers = createEndorserComparison(context, { ...terms, before, after, ended });
  return async (record) => (await compareEndorsers(record)) ?? compareBoots(record);
}

async function readBroughtBack(
  context: WalkContext,
  before: readonly ApprovedGolden[],
  after: readonly ApprovedGolden[],
): Promise<WhatIf['broughtBack']> {
  const known = new Set(before.map(({ id }) => id));
  const added = after.filter(({ id }) => !known.has(id));
  const layers = added.map(({ statement }) => statement.layer);
  const ended = await readEndedGoldens(context, layers);
  return new Map(
    added.map((golden) => [golden.id, broughtBackBy(golden, ended)] as const).filter(([, found]) => found.length > 0),
  );
}

async function foresee(
  { config, store, now }: WalkContext,
  changes: readonly HostChange[],
  fleet: number,
): Promise<LockoutForecast> {
  const holdable = changes.filter(({ isHoldable }) => isHoldable).length;
  return foreseeLockout(config, await store.findLockout(), { holdable, fleet, at: now() });
}

function count(changes: readonly HostChange[]): WhatIf['counts'] {
  const counts = { lost: 0, gained: 0, 'still-refused': 0, 'still-trusted': 0 };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}
