// What a controller is given, and what it tells whoever started it.
import type { ApiClient } from '../api/index.ts';
import type { Clock, Member, Platform, Standing } from './platform.ts';
import type { Demands } from './trust-book.ts';

export interface ControllerOptions<M extends Member> {
  readonly platform: Platform<M>;
  readonly touchstone: () => ApiClient;
  readonly demands: Demands;
  readonly clock: Clock;
  /** Ends the controller: the write under way is finished. */
  readonly signal: AbortSignal;
  /** Of members that become trusted: a denial never waits for its turn. */
  readonly writesPerSecond: number;
  /** Says what would be written, and writes nothing. */
  readonly dryRun: boolean;
  /** False while another controller leads. */
  readonly mayWrite: () => boolean;
  readonly onEvent: (event: ControllerEvent) => void;
}

export type ControllerEvent =
  | { readonly kind: 'marked' | 'would-mark'; readonly member: Member; readonly standing: Standing }
  /** After a round: how many members there are, are trusted, and are still to be marked. */
  | { readonly kind: 'counted'; readonly members: number; readonly trusted: number; readonly late: number }
  | {
      readonly kind: 'failed';
      readonly about: 'touchstone' | 'platform';
      readonly member?: string;
      readonly error: unknown;
    };
