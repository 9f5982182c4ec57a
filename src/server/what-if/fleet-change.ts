// Every host of the fleet under the trust in force and under a draft, from stored evidence. Nothing is changed by it.
import {
  appraise,
  compareVerdicts,
  readBootClass,
  type AppraisalPolicy,
  type Evidence,
  type FleetChange,
  type Trust,
} from '../../core/appraisal/index.ts';
import { recallAttestationKey } from '../../core/tpm/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import { readClaimedPcrs } from '../attestation/claimed-pcrs.ts';
import type { ServerContext } from '../context.ts';
import { selectPolicy } from '../golden/select-policy.ts';
import { visitMemory, type ServerMemory } from '../memory.ts';
import { closedTo, goldensFor } from '../rollout/stages.ts';
import type { EvidenceRecord, FleetRecord, StandingEvidence } from '../storage/index.ts';
import { judgePlatform, type PlatformRoots } from '../trust/platform.ts';
import { endorsementOf } from '../trust/standing.ts';
import { policyName, type DraftTrust } from './draft.ts';

export interface Comparison {
  readonly before: DraftTrust;
  readonly after: DraftTrust;
  /** Who may vouch for machines, before and after. */
  readonly roots: PlatformRoots;
  /** The moment both are asked about. */
  readonly at: Date;
}

/** Nothing can be said of the host: why. */
export interface UnknownHost {
  readonly host: string;
  readonly code: 'HOST_EVIDENCE_NONE' | 'BOOT_ROLLED_BACK' | 'SERVER_INTERNAL';
}

/** A function that says what the change does to one host after another. Hosts that booted alike, and fall under the same
 * policies, are appraised once: see `readBootClass`. */
export function createFleetComparison(
  context: ServerContext,
  comparison: Comparison,
): (record: FleetRecord) => Promise<FleetChange | UnknownHost> {
  const known = new Map<string, FleetChange>();
  const memory = visitMemory(context.memory);
  const kept = new Set(comparison.after.goldens.map(({ id }) => id));
  const ended = new Set(comparison.before.goldens.map(({ id }) => id).filter((id) => !kept.has(id)));
  return async ({ host, evidence }) => {
    const { hostId } = host;
    if (evidence === undefined) return { host: hostId, code: 'HOST_EVIDENCE_NONE' };
    // The TPM went back in time: whatever its log says, the host stays refused until somebody looks.
    if (evidence.bootEpoch === 'rolled-back') return { host: hostId, code: 'BOOT_ROLLED_BACK' };
    try {
      const subject: Subject = {
        host,
        evidence,
        endorsement: endorsementOf(host, context.config),
        platform: judgePlatform(host, comparison.roots, comparison.at),
        key: recallAttestationKey(evidence.akPublic, memory.keys),
      };
      const policies = {
        before: selectPolicy(comparison.before.policies, host)?.policy,
        after: selectPolicy(comparison.after.policies, host)?.policy,
      };
      const closed = [...closedTo(comparison.before.rollouts, host)].sort();
      const bootClass = classOf(subject, { policies, closed, memory });
      const shared = bootClass === undefined ? undefined : known.get(bootClass);
      if (shared !== undefined) return { ...shared, host: hostId };
      const read = await readEvidence(context, subject);
      const change = compareHost(read, { ...comparison, subject, policies, ended, memory });
      // Newer evidence is of another class, perhaps.
      if (bootClass !== undefined && !read.isNewer) known.set(bootClass, change);
      return change;
    } catch (error) {
      context.log.error({ err: error, host: hostId }, 'a host could not be appraised under a draft');
      return { host: hostId, code: 'SERVER_INTERNAL' };
    }
  };
}

interface Subject {
  readonly host: FleetRecord['host'];
  readonly evidence: StandingEvidence;
  readonly endorsement: Trust['endorsement'];
  readonly platform: Trust['platform'];
  readonly key: Trust['host']['attestationKey'];
}

interface PolicyPair {
  readonly before: AppraisalPolicy | undefined;
  readonly after: AppraisalPolicy | undefined;
}

