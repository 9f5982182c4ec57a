// Why a decision is a denial, and why a verdict does not hold: each with its cause and what to do.

export interface ReasonRow {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

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
  HOST_RELEASED: {
    title: 'an operator released the host',
    cause: "The binding of the host to its TPM was ended by an operator's act.",
    remedy: 'Enrol the host again.',
  },
  HOST_TPM_REPLACED: {
    title: 'the host is to come back with a new TPM',
    cause: 'An operator had its TPM replaced (`touchstone host replace-tpm`). The old TPM is believed no more.',
    remedy: 'Enrol the host with its new TPM: `touchstone agent enrol`.',
  },
  HOST_RETIRED: {
    title: 'an operator retired the host',
    cause: 'The host left the fleet for good. Neither its name nor its TPM is enrolled again.',
    remedy: 'Choose another host.',
  },
  HOST_QUARANTINED: {
    title: 'operators have put the host into quarantine',
    cause:
      'A quarantine that names the host, or a label of it, is in force. What the host attests is kept and not believed.',
    remedy: 'See `touchstone quarantine list`; an operator lifts it: `touchstone quarantine lift`.',
  },
  HOST_REBOOTED: {
    title: 'the host has booted again and not attested since',
    cause: 'A verdict is about one boot. The host announced another one when it asked for a challenge.',
    remedy: 'Wait for its attestation, which follows the challenge at once; if none comes, look at the agent.',
  },
  VERDICT_NONE: {
    title: 'the host has not attested yet',
    cause: 'The host is enrolled and has sent no evidence so far.',
    remedy: 'Start the agent on the host: `touchstone agent run`.',
  },
  VERDICT_NEVER_HELD: {
    title: 'the last appraisal gave no verdict that could hold',
    cause: 'No policy applies to the host, so nothing says what is good or for how long.',
    remedy: 'Apply a policy that selects the host: `touchstone policy apply`.',
  },
  VERDICT_EXPIRED: {
    title: 'the verdict has expired',
    cause: 'The host did not attest again in time.',
    remedy: 'Look whether the agent runs on the host and reaches the server.',
  },
  VERDICT_VOIDED: {
    title: 'the verdict was ended before its time',
    cause:
      'Something the verdict rested on was revoked, the host was released, or a server started with a clock behind that by which it was issued.',
    remedy: 'The detail says what it was; the host attests again by itself.',
  },
  VERDICT_OF_EARLIER_BINDING: {
    title: 'the verdict belongs to an earlier binding of this id',
    cause: 'The host was released and enrolled again, and has not attested since.',
    remedy: 'Start the agent on the host.',
  },
  VERDICT_FROM_THE_FUTURE: {
    title: 'the verdict was issued after now',
    cause: "The server's clock went back since the verdict was issued.",
    remedy: "Correct the server's clock.",
  },
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

export interface Reason {
  readonly code: ReasonCode;
  readonly message: string;
}

export function reasonOf(code: ReasonCode, detail?: string): Reason {
  return { code, message: detail === undefined ? reasons[code].title : `${reasons[code].title}: ${detail}` };
}
