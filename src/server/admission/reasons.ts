// Why a decision is a denial: what keeps the host from being trusted, and what the workload demands beyond that. Each with its cause and
// what to do.
import { messageOf, verdictReasons, type ReasonRow } from '../attestation/verdict-reasons.ts';

export const reasons = {
  HOST_UNKNOWN: {
    title: 'the host is not enrolled',
    cause: 'No host of this id is known.',
    remedy:
      'Enrol the host: `touchstone agent enrol`. Where it has asked and waits for an operator: `touchstone host pending`.',
  },
  HOST_UNREADABLE: {
    title: 'what is stored of the host cannot be read',
    cause: 'A row of the database that belongs to the host is damaged.',
    remedy: 'Restore the data directory from your backup, or release the host and enrol it again.',
  },
  HOST_NOT_REMEMBERED: {
    title: 'the database is away, and the host is not remembered',
    cause: 'Nobody asked this server about the host lately, or something happened to it since.',
    remedy: 'Ask again in a moment, or ask another server.',
  },
  ...verdictReasons,
  STATUS_TOO_LOW: {
    title: 'the host is not trusted enough',
    cause: 'The status of the verdict is below what the workload demands.',
    remedy: 'Read the findings of the verdict: `touchstone host show`.',
  },
  STATUS_HELD: {
    title: 'the status is held by lockout protection, which the workload does not accept',
    cause: 'The evidence matches no golden measurement or policy any more; too many hosts lost trust so at once.',
    remedy: 'Mend golden measurements or policies: `touchstone lockout show`, `touchstone host explain`.',
  },
  STATUS_BY_BREAK_GLASS: {
    title: 'the host is admitted by break-glass alone, which the workload does not accept',
    cause: 'No golden measurement accepts what the host booted; operators signed that it is admitted for a while.',
    remedy: 'Approve golden measurements for it: `touchstone break-glass list`, `touchstone host explain`.',
  },
  VERDICT_TOO_OLD: {
    title: 'the verdict is older than the workload allows',
    cause: 'The host attested longer ago than the demanded freshness.',
    remedy: 'Wait for the next attestation, or attest more often (`verdictSeconds` of the policy).',
  },
  VECTOR_CLAIM_MISSING: {
    title: 'the verdict lacks a claim that the workload demands',
    cause: 'The trust vector says nothing about a demanded claim.',
    remedy: 'Demand what the policy of the host appraises.',
  },
  VECTOR_CLAIM_TOO_LOW: {
    title: 'a claim of the verdict is worse than the workload allows',
    cause: 'A value of the trust vector is beyond the demanded floor.',
    remedy: 'Read the findings of the verdict: `touchstone host show`.',
  },
  LABEL_MISSING: {
    title: 'the host lacks a label that the workload demands',
    cause: 'An operator has not given the host the demanded label, or with another value.',
    remedy: 'Choose a host that has the label; only operators set labels.',
  },
  ZONE_MISMATCH: {
    title: 'the host is in another zone, or in none',
    cause: 'The label named by `admission.zoneLabel` is not the zone that the workload demands.',
    remedy: 'Choose a host of the zone.',
  },
  TENANT_MISMATCH: {
    title: 'the host and the workload belong to different tenants',
    cause:
      'A host with the label named by `admission.tenantLabel` runs workloads of that tenant only, and a workload with a tenant runs on hosts of that tenant only.',
    remedy: 'Choose a host of the tenant; only operators set labels.',
  },
  CONFIDENTIAL_COMPUTING_UNPROVEN: {
    title: 'nothing proves that the host isolates memory from its operator',
    cause: 'The workload demands confidential computing, and the trust vector has no affirming claim `runtime-opaque`.',
    remedy: 'Choose a host whose confidential-computing evidence was appraised.',
  },
} as const satisfies Readonly<Record<string, ReasonRow>>;

export type ReasonCode = keyof typeof reasons;

export interface DenialReason {
  readonly code: ReasonCode;
  readonly message: string;
}

export function reasonOf(code: ReasonCode, detail?: string): DenialReason {
  return { code, message: messageOf(reasons[code], detail) };
}
