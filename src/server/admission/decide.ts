// May this workload run on this host, now? Deny unless every demand is met by a verdict that holds.
import { statusOfClaim, type TrustClaim, type TrustVector } from '../../core/verdict/index.ts';
import { errorCodesOf, holdVerdict, type HeldVerdict } from '../attestation/host-verdict.ts';
import type { ServerContext } from '../context.ts';
import { reasonOf, type Reason } from './reasons.ts';

export interface Demands {
  readonly hostId: string;
  readonly workload: string | undefined;
  readonly minimumStatus: 'affirming' | 'warning';
  readonly maxAgeSeconds: number | undefined;
  /** The worst value allowed for each claim; the claim must be present. */
  readonly requireVector: TrustVector;
}

export interface Decision {
  readonly allow: boolean;
  readonly hostId: string;
  readonly workload: string | undefined;
  /** Empty exactly when `allow`. */
  readonly reasons: readonly Reason[];
  readonly held: HeldVerdict | undefined;
  readonly decidedAt: Date;
  readonly validUntil: Date;
}

export async function decideAdmission(context: ServerContext, demands: Demands): Promise<Decision> {
  const { store, config } = context;
  const host = await store.findHost(demands.hostId);
  const record = host && (await store.findVerdict(demands.hostId));
  const at = context.now();
  const held = host && holdVerdict(host, record, at);
  const reasons = held === undefined ? [reasonOf('HOST_UNKNOWN')] : findReasons(held, demands, at);
  const allow = reasons.length === 0;
  const bounds = [at.getTime() + config.admission.decisionSeconds * 1000];
  if (allow && held?.verdict !== undefined) {
    bounds.push(Date.parse(held.verdict.expiresAt));
    if (demands.maxAgeSeconds !== undefined) {
      bounds.push(Date.parse(held.verdict.issuedAt) + demands.maxAgeSeconds * 1000);
    }
  }
  const { hostId, workload } = demands;
  return { allow, hostId, workload, reasons, held, decidedAt: at, validUntil: new Date(Math.min(...bounds)) };
}

function findReasons(held: HeldVerdict, demands: Demands, at: Date): readonly Reason[] {
  const { verdict, status } = held;
  if (verdict === undefined || held.reasons.length > 0) return held.reasons;
  const reasons: Reason[] = [];
  const isEnough = status === 'affirming' || (status === 'warning' && demands.minimumStatus === 'warning');
  if (!isEnough) {
    const codes = errorCodesOf(verdict);
    const because = codes === '' ? '' : ` (${codes})`;
    reasons.push(reasonOf('STATUS_TOO_LOW', `${status}, demanded ${demands.minimumStatus}${because}`));
  }
  const ageSeconds = (at.getTime() - Date.parse(verdict.issuedAt)) / 1000;
  if (demands.maxAgeSeconds !== undefined && ageSeconds >= demands.maxAgeSeconds) {
    reasons.push(reasonOf('VERDICT_TOO_OLD', `${Math.floor(ageSeconds)} s, allowed ${demands.maxAgeSeconds} s`));
  }
  for (const [claim, floor] of Object.entries(demands.requireVector)) {
    reasons.push(...findVectorReasons(verdict.vector, claim as TrustClaim, floor));
  }
  return reasons;
}

/** Within a tier a greater distance from zero is worse; negative values mean the same, said by the implementation. [AR4SI §2.3] */
function findVectorReasons(vector: TrustVector, claim: TrustClaim, floor: number): readonly Reason[] {
  const value = vector[claim];
  if (value === undefined || statusOfClaim(value) === 'none') return [reasonOf('VECTOR_CLAIM_MISSING', claim)];
  return Math.abs(value) <= Math.abs(floor)
    ? []
    : [reasonOf('VECTOR_CLAIM_TOO_LOW', `${claim} is ${value}, allowed ${floor}`)];
}
