// The verdict: built from proofs, never from flags. What is missing here can only make it worse.
import { hashHex } from '../crypto/index.ts';
import { isoTime } from '../encoding/index.ts';
import type { Layer } from '../event-log/index.ts';
import type { ApprovedGolden } from '../golden/index.ts';
import type { AttestedPcrs, VerifiedQuote } from '../tpm/index.ts';
import {
  isWorse,
  statusOfVector,
  type Finding,
  type TrustStatus,
  type TrustVector,
  type Verdict,
} from '../verdict/index.ts';
import { advise } from './advise.ts';
import type { LogAppraisal } from './appraise-log.ts';
import { readBootEpoch } from './checks/check-boot-state.ts';
import type { RuntimeOutcome } from './checks/check-ima.ts';
import type { Trust } from './evidence.ts';
import { nameOfLog, type NamedLog } from './named-log.ts';
import type { AppraisalPolicy } from './policy/policy.ts';
import { earnedVector, voidVector, worsenVector } from './trust-vector.ts';

export interface Conclusion {
  readonly trust: Trust;
  readonly policy: AppraisalPolicy | undefined;
  readonly at: Date;
  readonly attest: Uint8Array;
  readonly eventLog: NamedLog | undefined;
  readonly quote: VerifiedQuote | undefined;
  readonly pcrs: AttestedPcrs | undefined;
  readonly boot: LogAppraisal | undefined;
  readonly runtime: RuntimeOutcome | undefined;
  readonly findings: readonly Finding[];
}

export function concludeVerdict(conclusion: Conclusion): Verdict {
  const { trust, policy, at, attest, eventLog, quote, runtime, findings } = conclusion;
  const matched = matchedLayers(conclusion);
  const vector = vectorOf(conclusion, matched);
  const further = runtime?.goldens.slice(1) ?? [];
  // The clock of another server may have been ahead: never later than now.
  const challengedAt = Math.min(at.getTime(), trust.challengedAt?.getTime() ?? Infinity);
  return {
    host: trust.host.id,
    status: statusOf(conclusion, matched, vector),
    vector,
    findings: advise(findings),
    layers: layersOf(conclusion),
    ...(further.length === 0 ? {} : { furtherGoldens: further.map(({ id }) => id) }),
    ...(policy === undefined ? {} : { policy: { id: policy.id, version: policy.version } }),
    ...(quote === undefined ? {} : { boot: bootOf(quote, trust) }),
    evidenceDigest: hashHex('sha256', attest),
    ...(eventLog === undefined ? {} : { eventLogDigest: nameOfLog(eventLog) }),
    challengedAt: isoTime(challengedAt),
    issuedAt: isoTime(at.getTime()),
    expiresAt: isoTime(expiryOf(conclusion, challengedAt, matched)),
  };
}

/** At the end of the policy's time, counted from the challenge, or with the first golden measurement it rests on: a verdict never
 * outlives its grounds, and a quote that was kept back brings no more than the challenge was worth. docs/decisions/0024 */
function expiryOf({ policy, runtime }: Conclusion, challengedAt: number, matched: MatchedLayers): number {
  const seconds = policy !== undefined && Number.isSafeInteger(policy.verdictSeconds) ? policy.verdictSeconds : 0;
  let end = challengedAt + seconds * 1000;
  for (const golden of matched.values()) end = Math.min(end, endOf(golden));
  for (const golden of runtime?.goldens ?? []) end = Math.min(end, endOf(golden));
  return end;
}

function endOf({ statement }: ApprovedGolden): number {
  return statement.notAfter?.getTime() ?? Infinity;
}

type MatchedLayers = ReadonlyMap<Layer, ApprovedGolden>;

function matchedLayers({ boot, runtime }: Conclusion): MatchedLayers {
  const booted = boot?.matched ?? new Map<Layer, ApprovedGolden>();
  const ran = runtime?.goldens[0];
  return ran === undefined ? booted : new Map([...booted, ['runtime', ran]]);
}

/** By id what `matchedLayers` holds. */
function layersOf({ boot, runtime }: Conclusion): Verdict['layers'] {
  const booted = boot?.layers ?? {};
  const ran = runtime?.goldens[0];
  return ran === undefined ? booted : { ...booted, runtime: ran.id };
}

/** Affirming takes every proof, every demanded layer, at least one of them, and no error. */
function statusOf(
  { policy, quote, pcrs, boot, findings }: Conclusion,
  matched: MatchedLayers,
  vector: TrustVector,
): TrustStatus {
  const isProved = quote !== undefined && pcrs !== undefined && boot?.matched !== undefined;
  const isMatched = policy !== undefined && policy.layers.length > 0 && policy.layers.every((l) => matched.has(l));
  const fromVector = statusOfVector(vector);
  if (!isProved || !isMatched || findings.some(({ severity }) => severity === 'error')) {
    return fromVector === 'contraindicated' ? 'contraindicated' : 'none';
  }
  const hasWarning = findings.some(({ severity }) => severity === 'warning');
  return hasWarning && !isWorse(fromVector, 'warning') ? 'warning' : fromVector;
}

function vectorOf({ policy, trust, quote, pcrs, findings }: Conclusion, matched: MatchedLayers): TrustVector {
  if (quote === undefined || pcrs === undefined) return voidVector;
  if (policy === undefined || policy.layers.length === 0) return {};
  return worsenVector(earnedVector(matched, trust), findings);
}

function bootOf(quote: VerifiedQuote, trust: Trust): NonNullable<Verdict['boot']> {
  const { resetCount, restartCount, clockMs } = quote.clock;
  return { epoch: readBootEpoch(quote, trust.previousBoot), resetCount, restartCount, clockMs: String(clockMs) };
}
