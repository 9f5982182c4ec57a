// What is fuzzed, and what may go wrong with it.

export interface FuzzTarget {
  readonly name: string;
  /** Good inputs to begin with; at least one. */
  readonly seeds: readonly Uint8Array[];
  /** Words that the format knows, to place anywhere. */
  readonly tokens?: readonly Uint8Array[];
  /** Reads the input to the end. An AttestationError is a refusal; anything else that is thrown is a finding. */
  readonly run: (input: Uint8Array) => unknown;
}

/** `untyped-error`: thrown without a known code. `growth`: memory beyond a small multiple of the input. `unstable`: the
 * same bytes gave another result. `input-changed`: the reader wrote into its input. */
export type FindingKind = 'untyped-error' | 'slow' | 'hang' | 'crash' | 'growth' | 'input-changed' | 'unstable';

export interface FuzzFinding {
  readonly target: string;
  readonly kind: FindingKind;
  readonly detail: string;
  readonly input: Uint8Array;
}

export interface FuzzStatistics {
  readonly target: string;
  readonly runs: number;
  /** Inputs that were read to the end. */
  readonly accepted: number;
  /** Inputs that are kept because they reach code that no other reaches. */
  readonly corpus: number;
  readonly blocks: number;
}
