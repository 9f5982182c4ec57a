// Why a host is not trusted now, whatever its last verdict says: each with its cause and what to do. What a workload demands beyond that
// is in `admission/reasons.ts`.

export interface ReasonRow {
  readonly title: string;
  readonly cause: string;
  readonly remedy: string;
}

export const verdictReasons = {
  HOST_RELEASED: {
    title: 'an operator released the host',
    cause: "The binding of the host to its TPM was ended by an operator's act.",
    remedy: 'Enrol the host again: `touchstone agent enrol`, on the host.',
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
} as const satisfies Readonly<Record<string, ReasonRow>>;

export type VerdictReasonCode = keyof typeof verdictReasons;

export interface VerdictReason {
  readonly code: VerdictReasonCode;
  readonly message: string;
}

export function verdictReasonOf(code: VerdictReasonCode, detail?: string): VerdictReason {
  return { code, message: messageOf(verdictReasons[code], detail) };
}

/** The title, and what is known more exactly. */
export function messageOf({ title }: ReasonRow, detail: string | undefined): string {
  return detail === undefined ? title : `${title}: ${detail}`;
}
