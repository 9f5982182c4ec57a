// The outcome of one check, good or bad, in a form a person can act on. Made by the appraisal, carried by the verdict.

export type Severity = 'error' | 'warning' | 'info';

export interface Finding {
  /** Stable and documented; never reused. */
  readonly code: string;
  readonly severity: Severity;
  /** The check that found it: `quote`, `pcrs`, `event-log`, `layers`... */
  readonly check: string;
  readonly layer?: string;
  readonly pcr?: number;
  /** Index of the event in the log. */
  readonly event?: number;
  /** The golden measurement that the boot comes nearest to. */
  readonly golden?: string;
  readonly expected?: string;
  readonly observed?: string;
  /** What happened, in one sentence. Text from the host went through `printable`. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy: string;
}
