// What changed between two boots: data first, sentences last. The engine behind `inspect event-log --diff` and behind the
// words of a verdict.
import { VerificationError } from '../../error.ts';
import { alignEvents, type EventPair } from './align-events.ts';
import type { ChangeWords } from './change-words.ts';
import { explainPair } from './explain-change.ts';
import type { Layer } from '../layer.ts';
import type { AnnotatedLog, BoundEvent } from '../replayed-log.ts';

export type BootChangeKind =
  | 'event-added'
  | 'event-removed'
  | 'event-replaced'
  | 'event-moved'
  | 'command-line'
  | 'boot-loader-command'
  | 'image'
  | 'file'
  | 'section'
  | 'secure-boot'
  | 'signature-database'
  | 'variable'
  | 'authority'
  | 'partition-table'
  | 'firmware'
  | 'firmware-version'
  | 'startup-locality';

export interface BootChange {
  readonly kind: BootChangeKind;
  readonly pcr: number;
  readonly layer: Layer | undefined;
  /** Event indices in the log before and after. */
  readonly before?: number;
  readonly after?: number;
  /** Words or items gained and lost: command-line arguments, hashes, names. Not escaped: strangers wrote them. */
  readonly gained: readonly string[];
  readonly lost: readonly string[];
  /** One sentence for people, printable. */
  readonly sentence: string;
}

/** Changes from `before` to `after`, by register, then in the order of the events. Empty: the same was measured.
 * @throws VerificationError EVENT_LOG_BANKS_DIFFER */
export function diffEventLogs(before: AnnotatedLog, after: AnnotatedLog): readonly BootChange[] {
  if (before.bank !== after.bank) {
    throw new VerificationError(
      'EVENT_LOG_BANKS_DIFFER',
      `one log is read in ${before.bank}, the other in ${after.bank}`,
    );
  }
  const registers = [...new Set([...before.events, ...after.events].map(({ pcr }) => pcr))].sort((a, b) => a - b);
  return [
    ...compareStart(before, after),
    ...registers.flatMap((pcr) => diffRegister(eventsOf(before, pcr), eventsOf(after, pcr))),
  ];
}

function eventsOf(log: AnnotatedLog, pcr: number): readonly BoundEvent[] {
  return log.events.filter((event) => event.pcr === pcr);
}

function compareStart(before: AnnotatedLog, after: AnnotatedLog): readonly BootChange[] {
  const [old, fresh] = [before.startupLocality ?? 0, after.startupLocality ?? 0];
  if (old === fresh) return [];
  const sentence = `The TPM was started at locality ${fresh} instead of ${old}`;
  return [
    { kind: 'startup-locality', pcr: 0, layer: 'firmware', gained: [String(fresh)], lost: [String(old)], sentence },
  ];
}

function diffRegister(before: readonly BoundEvent[], after: readonly BoundEvent[]): readonly BootChange[] {
  return joinMoves(alignEvents(before, after)).map((pair) => describe(pair, explainPair(pair)));
}

function describe({ before, after }: EventPair, words: ChangeWords): BootChange {
  const event = after ?? before;
  if (event === undefined) throw new TypeError('a change without events');
  return {
    ...words,
    pcr: event.pcr,
    layer: event.layer,
    ...(before ? { before: before.index } : {}),
    ...(after ? { after: after.index } : {}),
  };
}

/** An event that went from one place and came at another of the same register has moved. */
function joinMoves(pairs: readonly EventPair[]): readonly EventPair[] {
  const keyOf = (event: BoundEvent): string => event.digest.value.join();
  const came = new Map<string, BoundEvent[]>();
  for (const { before, after } of pairs) {
    if (before === undefined && after) came.set(keyOf(after), [...(came.get(keyOf(after)) ?? []), after]);
  }
  const taken = new Set<BoundEvent>();
  const joined = pairs.map((pair): EventPair => {
    const partner = pair.before && pair.after === undefined ? came.get(keyOf(pair.before))?.shift() : undefined;
    if (partner === undefined) return pair;
    taken.add(partner);
    return { before: pair.before, after: partner };
  });
  return joined.filter(({ before, after }) => !(before === undefined && after && taken.has(after)));
}
