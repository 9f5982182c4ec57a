// The replay: what the digests of a log lead to. [TCG-PFP §10.2.1], [TPM2-P1 §17.3]
import { digestSizes, hash, type HashAlgorithm } from '../crypto/index.ts';
import { VerificationError } from '../error.ts';
import type { PcrValues } from '../tpm/index.ts';
import type { ClaimedEventLog, StartupLocality } from './claimed-log.ts';
import { isExtended } from './parse-event-log.ts';

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
  const values = new Map<number, Uint8Array>();
  for (const event of log.events) {
    const digest = event.digests.get(bank);
    if (!isExtended(event) || digest === undefined) continue;
    const before = values.get(event.pcr) ?? initialValue(event.pcr, bank, log.registers === 'tpm' ? locality : 0);
    values.set(event.pcr, hash(bank, before, digest));
  }
  return new Map([...values].sort(([left], [right]) => left - right));
}

/** What a register holds after these extends. [TPM2-P1 §17.3] */
export function extendAll(bank: HashAlgorithm, start: Uint8Array, digests: readonly Uint8Array[]): Uint8Array {
  return digests.reduce((value, digest) => hash(bank, value, digest), start);
}

/** A register at the first extend: zeros, and PCR 0 ends with the locality that started the TPM. DRTM registers
 * (17 to 22) are reset to zeros before anything is extended into them. */
export function initialValue(pcr: number, bank: HashAlgorithm, locality: StartupLocality): Uint8Array {
  const value = new Uint8Array(digestSizes[bank]);
  if (pcr === 0) value[value.length - 1] = locality;
  return value;
}

/** A register that was never extended: DRTM registers read all ones until a DRTM happens. */
export function untouchedValue(pcr: number, bank: HashAlgorithm): Uint8Array {
  return pcr >= 17 && pcr <= 22 ? new Uint8Array(digestSizes[bank]).fill(0xff) : new Uint8Array(digestSizes[bank]);
}
