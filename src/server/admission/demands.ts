// What a workload demands of a host, each demand a check of its own. What is demanded and not proved is refused.
import { statusOfClaim, type TrustClaim, type TrustVector, type Verdict } from '../../core/verdict/index.ts';
import { errorCodesOf, type HeldVerdict } from '../attestation/host-verdict.ts';
import type { ServerConfig } from '../config/config.ts';
import type { Labels } from '../storage/index.ts';
import { reasonOf, type DenialReason } from './reasons.ts';

export interface Demands {
  readonly minimumStatus: 'affirming' | 'warning';
  /** How old the evidence may be. */
  readonly maxAgeSeconds: number | undefined;
  /** The worst value allowed for each claim; the claim must be present. */
  readonly requireVector: TrustVector;
  readonly requireLabels: Labels;
  readonly zone: string | undefined;
  readonly tenant: string | undefined;
  readonly confidentialComputing: boolean;
  /** Whether a status that lockout protection holds, or break-glass admits, is not good enough. */
  readonly refuseHeld: boolean;
}

/** Where the host stands, by the labels that operators gave it. */
export function findPlacementReasons(
  labels: Labels,
  { requireLabels, zone, tenant }: Demands,
  { zoneLabel, tenantLabel }: Pick<ServerConfig['admission'], 'zoneLabel' | 'tenantLabel'>,
): readonly DenialReason[] {
  const lacking = Object.entries(requireLabels).filter(([name, value]) => labelOf(labels, name) !== value);
  const reasons = lacking.map(([name, value]) => reasonOf('LABEL_MISSING', `${name}=${value}`));
  if (zone !== undefined && labelOf(labels, zoneLabel) !== zone) reasons.push(reasonOf('ZONE_MISMATCH'));
  // Both ways: a host set apart for a tenant takes nobody else's workload, not even one that names no tenant.
  if (labelOf(labels, tenantLabel) !== tenant) reasons.push(reasonOf('TENANT_MISMATCH'));
  return reasons;
}

/** What the verdict says, once it holds. */
export function findTrustReasons(
  held: HeldVerdict,
  verdict: Verdict,
  demands: Demands,
  at: Date,
): readonly DenialReason[] {
  const { requireVector, confidentialComputing } = demands;
  const claims = Object.entries(requireVector) as [TrustClaim, number][];
  return [
    ...findStatusReasons(held, verdict, demands.minimumStatus),
    ...(demands.refuseHeld ? findGroundReasons(held) : []),
    ...findAgeReasons(verdict, demands.maxAgeSeconds, at),
    ...claims.flatMap(([claim, floor]) => findVectorReasons(verdict.vector, claim, floor)),
    ...(confidentialComputing ? findConfidentialReasons(verdict.vector) : []),
  ];
}

function findGroundReasons({ hold, grant }: HeldVerdict): readonly DenialReason[] {
  if (grant !== undefined) return [reasonOf('STATUS_BY_BREAK_GLASS', grant.reason)];
  return hold === undefined ? [] : [reasonOf('STATUS_HELD', hold.reason)];
}

function findStatusReasons(
  { status }: HeldVerdict,
  verdict: Verdict,
  minimum: Demands['minimumStatus'],
): readonly DenialReason[] {
  if (status === 'affirming' || (status === 'warning' && minimum === 'warning')) return [];
  const codes = errorCodesOf(verdict);
  return [reasonOf('STATUS_TOO_LOW', `${status}, demanded ${minimum}${codes === '' ? '' : ` (${codes})`}`)];
}

/** Of what was proved: that is as old as the challenge. docs/decisions/0024 */
function findAgeReasons(
  { challengedAt }: Verdict,
  maxAgeSeconds: number | undefined,
  at: Date,
): readonly DenialReason[] {
  const ageSeconds = (at.getTime() - Date.parse(challengedAt)) / 1000;
  if (maxAgeSeconds === undefined || ageSeconds < maxAgeSeconds) return [];
  return [reasonOf('VERDICT_TOO_OLD', `${Math.floor(ageSeconds)} s, allowed ${maxAgeSeconds} s`)];
}

/** Within a tier a greater distance from zero is worse; negative values mean the same, said by the implementation. [AR4SI §2.3] */
function findVectorReasons(vector: TrustVector, claim: TrustClaim, floor: number): readonly DenialReason[] {
  const value = vector[claim];
  if (value === undefined || statusOfClaim(value) === 'none') return [reasonOf('VECTOR_CLAIM_MISSING', claim)];
  return Math.abs(value) <= Math.abs(floor)
    ? []
    : [reasonOf('VECTOR_CLAIM_TOO_LOW', `${claim} is ${value}, allowed ${floor}`)];
}

/** Never by a label: only evidence says that memory is encrypted and isolated. [AR4SI §2.3.7] */
function findConfidentialReasons(vector: TrustVector): readonly DenialReason[] {
  const claim = vector['runtime-opaque'];
  const isProved = claim !== undefined && statusOfClaim(claim) === 'affirming';
  return isProved ? [] : [reasonOf('CONFIDENTIAL_COMPUTING_UNPROVEN')];
}

/** Own properties only: a label called `constructor` is not there by birth. */
function labelOf(labels: Labels, name: string): string | undefined {
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}
