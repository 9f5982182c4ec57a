// The replay: what the digests of a log lead to. [TCG-PFP §10.2.1], [TPM2-P1 §17.3]
import { digestSizes, hashChain, sm3, type HashAlgorithm } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import type { PcrValues } from '../tpm/index.ts';
import type { ClaimedEventLog, LogEvent, StartupLocality } from './claimed-log.ts';
import type { ForeignBank } from './formats/hash-identifiers.table.ts';
import { isExtended } from './formats/parse-event-log.ts';

/** Register values that the log's digests lead to in one bank: unproven. Only registers that the log extends; records
 * that carry no digest of the bank are passed over, so ask `log.banks` whether the bank is whole.
 * @throws VerificationError EVENT_LOG_BANK_MISSING */
export function replayEventLog(log: ClaimedEventLog, bank: HashAlgorithm): PcrValues {
  return replayFrom(log, bank, log.startupLocality ?? 0);
}

/** The replay with PCR 0 starting from a locality of the caller's choice. */
export function replayFrom(log: ClaimedEventLog, bank: HashAlgorithm, locality: StartupLocality): PcrValues {
  if (!log.announcedBanks.includes(bank)) {
    throw new VerificationError(
      'EVENT_LOG_BANK_MISSING',
      `the log has no ${bank} digests, only ${log.announcedBanks.join(', ')}`,
    );
  }
  return replay(log, {
    digestOf: ({ digests }) => digests.get(bank),
    startOf: (pcr) => initialValue(pcr, bank, log.registers === 'tpm' ? locality : 0),
    extendAll: (start, digests) => hashChain(bank, start, digests),
  });
}

/** The same in a bank that is only shown. Compared with nothing: no verdict rests on it. */
export function replayForeignBank(log: ClaimedEventLog, bank: ForeignBank): PcrValues {
  const locality = log.registers === 'tpm' ? (log.startupLocality ?? 0) : 0;
  return replay(log, {
    digestOf: ({ foreignDigests }) => foreignDigests?.get(bank),
    startOf: (pcr) => startingValue(pcr, 32, locality),
    extendAll: (start, digests) => digests.reduce((value, digest) => sm3(value, digest), start),
  });
}

interface Bank {
  readonly digestOf: (event: LogEvent) => Uint8Array | undefined;
  readonly startOf: (pcr: number) => Uint8Array;
  readonly extendAll: (start: Uint8Array, digests: readonly Uint8Array[]) => Uint8Array;
}

function replay(log: ClaimedEventLog, { digestOf, startOf, extendAll }: Bank): PcrValues {
  const extended: Uint8Array[][] = [];
  for (const event of log.events) {
    const digest = digestOf(event);
    if (digest !== undefined && isExtended(event)) (extended[event.pcr] ??= []).push(digest);
  }
  const values = new Map<number, Uint8Array>();
  extended.forEach((digests, pcr) => {
    values.set(pcr, extendAll(startOf(pcr), digests));
  });
  return values;
}

/** A register at the first extend: zeros, and PCR 0 ends with the locality that started the TPM. DRTM registers
 * (17 to 22) are reset to zeros before anything is extended into them. */
export function initialValue(pcr: number, bank: HashAlgorithm, locality: StartupLocality): Uint8Array {
  return startingValue(pcr, digestSizes[bank], locality);
}

function startingValue(pcr: number, size: number, locality: StartupLocality): Uint8Array {
  const value = new Uint8Array(size);
  if (pcr === 0) value[value.length - 1] = locality;
  return value;
}

/** Value of a register that was never extended. The registers of a DRTM (17 to 22) hold all ones until a DRTM happens. [TPM2-P1 §17.1] */
export function untouchedValue(pcr: number, bank: HashAlgorithm): Uint8Array {
  return pcr >= 17 && pcr <= 22 ? new Uint8Array(digestSizes[bank]).fill(0xff) : new Uint8Array(digestSizes[bank]);
}
