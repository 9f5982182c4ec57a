// Boot logs among the vectors: their events, and what each bank replays to.
import { AttestationError } from '../../core/error.ts';
import {
  decodeEvent,
  eventTypes,
  guids,
  parseEventLog,
  replayEventLog,
  replayForeignBank,
  type ClaimedEventLog,
} from '../../core/event-log/index.ts';
import { asRecord, toJson } from '../json.ts';
import { compare, compareWhole, type Mismatch } from './compare.ts';
import { pick, type Observed, type Reading } from './observation.ts';
import { readVector, type Expectation } from './vectors.ts';

const compared = ['format', 'register_model', 'events', 'banks', 'startup_locality', 'hcrtm_event', 'secure_boot'];

export const eventLogReading: Reading = {
  observe: (vectors, { file }) => readLog(readVector(vectors, file)),
  compare: compareLog,
};

/** `parse`, and where the log can be read, what is in it and the replay of every bank against the recorded one. */
function compareLog(expect: Expectation, observed: Observed): readonly Mismatch[] {
  const parse = compare({ parse: expect['parse'] }, observed);
  if (observed['parse'] !== 'ok' || parse.length > 0) return parse;
  return [
    ...compare(pick(expect, compared), observed),
    ...compareWhole(extended(expect['replayed']), extended(observed['replayed']), 'replayed'),
  ];
}

/** Without the banks that nothing extends: they may be left out or be empty. */
function extended(replayed: unknown): unknown {
  const banks = asRecord(replayed);
  if (banks === undefined) return replayed;
  return Object.fromEntries(
    Object.entries(banks).filter(([, pcrs]) => Object.keys(asRecord(pcrs) ?? { pcrs }).length > 0),
  );
}

const formats: Readonly<Record<string, string>> = { 'crypto-agile': 'tcg2-crypto-agile', sha1: 'tcg1-sha1-only' };

function readLog(bytes: Uint8Array): Record<string, unknown> {
  try {
    const log = parseEventLog(bytes);
    return {
      parse: 'ok',
      format: formats[log.format] ?? log.format,
      register_model: log.registers === 'tpm' ? 'tpm-pcr' : 'cc-measurement-registers (1=RTMR0..4=RTMR3)',
      events: log.events.length,
      banks: [...log.announcedBanks, ...log.foreignBanks],
      startup_locality: log.startupLocality ?? null,
      hcrtm_event: log.events.some(({ untrustedType }) => untrustedType === eventTypes.EV_EFI_HCRTM_EVENT),
      secure_boot: readSecureBoot(log),
      quirks: log.quirks.map(({ id }) => id),
      replayed: replayBanks(log),
    };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { parse: 'error', code: error.code, parse_error: error.message };
  }
}

function replayBanks(log: ClaimedEventLog): Record<string, unknown> {
  return Object.fromEntries([
    ...log.announcedBanks.map((bank) => [bank, toJson(replayEventLog(log, bank))]),
    ...log.foreignBanks.map((bank) => [bank, toJson(replayForeignBank(log, bank))]),
  ]) as Record<string, unknown>;
}

/** What the log claims, in the words of the expectations: nothing of it is bound here. */
function readSecureBoot(log: ClaimedEventLog): string {
  const variables = log.events
    .filter(({ untrustedType }) => untrustedType === eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG)
    .map((event) => decodeEvent(event));
  const [value] = variables.flatMap((decoded) =>
    decoded?.kind === 'uefi-variable' && decoded.guid === guids.globalVariable && decoded.name === 'SecureBoot'
      ? [decoded.data]
      : [],
  );
  if (value === undefined) return 'not-logged';
  if (value.length === 0) return 'variable-empty';
  return value.length === 1 && value[0] === 1 ? 'on' : 'off';
}
