// Every quoted PCR, its value, and whether the boot log leads to it.
import { counted, encodeHex } from '../../core/encoding/index.ts';
import { equalInConstantTime, type HashAlgorithm } from '../../core/crypto/index.ts';
import {
  replayEventLog,
  type ClaimedEventLog,
  type LogEvent,
  type PcrStatus,
  type ReplayedLog,
} from '../../core/event-log/index.ts';
import type { ClaimedPcrs, PcrSelection, PcrValues } from '../../core/tpm/index.ts';
import { formatTable } from '../table.ts';
import type { Paper, Tone } from '../terminal.ts';

export interface PcrRow {
  readonly bank: HashAlgorithm;
  readonly pcr: number;
  readonly value: string;
  /** `no-log` when no log was given or it lacks the bank. */
  readonly status: PcrStatus | 'no-log';
  /** Events of the log that extend this PCR. */
  readonly events: number;
  /** Value the log leads to, where it is another. */
  readonly replayed?: string;
}

/** What `verifyEventLog` found in one bank wins over the plain comparison, which knows no quirk of any firmware and takes
 * every record of a userspace log for extended. */
type VerifiedBank = Pick<ReplayedLog, 'bank' | 'pcrs' | 'replayed' | 'events'>;

/** `claimed` must have been confirmed by the quote's digest before. */
export function explainPcrs(
  selections: readonly PcrSelection[],
  claimed: ClaimedPcrs,
  log: ClaimedEventLog | undefined,
  verified?: VerifiedBank,
): readonly PcrRow[] {
  return selections.flatMap(({ bank, pcrs }) => {
    const replayed = readReplay(bank, log, verified);
    return pcrs.map((pcr): PcrRow => {
      const value = claimed.get(bank)?.get(pcr) ?? new Uint8Array();
      const proven = verified?.bank === bank ? verified : undefined;
      const events = proven?.pcrs.get(pcr) === 'bound' ? proven.events : (log?.events ?? []);
      return describePcr({ bank, pcr, value, replayed, events, status: proven?.pcrs.get(pcr) });
    });
  });
}

export function formatPcrRows(paper: Paper, rows: readonly PcrRow[]): string[] {
  const cells = rows.map((row) => [row.bank, String(row.pcr), row.value, formatStatus(paper, row)]);
  const differing = rows.filter(({ replayed }) => replayed !== undefined);
  return [
    ...formatTable(paper, ['bank', 'pcr', 'value', 'event log'], cells),
    ...differing.map(({ bank, pcr, replayed }) =>
      paper.tone('bad', `the log leads PCR ${pcr} (${bank}) to ${replayed ?? ''}`),
    ),
  ];
}

interface PcrFacts {
  readonly bank: HashAlgorithm;
  readonly pcr: number;
  readonly value: Uint8Array;
  readonly replayed: PcrValues | undefined;
  readonly events: readonly Pick<LogEvent, 'pcr' | 'untrustedType'>[];
  readonly status: PcrStatus | undefined;
}

function readReplay(
  bank: HashAlgorithm,
  log: ClaimedEventLog | undefined,
  verified: VerifiedBank | undefined,
): PcrValues | undefined {
  if (verified?.bank === bank) return verified.replayed;
  return log?.banks.includes(bank) === true ? replayEventLog(log, bank) : undefined;
}

function describePcr({ bank, pcr, value, replayed, events, status }: PcrFacts): PcrRow {
  const led = replayed?.get(pcr);
  const extending = events.filter((event) => event.pcr === pcr && isExtending(event.untrustedType));
  const base = { bank, pcr, value: encodeHex(value), events: led === undefined ? 0 : extending.length };
  if (replayed === undefined) return { ...base, status: 'no-log' };
  const found = status ?? compare(value, led);
  return found === 'mismatch' && led !== undefined
    ? { ...base, status: found, replayed: encodeHex(led) }
    : { ...base, status: found };
}

/** EV_NO_ACTION extends nothing. [TCG-PFP §10.4.1] */
function isExtending(type: number): boolean {
  return type !== 3;
}

function compare(value: Uint8Array, led: Uint8Array | undefined): PcrStatus {
  if (led === undefined) return 'unlogged';
  return equalInConstantTime(value, led) ? 'bound' : 'mismatch';
}

function formatStatus(paper: Paper, { status, value, events, pcr }: PcrRow): string {
  const say = (tone: Tone, text: string) => paper.tone(tone, text);
  switch (status) {
    case 'bound':
      if (events === 0) return say('dim', 'never extended');
      return say('good', `explained by ${counted(events, 'event')}`);
    case 'mismatch':
      return say('bad', 'does not lead to this value');
    case 'no-log':
      return '';
    case 'unlogged':
      if (/^(00)*$/.test(value)) return say('dim', 'never extended');
      if (/^(ff)*$/.test(value)) return say('dim', 'no dynamic launch');
      return say(
        'warn',
        pcr === 10 ? "not in this log (PCR 10 is the kernel's IMA list)" : 'extended, and not by this log',
      );
  }
}
