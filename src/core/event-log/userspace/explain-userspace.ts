// How many of the records that the running system wrote each attested register confirms.
import { hash, type HashAlgorithm } from '../../crypto/index.ts';
import { bytesEqual } from '../../encoding/index.ts';
import type { AttestedPcrs, PcrValues } from '../../tpm/index.ts';
import type { ClaimedEventLog, StartupLocality } from '../claimed-log.ts';
import { unloggedEndings } from '../exit-boot-services.ts';
import { initialValue, replayFrom, untouchedValue } from '../replay.ts';
import { appendUserspaceLog } from './userspace-events.ts';
import type { ClaimedUserspaceLog, UserspaceRecord } from './userspace-log.ts';

/** What became of a userspace log that was held against attested registers. A record that none of these counts has is of a register that was
 * not quoted, or whose attested value no number of its records leads to. */
export interface UserspaceOutcome {
  readonly records: number;
  /** Records that an attested register confirms. */
  readonly confirmed: number;
  /** Records that were not yet extended when their register was quoted, though they are in the log. */
  readonly later: number;
  /** Records of NV indices (NvPCRs): no quote of PCRs confirms them. */
  readonly nvRecords: number;
  /** What the registers held before the first confirmed record: as firmware and boot loaders left them. */
  readonly before: ReadonlyMap<HashAlgorithm, PcrValues>;
}

export interface ExplainedLog {
  /** The log of firmware, then the records of the running system that may explain the rest. */
  readonly log: ClaimedEventLog;
  readonly outcome: UserspaceOutcome;
}

/**
 * Continues the log by the records of the running system. They come after all that firmware logged in the same register,
 * in their own order, and in each register only as far as the attested value goes: the log may be read after the quote,
 * and a record may be written whose extension failed. Nothing else is tried. Where no number of records leads to the
 * attested value (one is missing, one is false), all are kept, so that the register is told to mismatch.
 *
 * Whoever wrote the log chooses only among histories that lead to the attested values, as with the log of firmware. The
 * work is linear in the records: a handful of ways in which firmware may have left a register, in each bank.
 * @throws VerificationError EVENT_LOG_REGISTERS_FOREIGN
 */
export function explainUserspace(
  log: ClaimedEventLog,
  userspace: ClaimedUserspaceLog,
  pcrs: AttestedPcrs,
): ExplainedLog {
  const registers = readRegisters(log, pcrs);
  const before = new Map([...pcrs.banks.keys()].map((bank) => [bank, new Map<number, Uint8Array>()]));
  const left = new Set<UserspaceRecord>();
  let confirmed = 0;
  for (const [pcr, records] of recordsByPcr(userspace)) {
    const found = findConfirmed(records, registers(pcr));
    if (found === undefined) continue;
    confirmed += found.count;
    for (const record of records.slice(found.count)) left.add(record);
    for (const [bank, value] of found.before) before.get(bank)?.set(pcr, value);
  }
  return {
    log: appendUserspaceLog(log, userspace, (record) => left.has(record)),
    outcome: {
      records: userspace.records.length,
      confirmed,
      later: left.size,
      nvRecords: userspace.records.filter(({ register }) => register.kind === 'nv').length,
      before,
    },
  };
}

function recordsByPcr({ records }: ClaimedUserspaceLog): ReadonlyMap<number, readonly UserspaceRecord[]> {
  const byPcr = new Map<number, UserspaceRecord[]>();
  for (const record of records) {
    if (record.register.kind !== 'pcr') continue;
    const others = byPcr.get(record.register.index);
    if (others) others.push(record);
    else byPcr.set(record.register.index, [record]);
  }
  return byPcr;
}

interface RegisterInBank {
  readonly bank: HashAlgorithm;
  readonly attested: Uint8Array;
  /** Values that firmware's log may have led to: PCR 0 may have started in several ways, PCR 5 ended in several. */
  readonly starts: readonly Uint8Array[];
  /** No log of firmware extends it, and nothing else did. */
  readonly isUntouched: boolean;
}

/** A PCR in every bank that is compared. The log is replayed once for each way in which PCR 0 may have started. */
function readRegisters(log: ClaimedEventLog, pcrs: AttestedPcrs): (pcr: number) => readonly RegisterInBank[] {
  const localities: readonly StartupLocality[] = [...new Set([log.startupLocality ?? 0, 0, 3, 4] as const)];
  const banks = [...pcrs.banks]
    .filter(([bank]) => log.banks.includes(bank))
    .map(([bank, values]) => ({ bank, values, replays: localities.map((start) => replayFrom(log, bank, start)) }));
  return (pcr) =>
    banks.flatMap(({ bank, values, replays }) => {
      const attested = values.get(pcr);
      if (attested === undefined) return [];
      const led = replays.map(
        (replay, position) => replay.get(pcr) ?? initialValue(pcr, bank, localities[position] ?? 0),
      );
      const isLogged = replays[0]?.has(pcr) === true;
      const isUntouched = !isLogged && bytesEqual(attested, untouchedValue(pcr, bank));
      return [{ bank, attested, starts: startsOf(pcr, bank, led), isUntouched }];
    });
}

function startsOf(pcr: number, bank: HashAlgorithm, led: readonly Uint8Array[]): readonly Uint8Array[] {
  if (pcr === 0) return led;
  const [value] = led;
  if (value === undefined) return [];
  return pcr === 5 ? [value, ...unloggedEndings(bank, value).map((ending) => ending.value)] : [value];
}

interface Confirmed {
  readonly count: number;
  /** Nothing where no record is confirmed. */
  readonly before: readonly (readonly [HashAlgorithm, Uint8Array])[];
}

/** The least number of records that leads to the attested value in every bank; `undefined` where none does. */
function findConfirmed(
  records: readonly UserspaceRecord[],
  registers: readonly RegisterInBank[],
): Confirmed | undefined {
  if (registers.length === 0) return undefined;
  if (registers.every(({ isUntouched }) => isUntouched)) return { count: 0, before: [] };
  const matches = registers.map((register) => findMatches(records, register));
  for (let count = 0; count <= records.length; count += 1) {
    const starts = matches.map((byCount) => byCount.get(count));
    if (starts.includes(undefined)) continue;
    const before = registers.flatMap(({ bank }, place) => {
      const start = starts[place];
      return start === undefined || count === 0 ? [] : [[bank, start] as const];
    });
    return { count, before };
  }
  return undefined;
}

/** Number of records -> the start from which so many lead to the attested value. A record without a digest of the bank
 * was not extended in it. */
function findMatches(
  records: readonly UserspaceRecord[],
  { bank, attested, starts }: RegisterInBank,
): ReadonlyMap<number, Uint8Array> {
  const matches = new Map<number, Uint8Array>();
  for (const start of starts) {
    let value = start;
    for (let count = 0; count <= records.length; count += 1) {
      if (bytesEqual(value, attested) && !matches.has(count)) matches.set(count, start);
      const digest = records[count]?.digests.get(bank);
      if (digest !== undefined) value = hash(bank, value, digest);
    }
  }
  return matches;
}
