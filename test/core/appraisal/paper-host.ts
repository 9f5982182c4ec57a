// A host on paper: any sequence of events, with a quote by a key made at run time over the PCR values they lead to.
import { encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  encodeEventLog,
  eventTypes,
  parseEventLog,
  replayEventLog,
  verifyEventLog,
  type EventToEncode,
  type EventTypeName,
} from '../../../src/core/event-log/index.ts';
import { createGoldenStatements, type ApprovedGolden } from '../../../src/core/golden/index.ts';
import { verifyPcrs, verifyQuote, type ClaimedPcrs } from '../../../src/core/tpm/index.ts';
import type { Evidence, Trust } from '../../../src/core/appraisal/index.ts';
import { approve } from '../golden/material.ts';
import { nonce, signedQuote, softwareKey, type SoftwareKey } from '../tpm/software-key.ts';

const signer = softwareKey();
const pcrs = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

export interface PaperHost {
  readonly evidence: Evidence;
  readonly trust: Trust;
}

/** An event of a type by name; text is measured as it stands. */
export function event(pcr: number, type: EventTypeName, data: string | Uint8Array, measured = data): EventToEncode {
  const bytes = (value: string | Uint8Array): Uint8Array => (typeof value === 'string' ? encodeUtf8(value) : value);
  return { pcr, type: eventTypes[type], data: bytes(data), measured: bytes(measured) };
}

/** What the host measured, and the log it shows instead when that differs. */
export function paperHost(
  measured: readonly EventToEncode[],
  goldens: readonly ApprovedGolden[] = [],
  shown: readonly EventToEncode[] = measured,
): PaperHost {
  const selections = [{ bank: 'sha256' as const, pcrs }];
  const replayed = replayEventLog(parseEventLog(encodeEventLog(measured, { banks: ['sha256'] })), 'sha256');
  const values: ClaimedPcrs = new Map([
    ['sha256', new Map(pcrs.map((pcr) => [pcr, replayed.get(pcr) ?? new Uint8Array(32)]))],
  ]);
  const quote = signedQuote(signer, selections, values);
  return {
    evidence: { ...quote, pcrs: values, eventLog: encodeEventLog(shown, { banks: ['sha256'] }) },
    trust: trustOf(signer, goldens),
  };
}

/** In a host whose quotes are by `key`, and answer the one challenge of these tests. */
export function trustOf({ key }: SoftwareKey, goldens: readonly ApprovedGolden[], id = 'hv-paper'): Trust {
  return {
    host: { id, attestationKey: key },
    endorsement: 'verified',
    qualifyingData: nonce,
    challengedAt: undefined,
    goldens,
    previousBoot: undefined,
  };
}

/** Golden measurements of what a host on paper measured. */
export function capturePaper(events: readonly EventToEncode[]): readonly ApprovedGolden[] {
  const { evidence } = paperHost(events);
  const quote = verifyQuote({ ...evidence, key: signer.key, qualifyingData: nonce });
  const log = verifyEventLog(parseEventLog(evidence.eventLog ?? new Uint8Array()), verifyPcrs(quote, evidence.pcrs));
  return createGoldenStatements(log).map(approve);
}
