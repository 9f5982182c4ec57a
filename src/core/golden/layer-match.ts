// The outcome of holding one layer of a boot against the golden measurements of that layer.
import type { Layer } from '../event-log/index.ts';
import type { ApprovedGolden } from './approval.ts';

export type DivergenceKind =
  'event-replaced' | 'event-extra' | 'event-missing' | 'events-reordered' | 'pcr-value' | 'bank-missing';

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
  /** One sentence: what it probably was. */
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
