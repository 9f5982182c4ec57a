// What a boot is to measure, told as an event log that no TPM attests: of a prediction, or of the maker of a machine.
import type { HashAlgorithm } from '../crypto/index.ts';
import { annotateEventLog, layers, type AnnotatedLog, type ClaimedEventLog, type Layer } from '../event-log/index.ts';
import type { DigestSet, ExpectedEvent } from './statement.ts';

export interface DescribedLog {
  /** One for each layer with events, in the order of the layers. */
  readonly layers: readonly { readonly layer: Layer; readonly events: readonly ExpectedEvent[] }[];
  /** PCRs, ascending, with events that belong to no layer. */
  readonly unplaced: readonly number[];
  readonly annotated: AnnotatedLog;
}

/** Splits a log into layers, by the same code that splits a measured one. Its events are expected with their digests in `banks`; the log
 * must have the first of these.
 * @throws VerificationError EVENT_LOG_NO_MEASUREMENTS, EVENT_LOG_BANK_MISSING */
export function describeLog(log: ClaimedEventLog, banks: readonly HashAlgorithm[]): DescribedLog {
  const annotated = annotateEventLog(log, banks[0]);
  const digests = new Map(log.events.map((event) => [event.index, event.digests]));
  const found = layers
    .map((layer) => ({
      layer,
      events: annotated.events
        .filter((event) => event.layer === layer)
        .map(({ index, pcr, digest, description }): ExpectedEvent => {
          const all = digests.get(index) ?? new Map([[digest.alg, digest.value]]);
          return { pcr, digests: withBanks(all, banks), description: signable(description) };
        }),
    }))
    .filter(({ events }) => events.length > 0);
  const unplaced = new Set(annotated.events.filter(({ layer }) => layer === undefined).map(({ pcr }) => pcr));
  return { layers: found, unplaced: [...unplaced].sort((left, right) => left - right), annotated };
}

function withBanks(digests: DigestSet, banks: readonly HashAlgorithm[]): DigestSet {
  return new Map([...digests].filter(([bank]) => banks.includes(bank)));
}

/** Without half a surrogate pair, which a cut may have left: no signed statement can hold one. */
export function signable(description: string): string {
  return description.replace(/[\ud800-\udbff](?![\udc00-\udfff])/g, '') || 'no description';
}
