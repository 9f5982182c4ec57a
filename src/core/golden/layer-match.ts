// The outcome of holding one layer of a boot against the golden measurements of that layer.
import type { Layer } from '../event-log/index.ts';
import type { ApprovedGolden } from './approval.ts';

export type DivergenceKind =
  | 'event-replaced'
  | 'event-extra'
  | 'event-missing'
  | 'events-reordered'
  /** The golden measurement pins the whole register, and the register has another value. */
  | 'pcr-value'
  /** The golden measurement has no values in the bank of the log. */
  | 'bank-missing'
  /** A PCR the layer is measured into is not in the quote, or the log does not lead to its value. */
  | 'pcr-not-attested'
  | 'pcr-mismatch'
  | 'pcr-unlogged';

/** One side of a divergence, ready to print. */
export interface DivergenceSide {
  /** Hexadecimal digest in the bank that was matched. */
  readonly digest: string;
  readonly description: string;
}

/** Where a boot first leaves the nearest golden measurement, and what that probably means. */
export interface Divergence {
  readonly kind: DivergenceKind;
  readonly pcr: number;
  /** Index of the observed event in the log; absent when nothing was observed. */
  readonly event?: number;
  readonly expected?: DivergenceSide;
  readonly observed?: DivergenceSide;
  /** What it probably was, as a clause that begins a sentence: printable, no full stop. */
  readonly explanation: string;
}

export type LayerMatch =
  | { readonly outcome: 'matched'; readonly layer: Layer; readonly golden: ApprovedGolden }
  /** No golden measurement of this layer was given: nothing to verify, which is a refusal. */
  | { readonly outcome: 'no-golden'; readonly layer: Layer }
  /** The boot measured nothing that belongs to this layer. */
  | { readonly outcome: 'not-observed'; readonly layer: Layer; readonly nearest: ApprovedGolden }
  | {
      readonly outcome: 'diverged';
      readonly layer: Layer;
      readonly nearest: ApprovedGolden;
      readonly divergence: Divergence;
    };
