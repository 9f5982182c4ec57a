// Which hosts a deny list holds something against, by the very appraisal that their next attestation would get.
import { appraise } from '../../core/appraisal/index.ts';
import type { DenyList } from '../../core/deny/index.ts';
import type { Finding } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { createPause, idOf, isUnreadable, readFleet } from '../fleet/walk-fleet.ts';
import { selectPolicy } from '../golden/select-policy.ts';
import type { TrustInForce } from '../golden/trust-cache.ts';
import { visitMemory } from '../memory.ts';
import { closedTo } from '../rollout/stages.ts';
import type { FleetRecord } from '../storage/index.ts';
import { policyName, replaceDenyLists, type DraftTrust } from '../what-if/draft.ts';
import { classOf, createSubject, readEvidence, trustOf } from '../what-if/stored-evidence.ts';

/** What the lists hold against one host, or the code of why nobody can tell. */
export type HostDenial = { readonly denials: readonly Finding[] } | { readonly code: UnreadCode };

export type UnreadCode = 'HOST_EVIDENCE_NONE' | 'HOST_UNREADABLE' | 'BOOT_ROLLED_BACK' | 'SERVER_INTERNAL';

/** The trust in force with `drafts` alone denying: what other lists hold against a host is another question. */
export function layDenyLists(trust: TrustInForce, drafts: readonly DenyList[]): DraftTrust {
  return { ...trust, ...replaceDenyLists([], drafts) };
}

/** Hosts that booted alike, under one policy, are appraised once. */
export function createDenialReader(
  context: ServerContext,
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
      const { findings } = appraise(read.evidence, trustOf(subject, read.qualifyingData, draft), policy, at, memory);
      const denials = findings.filter(({ check }) => check === 'denied');
      if (bootClass !== undefined && !read.isNewer) known.set(bootClass, denials);
      return { denials };
    } catch (error) {
      context.log.error({ err: error, host: host.hostId }, 'a host could not be held against a deny list');
      return { code: 'SERVER_INTERNAL' };
    }
  };
}

export interface JudgedHost {
  readonly hostId: string;
  /** Undefined where it cannot be read. */
  readonly host: FleetRecord['host'] | undefined;
  readonly denial: HostDenial;
}

/** Every active host, in the order of their ids. Other requests are served meanwhile. */
export async function* judgeFleet(
  context: ServerContext,
  question: { readonly trust: TrustInForce; readonly draft: DraftTrust; readonly at: Date },
): AsyncGenerator<JudgedHost> {
  const read = createDenialReader(context, question);
  const pause = createPause();
  for await (const record of readFleet(context)) {
    const hostId = idOf(record);
    if (isUnreadable(record)) yield { hostId, host: undefined, denial: { code: 'HOST_UNREADABLE' } };
    else yield { hostId, host: record.host, denial: await read(record) };
    await pause();
  }
}
