// One check's outcome. Rooms above fill it in; this room only carries and orders it.

export type FindingSeverity = 'error' | 'warning' | 'info';

/** What a check found, in data first and in words last. `expected` and `observed` are printable text. */
export interface Finding {
  /** Stable code, documented in `docs/errors.md`. */
  readonly code: string;
  readonly severity: FindingSeverity;
  /** The check that found it: `quote`, `pcrs`, `event-log`, `layers`, ... */
  readonly check: string;
  readonly layer?: string;
  readonly pcr?: number;
  /** Index of the event in the boot log. */
  readonly event?: number;
  readonly expected?: string;
  readonly observed?: string;
  /** One sentence for the operator. */
  readonly message: string;
  /** The next step. */
  readonly remedy: string;
}
