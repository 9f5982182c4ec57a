// Stored evidence of one host, ready to be appraised under whatever trust is asked about.
import {
  appraise,
  readBootClass,
  type AppraisalPolicy,
  type Evidence,
  type Trust,
} from '../../core/appraisal/index.ts';
import type { DenyRules } from '../../core/deny/index.ts';
import {
  endorsementOf,
  endorsersOf,
  judgePlatform,
  standingOf,
  type EndorsementRoots,
} from '../../core/endorsement/index.ts';
import { recallAttestationKey } from '../../core/tpm/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import { readClaimedPcrs } from '../attestation/claimed-pcrs.ts';
import { readLongIma } from '../attestation/read-ima-ahead.ts';
import type { ServerContext } from '../context.ts';
import { findLogs } from '../fleet/find-logs.ts';
import type { ServerMemory } from '../memory.ts';
import { goldensFor } from '../rollout/stages.ts';
import type { EvidenceRecord, FleetRecord, StandingEvidence } from '../storage/index.ts';
import type { DraftTrust } from './draft.ts';

export interface Subject {
  readonly host: FleetRecord['host'];
  readonly evidence: StandingEvidence;
  readonly endorsement: Trust['endorsement'];
  readonly platform: Trust['platform'];
  /** Those that any of the rules denies. */
  readonly endorsers: readonly string[];
  readonly key: Trust['host']['attestationKey'];
}

export interface Surroundings {
  readonly roots: EndorsementRoots;
  readonly at: Date;
  /** Of which day the endorsement of its TPM is; that of `at` unless told. */
  readonly from?: Date;
  /** What is denied in any of the cases that are asked about. */
  readonly rules: readonly (DenyRules | undefined)[];
  readonly memory: ServerMemory;
}

export function createSubject(
  { config }: Pick<ServerContext, 'config'>,
  { host, evidence }: { readonly host: FleetRecord['host']; readonly evidence: StandingEvidence },
  { roots, at, from = at, rules, memory }: Surroundings,
): Subject {
  const denied = rules.flatMap((each) =>
    endorsersOf(host, roots, each, memory.certificates).filter((sha256) => each?.endorsements.has(sha256) ?? false),
  );
  return {
    host,
    evidence,
    endorsement: mayBeRevoked(roots)
      ? standingOf(host, roots, { rules: config.enrolment, at: from, memory: memory.certificates }).endorsement
      : endorsementOf(host, config.enrolment),
    platform: judgePlatform(host, roots, at, memory.certificates),
    endorsers: [...new Set(denied)],
    key: recallAttestationKey(evidence.akPublic, memory.keys),
  };
}

/** Where nothing could have revoked a certificate, or gone stale, the path of each host is not looked at again. */
function mayBeRevoked({ anchors, revocationLists }: EndorsementRoots): boolean {
  return revocationLists.length > 0 || anchors.some(({ revocation }) => revocation === 'require');
}

/** What hosts that booted alike share, under the same `terms`; undefined where the host belongs to no class. */
export function classOf(
  { host, evidence, endorsement, platform, endorsers, key }: Subject,
  terms: readonly unknown[],
  memory: ServerMemory,
): string | undefined {
  const named = { ...evidence, pcrs: readClaimedPcrs(evidence.pcrs) };
  const { qualifyingData } = evidence;
  const trust = { host: { id: host.hostId, attestationKey: key }, endorsement, qualifyingData };
  const bootClass = readBootClass(named, trust, memory.quotes);
  return bootClass === undefined ? undefined : JSON.stringify([terms, bootClass, platform ?? null, endorsers]);
}

export function trustOf(
  { host, endorsement, platform, endorsers, key }: Subject,
  qualifyingData: Uint8Array,
  draft: DraftTrust,
): Trust {
  return {
    host: { id: host.hostId, attestationKey: key },
    endorsement,
    platform,
    endorsers,
    qualifyingData,
    challengedAt: undefined,
    goldens: goldensFor(draft, host),
    denied: draft.denied,
    previousBoot: undefined,
  };
}

export interface ReadEvidence {
  readonly evidence: Evidence;
  readonly qualifyingData: Uint8Array;
  /** It is not the evidence that was asked for. */
  readonly isNewer: boolean;
}

/** With its logs. Where the host has sent newer evidence meanwhile, and the log that was named is gone, that. */
export async function readEvidence(
  context: Pick<ServerContext, 'store'>,
  { host, evidence }: Subject,
): Promise<ReadEvidence> {
  const logs = await findLogs(context, [evidence.eventLog, evidence.imaLog, evidence.userspaceLog]);
  if (logs !== undefined) {
    const [eventLog, imaLog, userspaceLog] = logs;
    return {
      evidence: evidenceOf({ ...evidence, eventLog, imaLog, userspaceLog }),
      qualifyingData: evidence.qualifyingData,
      isNewer: false,
    };
  }
  const newer = await context.store.findEvidence(host.hostId);
  if (newer === undefined) throw new TypeError(`the evidence of ${host.hostId} is gone`);
  return { evidence: evidenceOf(newer), qualifyingData: newer.qualifyingData, isNewer: true };
}

/** As `appraise`. Others have their turns before it, where there is much to read. */
export async function appraiseStored(
  evidence: Evidence,
  trust: Trust,
  policy: AppraisalPolicy | undefined,
  at: Date,
  memory: ServerMemory,
): Promise<Verdict> {
  await readLongIma(memory, evidence, { policy, goldens: trust.goldens });
  return appraise(evidence, trust, policy, at, memory);
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
