// What a host measured into the registers of its layers, told by register and digest: for comparing hosts with each other.
import { AttestationError } from '../../core/error.ts';
import { encodeHex } from '../../core/encoding/index.ts';
import type { HashAlgorithm } from '../../core/crypto/index.ts';
import { banksByStrength, layersOfPcr, type BoundEvent, type ReplayedLog } from '../../core/event-log/index.ts';
import type { AttestedPcrs, PcrValues } from '../../core/tpm/index.ts';
import type { EvidenceRecord } from '../storage/index.ts';
import { proveBoot, provePcrs } from './prove-boot.ts';

export interface Measurement {
  /** Register, bank and digest. */
  readonly key: string;
  readonly pcr: number;
  readonly bank: HashAlgorithm;
  readonly digest: string;
  /** Undefined where no log leads to the register: then the digest is its value, and nothing is known of what it holds. */
  readonly event: BoundEvent | undefined;
}

export type ProvableBoot = Pick<
  EvidenceRecord,
  'attest' | 'signature' | 'qualifyingData' | 'akPublic' | 'pcrs' | 'eventLog' | 'userspaceLog'
>;

/**
 * Each measurement once, in the order of the log. Registers without layers are left out: what they hold (serial numbers, boot
 * entries, partitions) differs from machine to machine. Which layer an event claims to be of decides nothing, because nothing
 * binds that claim.
 *
 * @throws VerificationError and MalformedError TPM_* where nothing is proved
 */
export function readMeasurements(evidence: ProvableBoot): readonly Measurement[] {
  const pcrs = provePcrs(evidence);
  const log = readLog(evidence, pcrs);
  const found = new Map<string, Measurement>();
  for (const measurement of log === undefined ? registersOf(pcrs) : [...eventsOf(log), ...unexplainedOf(log)]) {
    if (!found.has(measurement.key)) found.set(measurement.key, measurement);
  }
  return [...found.values()];
}

/** A log that proves nothing explains nothing: then the registers speak for themselves. */
function readLog({ eventLog, userspaceLog }: ProvableBoot, pcrs: AttestedPcrs): ReplayedLog | undefined {
  if (eventLog === undefined) return undefined;
  try {
    return proveBoot({ eventLog, userspaceLog }, pcrs);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function eventsOf({ events }: ReplayedLog): readonly Measurement[] {
  return events
    .filter(({ pcr }) => holdsLayers(pcr))
    .map((event) => measurementOf({ pcr: event.pcr, bank: event.digest.alg, value: event.digest.value, event }));
}

function unexplainedOf({ pcrs, attested, bank }: ReplayedLog): readonly Measurement[] {
  return valuesOf(attested, bank).filter(({ pcr }) => pcrs.get(pcr) !== 'bound');
}

function registersOf({ banks }: AttestedPcrs): readonly Measurement[] {
  const bank = banksByStrength.find((each) => banks.has(each));
  return bank === undefined ? [] : valuesOf(banks.get(bank) ?? new Map(), bank);
}

function valuesOf(values: PcrValues, bank: HashAlgorithm): readonly Measurement[] {
  return [...values]
    .filter(([pcr, value]) => holdsLayers(pcr) && value.some((byte) => byte !== 0))
    .map(([pcr, value]) => measurementOf({ pcr, bank, value, event: undefined }));
}

function holdsLayers(pcr: number): boolean {
  return layersOfPcr(pcr).length > 0;
}

interface Measured {
  readonly pcr: number;
  readonly bank: HashAlgorithm;
  readonly value: Uint8Array;
  readonly event: BoundEvent | undefined;
}

function measurementOf({ pcr, bank, value, event }: Measured): Measurement {
  const digest = encodeHex(value);
  return { key: `${pcr} ${bank} ${digest}`, pcr, bank, digest, event };
}
