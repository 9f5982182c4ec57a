// What the logs of a boot prove, once signature and PCR values hold. It costs nearly all of an appraisal, and it follows from
// its arguments alone: so it is what an appraisal may remember. See `log-memory.ts`.
import { matchDeniedGoldens, readBootDenials, type Denial } from '../deny/index.ts';
import { parseEventLog, verifyEventLog, type Layer } from '../event-log/index.ts';
import type { ApprovedGolden } from '../golden/index.ts';
import type { AttestedPcrs } from '../tpm/index.ts';
import type { Finding, Verdict } from '../verdict/index.ts';
import { createAttempt } from './attempt.ts';
import { checkEventLog } from './checks/check-event-log.ts';
import { checkFacts } from './checks/check-facts.ts';
import { checkLayerOrder } from './checks/check-layer-order.ts';
import { checkLayers } from './checks/check-layers.ts';
import { checkLogPresence } from './checks/check-log-presence.ts';
import { checkUserspaceLog } from './checks/check-userspace-log.ts';
import type { Trust } from './evidence.ts';
import type { NamedLog } from './named-log.ts';
import type { AppraisalPolicy } from './policy/policy.ts';

/** What the server's records say of one host or one quote. The logs are appraised without it. */
type OfOneHost =
  | 'host'
  | 'endorsement'
  | 'leniencies'
  | 'missingIssuer'
  | 'endorsers'
  | 'platform'
  | 'qualifyingData'
  | 'challengedAt'
  | 'previousBoot';

/** What they say of all hosts; and the host's name, for a remedy. */
export type StandingTrust = Omit<Trust, OfOneHost> & Pick<Trust, 'host'>;

/** Everything the outcome depends on. */
export interface LogBasis {
  readonly pcrs: AttestedPcrs;
  readonly eventLog: NamedLog | undefined;
  readonly userspaceLog: Uint8Array | undefined;
  readonly trust: StandingTrust;
  readonly policy: AppraisalPolicy | undefined;
  readonly at: Date;
}

export interface LogAppraisal {
  /** What each layer matched, for the layers that did. Undefined when the log itself is not proved. */
  readonly matched: ReadonlyMap<Layer, ApprovedGolden> | undefined;
  /** The same by id, as verdicts say it. One object for every verdict on this boot: frozen. */
  readonly layers: Verdict['layers'];
  /** PCR values at the start of the kernel, where the running system measured into them since. */
  readonly atKernelStart: AttestedPcrs['banks'] | undefined;
  readonly findings: readonly Finding[];
  readonly factFindings: readonly Finding[];
  readonly denials: readonly Denial[];
  /** Ids of golden measurements that are denied and that the boot agrees with, whatever the policy demands. */
  readonly deniedGoldens: readonly string[];
}

export function appraiseLog({ pcrs, eventLog, userspaceLog, trust, policy, at }: LogBasis): LogAppraisal {
  const findings: Finding[] = [...checkLogPresence(eventLog)];
  const attempt = createAttempt(findings);
  const userspace = checkUserspaceLog(userspaceLog);
  findings.push(...userspace.findings);
  const log = eventLog && attempt('event-log', () => verifyEventLog(parseEventLog(eventLog), pcrs, userspace.claimed));
  const atKernelStart = log?.userspace?.before;
  const denials = trust.denied === undefined ? [] : readBootDenials(log, trust.denied, at);
  const deniedGoldens = log && trust.denied ? matchDeniedGoldens(log, trust.goldens, trust.denied) : [];
  if (log === undefined || policy === undefined) {
    const matched = log && new Map();
    return { matched, layers: {}, atKernelStart, findings, factFindings: [], denials, deniedGoldens };
  }
  const { matched, findings: layerFindings } = checkLayers(log, trust, policy, at);
  findings.push(...checkEventLog(log, policy), ...checkLayerOrder(log, policy), ...layerFindings);
  const factFindings = checkFacts(log, policy);
  return { matched, layers: idsOf(matched), atKernelStart, findings, factFindings, denials, deniedGoldens };
}

function idsOf(matched: ReadonlyMap<Layer, ApprovedGolden>): Verdict['layers'] {
  const layers: Record<string, string> = {};
  for (const [layer, { id }] of matched) layers[layer] = id;
  return Object.freeze(layers);
}
