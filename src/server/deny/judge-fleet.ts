// Which hosts a deny list holds something against, by the very appraisal that their next attestation would get.
import type { DenyList } from '../../core/deny/index.ts';
import { isEndorserDenied } from '../../core/endorsement/index.ts';
import type { Finding } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { createPause, idOf, isUnreadable, readFleet, tellingMs } from '../fleet/walk-fleet.ts';
import type { Steps } from '../fleet/progress.ts';
import type { WalkContext } from '../fleet/walks.ts';
import { selectPolicy } from '../trust/select-policy.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import { isProtected } from '../lockout/protected-hosts.ts';
import { visitMemory } from '../memory.ts';
import { closedTo } from '../rollout/stages.ts';
import type { FleetRecord, UnreadableHost } from '../storage/index.ts';
import { policyName, replaceDenyLists, type DraftTrust } from '../what-if/draft.ts';
import { appraiseStored, classOf, createSubject, readEvidence, trustOf } from '../what-if/stored-evidence.ts';

/** What the lists hold against one host, or the code of why nobody can tell. */
export type HostDenial = { readonly denials: readonly Finding[] } | { readonly code: UnreadCode };

export type UnreadCode = 'HOST_EVIDENCE_NONE' | 'HOST_UNREADABLE' | 'BOOT_ROLLED_BACK' | 'SERVER_INTERNAL';

export interface DenialQuestion {
  readonly list: DenyList;
  /** It alone: what other lists hold against a host is another question. Else with those in force, in the place of the one of its name. */
  readonly isAlone: boolean;
  readonly at: Date;
}

export interface JudgedHost {
  readonly hostId: string;
  /** Of its last verdict; undefined where the host cannot be read. */
  readonly sequence: number | undefined;
  readonly isProtected: boolean;
  /** Nobody may vouch for it. */
  readonly isDisowned: boolean;
  readonly denial: HostDenial;
}

/** A function that judges one host after another, by the trust there is now. Hosts that booted alike, under one policy, are appraised once. */
export async function createJudge(
  context: WalkContext,
  { list, isAlone, at }: DenialQuestion,
): Promise<(record: FleetRecord) => Promise<JudgedHost>> {
  const trust = await context.trust.current();
  const draft = { ...trust, ...(await replaceDenyLists(context, isAlone ? [] : trust.denyLists, [list])) };
  const read = createDenialReader(context, { trust, draft, at });
  const vouching = { denied: draft.denied, at, memory: context.memory.certificates };
  return async (record) => ({
    hostId: record.host.hostId,
    sequence: record.host.verdictSequence,
    isProtected: isProtected(context.config, record.host),
    isDisowned: isEndorserDenied(record.host, trust, vouching),
    denial: await read(record),
  });
}

function createDenialReader(
  context: WalkContext,
  { trust, draft, at }: { readonly trust: TrustInForce; readonly draft: DraftTrust; readonly at: Date },
): (record: FleetRecord) => Promise<HostDenial> {
  const known = new Map<string, readonly Finding[]>();
  const memory = visitMemory(context.memory);
  return async ({ host, evidence }) => {
    if (evidence === undefined) return { code: 'HOST_EVIDENCE_NONE' };
    if (evidence.bootEpoch === 'rolled-back') return { code: 'BOOT_ROLLED_BACK' };
    try {
      const subject = createSubject(context, { host, evidence }, { roots: trust, at, rules: [draft.denied], memory });
      const policy = selectPolicy(draft.policies, host)?.policy;
      const bootClass = classOf(subject, [policyName(policy), [...closedTo(draft.rollouts, host)].sort()], memory);
      const shared = bootClass === undefined ? undefined : known.get(bootClass);
      if (shared !== undefined) return { denials: shared };
      const read = await readEvidence(context, subject);
      const denying = trustOf(subject, read.qualifyingData, draft);
      const { findings } = await appraiseStored(read.evidence, denying, policy, at, memory);
      const denials = findings.filter(({ check }) => check === 'denied');
      if (bootClass !== undefined && !read.isNewer) known.set(bootClass, denials);
      return { denials };
    } catch (error) {
      context.log.error({ err: error, host: host.hostId }, 'a host could not be held against a deny list');
      return { code: 'SERVER_INTERNAL' };
    }
  };
}

/** Every active host, in the order of their ids, some at a time. */
export async function* walkDenials(
  context: WalkContext,
  question: DenialQuestion,
): AsyncGenerator<readonly JudgedHost[], void> {
  const judge = await createJudge(context, question);
  const pause = createPause(tellingMs);
  let judged: JudgedHost[] = [];
  for await (const record of readFleet(context)) {
    judged.push(isUnreadable(record) ? unreadable(record) : await judge(record));
    if (!(await pause())) continue;
    yield judged;
    judged = [];
  }
  yield judged;
}

/** Tells `note` of every active host, wherever the fleet is walked. Says how many it looked at, and at last of how many it told.
 * @throws ServerError FLEET_WALK_LOST */
export async function* judgeFleet(
  { store, walks }: Pick<ServerContext, 'store' | 'walks'>,
  question: DenialQuestion,
  note: (judged: JudgedHost) => void,
): Steps<number> {
  const total = await store.countActiveHosts();
  let done = 0;
  for await (const some of walks.denials(question)) {
    some.forEach(note);
    done += some.length;
    yield { done, total: Math.max(total, done) };
  }
  return done;
}

function unreadable(record: UnreadableHost): JudgedHost {
  const denial = { code: 'HOST_UNREADABLE' } as const;
  return { hostId: idOf(record), sequence: undefined, isProtected: false, isDisowned: false, denial };
}
