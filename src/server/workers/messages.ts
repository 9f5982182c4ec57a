// What the primary and its workers say to each other, over the channel that each worker is started with.
import type { ServerConfig } from '../config/config.ts';
import type { ServerError } from '../errors.ts';
import type { Check } from '../doctor/check.ts';
import type { Family } from '../telemetry/exposition.ts';

/** `admission`: at its own address, of a whole server's work only the questions of orchestrators. */
export type Role = 'server' | 'admission';

export type ToWorker =
  | { readonly kind: 'start'; readonly role: Role; readonly seat: number; readonly config: ServerConfig }
  | { readonly kind: 'measure'; readonly question: number }
  | {
      readonly kind: 'measured';
      readonly question: number;
      readonly measures: readonly Measures[];
      readonly ofPrimary: readonly Family[];
    }
  | { readonly kind: 'stop'; readonly graceMs: number };

export type ToPrimary =
  /** From now on it hears: what was said before is lost. */
  | { readonly kind: 'hears' }
  | { readonly kind: 'listening'; readonly url: string; readonly shortcomings: readonly Check[] }
  | { readonly kind: 'failed'; readonly code: ServerError['code']; readonly message: string }
  /** One worker asks for the measures of all. */
  | { readonly kind: 'gather'; readonly question: number }
  | { readonly kind: 'measures'; readonly question: number; readonly families: readonly Family[] };

/** Of one seat. The number of a seat outlives the processes that sit there. */
export interface Measures {
  readonly seat: number;
  /** How many processes have been started for it. */
  readonly starts: number;
  /** Undefined where nobody sits there, or it did not answer in time. */
  readonly families: readonly Family[] | undefined;
}
