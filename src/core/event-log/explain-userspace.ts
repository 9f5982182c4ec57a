// The records of the running system behind those of firmware: how many of them each attested register confirms.
import { encodeUtf8 } from '../encoding/index.ts';
import { digestSizes, equalInConstantTime, hash, type HashAlgorithm } from '../crypto/index.ts';
import type { AttestedPcrs, PcrValues } from '../tpm/index.ts';
import type { ClaimedEventLog, LogEvent, StartupLocality } from './claimed-log.ts';
import { initialValue, replayFrom, untouchedValue } from './replay.ts';
import type { ClaimedUserspaceLog, UserspaceRecord } from './userspace-log.ts';

/** What became of a userspace log that was held against attested registers. */
export interface UserspaceOutcome {
  readonly records: number;
  /** Records that an attested register confirms. */
  readonly bound: number;
  /** Indices of records in a register that stopped short of them: written down, and not extended when it was quoted. */
  readonly notExtended: readonly number[];
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
 */
export function explainUserspace(
  log: ClaimedEventLog,
  userspace: ClaimedUserspaceLog,
  pcrs: AttestedPcrs,
): ExplainedLog {
  const registers = readRegisters(log, pcrs);
  const before = new Map([...pcrs.banks.keys()].map((bank) => [bank, new Map<number, Uint8Array>()]));
  const left = new Set<UserspaceRecord>();
  let bound = 0;
  for (const [pcr, records] of recordsByPcr(userspace)) {
    const confirmed = findConfirmed(records, registers(pcr));
    if (confirmed === undefined) continue;
    bound += confirmed.count;
    for (const record of records.slice(confirmed.count)) left.add(record);
    if (confirmed.count > 0) for (const [bank, value] of confirmed.before) before.get(bank)?.set(pcr, value);
  }
  const appended = userspace.records
    .filter((record) => record.register.kind === 'pcr' && !left.has(record))
    .map((record) => toLogEvent(record, log.events.length));
  return {
    log: { ...log, events: [...log.events, ...appended] },
    outcome: {
      records: userspace.records.length,
      bound,
      notExtended: [...left].map(({ index }) => index).sort((one, other) => one - other),
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
  /** Values that firmware's log may have led to: more than one for PCR 0, whose start it may not tell. */
  readonly starts: readonly Uint8Array[];
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
      // DRTM registers read all ones until something resets and extends them.
      const untouched = replays[0]?.has(pcr) === true ? [] : [untouchedValue(pcr, bank)];
      return [{ bank, attested, starts: pcr === 0 ? led : [...led.slice(0, 1), ...untouched] }];
    });
}

interface Confirmed {
  readonly count: number;
  readonly before: readonly (readonly [HashAlgorithm, Uint8Array])[];
}

/** The least number of records that leads to the attested value in every bank; `undefined` where none does. */
function findConfirmed(
  records: readonly UserspaceRecord[],
  registers: readonly RegisterInBank[],
): Confirmed | undefined {
  if (registers.length === 0) return undefined;
  const found = registers.map((register) => findMatches(records, register));
  const count = Array.from({ length: records.length + 1 }, (_, length) => length).find((length) =>
    found.every((matches) => matches.has(length)),
  );
  if (count === undefined) return undefined;
  const before = registers.map(
    ({ bank }, position) => [bank, found[position]?.get(count) ?? new Uint8Array(digestSizes[bank])] as const,
  );
  return { count, before };
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
    for (let length = 0; length <= records.length; length += 1) {
      if (equalInConstantTime(value, attested) && !matches.has(length)) matches.set(length, start);
      const digest = records[length]?.digests.get(bank);
      if (digest !== undefined) value = hash(bank, value, digest);
    }
  }
  return matches;
}

/** Beyond the 32 bits of firmware's types, as contents of canonical logs have it: no firmware record can claim it. */
const userspaceType = 0x1_0000_0000;

function toLogEvent(record: UserspaceRecord, first: number): LogEvent {
  const { index, register, digests, untrustedContent, offset } = record;
  return {
    index: first + index,
    pcr: register.index,
    untrustedType: userspaceType,
    untrustedTypeName: 'CEL systemd',
    digests,
    untrustedData: encodeUtf8(untrustedContent.string ?? ''),
    offset,
    userspace: untrustedContent,
  };
}
