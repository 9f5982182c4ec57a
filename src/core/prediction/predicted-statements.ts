// A predicted boot as golden statements: split into layers by the very code that splits a measured one.
import type { HashAlgorithm } from '../crypto/index.ts';
import { encodeEventLog, parseEventLog, type EventToEncode, type Layer } from '../event-log/index.ts';
import { describeLog, expectationDigest, type ExpectedEvent, type GoldenStatement } from '../golden/index.ts';
import type { PcrValues } from '../tpm/index.ts';

export interface Prediction {
  /** One for each layer with events, in the order of the layers. Proposals: operators sign them, or do not. */
  readonly statements: readonly GoldenStatement[];
  /** Final values of the predicted PCRs, in the first bank. */
  readonly pcrs: PcrValues;
}

/** A layer that is not predicted, and the PCR whose final value is therefore unknown. */
export interface PredictionGap {
  readonly layer: Layer;
  readonly pcr: number;
  readonly reason: string;
}

export interface StatementOptions {
  /** One at least. */
  readonly banks: readonly HashAlgorithm[];
  readonly at?: Date;
  readonly gaps?: readonly PredictionGap[];
}

/** One statement for each layer without a gap, and the values to expect of every PCR that all was predicted of. The events take the way of
 * a log that a host sends: written, parsed and replayed. */
export function createPredictedStatements(
  events: readonly EventToEncode[],
  { banks, at, gaps = [] }: StatementOptions,
): Prediction {
  const { layers, annotated } = describeLog(parseEventLog(encodeEventLog(events, { banks })), banks);
  const statements = layers
    .filter(({ layer }) => !gaps.some((gap) => gap.layer === layer))
    .map(({ layer, events: expected }) => describe(layer, expected, at));
  const predicted = new Set(events.map(({ pcr }) => pcr));
  for (const { pcr } of gaps) predicted.delete(pcr);
  return { statements, pcrs: new Map([...annotated.replayed].filter(([pcr]) => predicted.has(pcr))) };
}

function describe(layer: Layer, events: readonly ExpectedEvent[], at: Date | undefined): GoldenStatement {
  return {
    layer,
    subjects: [{ name: `${layer} layer`, sha256: expectationDigest({ layer, events, pcrs: [] }) }],
    events,
    pcrs: [],
    provenance: { source: 'predicted', ...(at === undefined ? {} : { at }) },
  };
}
