// What a policy can be remarked upon: how grave it is, and what to do about it. See `lint-policy.ts`.

interface PolicyRemarkRow {
  /** `error`: no host can satisfy it. `warning`: it proves less than it seems to. `advice`: it could prove more. */
  readonly severity: 'error' | 'warning' | 'advice';
  readonly what: string;
  readonly remedy: string;
}

export const policyRemarks = {
  POLICY_NEVER_SATISFIED: {
    severity: 'error',
    what: 'The same word or certificate is demanded and forbidden, so every host is refused.',
    remedy: 'Take it out of one of the two lists.',
  },
  POLICY_STAGE_OPEN: {
    severity: 'warning',
    what: 'A stage of the boot is not demanded: whatever a host starts there, its verdict stays the same.',
    remedy: 'Add the layer to `layers`.',
  },
  POLICY_FACT_RESTS_ON_OPEN_LAYER: {
    severity: 'warning',
    what: 'A fact is demanded that shim, boot loader or kernel measured, and that program is not pinned.',
    remedy: 'Add the layer to `layers`, so that the program which measures the fact is an approved one.',
  },
  POLICY_VERDICT_LONG: {
    severity: 'warning',
    what: 'A verdict lasts longer than a day.',
    remedy: 'Lower `verdictSeconds`; agents attest again by themselves.',
  },
  POLICY_LAYER_WITHOUT_FACT: {
    severity: 'advice',
    what: 'A layer is pinned, and no fact is demanded that an operator who signs in a hurry could miss.',
    remedy: 'Demand one of the facts named in the message.',
  },
} as const satisfies Readonly<Record<string, PolicyRemarkRow>>;

export type PolicyRemarkCode = keyof typeof policyRemarks;
