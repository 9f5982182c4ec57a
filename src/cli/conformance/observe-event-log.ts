import { AttestationError } from '../../core/error.ts';
import {
  annotateEventLog,
  parseEventLog,
  readClaimedFacts,
  replayEventLog,
  type ClaimedEventLog,
} from '../../core/event-log/index.ts';
import { asRecord, toJson } from '../json.ts';
import { compare, compareExactly, type Mismatch } from './compare.ts';
import type { Observation } from './observation.ts';
import { readVector, readVectorJson, type VectorCase, type Vectors } from './vectors.ts';

/** `parse`, and where the log can be read, the replay of every bank against the recorded one. */
export function observeEventLog(vectors: Vectors, { file, expect }: VectorCase): Observation {
  const observed = readLog(readVector(vectors, file));
  const parse = compare({ parse: expect['parse'] }, observed);
  const pcrsFile = expect['pcrs_file'];
  if (observed['parse'] !== 'ok' || parse.length > 0 || typeof pcrsFile !== 'string') {
    return { observed, mismatches: parse };
  }
  const replayed = asRecord(readVectorJson(vectors, pcrsFile)['replayed']) ?? {};
  return { observed, mismatches: [...parse, ...compareReplay(replayed, observed['replayed'])] };
}

function compareReplay(expected: Readonly<Record<string, unknown>>, observed: unknown): readonly Mismatch[] {
  const shown = asRecord(observed) ?? {};
  return Object.entries(expected).flatMap(([bank, pcrs]) =>
    compareExactly(asRecord(pcrs) ?? {}, shown[bank], `replayed.${bank}`),
  );
}

function readLog(bytes: Uint8Array): Record<string, unknown> {
  try {
    const log = parseEventLog(bytes);
    return {
      parse: 'ok',
      format: log.format,
      events: log.events.length,
      banks: log.announcedBanks,
      startup_locality: log.startupLocality ?? null,
      secure_boot: readSecureBoot(log),
      quirks: log.quirks.map(({ id }) => id),
      replayed: Object.fromEntries(log.announcedBanks.map((bank) => [bank, toJson(replayEventLog(log, bank))])),
    };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { parse: 'error', code: error.code, parse_error: error.message };
  }
}

function readSecureBoot(log: ClaimedEventLog): string {
  try {
    return readClaimedFacts(annotateEventLog(log)).secureBoot.value;
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return 'unknown';
  }
}