interface Circumstances {
  readonly policies: PolicyPair;
  /** Golden measurements that a rollout keeps from the host. */
  readonly closed: readonly string[];
  readonly memory: ServerMemory;
}

function classOf(
  { host, evidence, endorsement, platform, key }: Subject,
  { policies: { before, after }, closed, memory }: Circumstances,
): string | undefined {
  const named = { ...evidence, pcrs: readClaimedPcrs(evidence.pcrs) };
  const { qualifyingData } = evidence;
  const trust = { host: { id: host.hostId, attestationKey: key }, endorsement, qualifyingData };
  const bootClass = readBootClass(named, trust, memory.quotes);
  return bootClass === undefined
    ? undefined
    : JSON.stringify([policyName(before), policyName(after), closed, bootClass, platform ?? null]);
}

interface HostComparison extends Comparison {
  readonly subject: Subject;
  readonly policies: PolicyPair;
  /** Golden measurements that the change ends. */
  readonly ended: ReadonlySet<string>;
  readonly memory: ServerMemory;
}

function compareHost(
  { evidence, qualifyingData }: ReadEvidence,
  { before, after, at, subject, policies, ended, memory }: HostComparison,
): FleetChange {
  const { host, endorsement, platform, key } = subject;
  const trust = {
    host: { id: host.hostId, attestationKey: key },
    endorsement,
    platform,
    qualifyingData,
    previousBoot: undefined,
  };
  const standing = appraise(evidence, { ...trust, goldens: goldensFor(before, host) }, policies.before, at, memory);
  const isSamePolicy = policyName(policies.before) === policyName(policies.after);
  if (isSamePolicy && isUntouched(standing, ended)) return compareVerdicts(standing, standing);
  return compareVerdicts(
    standing,
    appraise(evidence, { ...trust, goldens: goldensFor(after, host) }, policies.after, at, memory),
  );
}

/** A trusted host stays trusted while what its verdict rests on stays: a further golden measurement takes nothing away. */
function isUntouched({ status, layers, furtherGoldens = [] }: Verdict, ended: ReadonlySet<string>): boolean {
  const rests = [...Object.values(layers), ...furtherGoldens];
  return status === 'affirming' && !rests.some((id) => ended.has(id));
}

interface ReadEvidence {
  readonly evidence: Evidence;
  readonly qualifyingData: Uint8Array;
  /** It is not the evidence that was asked for. */
  readonly isNewer: boolean;
}

/** With its logs. Where the host has sent newer evidence meanwhile, and the log that was named is gone, that. */
async function readEvidence({ store }: ServerContext, { host, evidence }: Subject): Promise<ReadEvidence> {
  const names = [evidence.eventLog, evidence.imaLog, evidence.userspaceLog];
  const logs = await Promise.all(names.map(async (name) => (name === undefined ? undefined : store.findLog(name))));
  if (names.every((name, index) => name === undefined || logs[index] !== undefined)) {
    const [eventLog, imaLog, userspaceLog] = logs;
    return {
      evidence: evidenceOf({ ...evidence, eventLog, imaLog, userspaceLog }),
      qualifyingData: evidence.qualifyingData,
      isNewer: false,
    };
  }
  const newer = await store.findEvidence(host.hostId);
  if (newer === undefined) throw new TypeError(`the evidence of ${host.hostId} is gone`);
  return { evidence: evidenceOf(newer), qualifyingData: newer.qualifyingData, isNewer: true };
}

type Readable = Pick<EvidenceRecord, 'attest' | 'signature' | 'pcrs' | 'eventLog' | 'imaLog' | 'userspaceLog'>;

function evidenceOf({ attest, signature, pcrs, eventLog, imaLog, userspaceLog }: Readable): Evidence {
  return {
    attest,
    signature,
    pcrs: readClaimedPcrs(pcrs),
    eventLog,
    ...(imaLog === undefined ? {} : { imaLog }),
    ...(userspaceLog === undefined ? {} : { userspaceLog }),
  };
}
