// Logs for the tests of this room: the lab's captures, and small ones written by the encoder.
import { existsSync, readFileSync } from 'node:fs';
import assert from 'node:assert/strict';
import { AttestationError } from '../../../src/core/error.ts';
import type { ErrorCode } from '../../../src/core/error-codes.ts';
import { digestSizes, hash, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { decodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import type { AttestedPcrs, PcrValues } from '../../../src/core/tpm/index.ts';
import {
  encodeEventLog,
  encodeSignatureList,
  encodeUefiVariable,
  encodeUtf16,
  eventTypes,
  guids,
  parseEventLog,
  replayEventLog,
  verifyEventLog,
  type ClaimedEventLog,
  type EventToEncode,
  type ReplayedLog,
} from '../../../src/core/event-log/index.ts';

export const labRuns = [
  'sb-on',
  'sb-on-linuxefi',
  'sb-off',
  'cfg-tampered',
  'uki',
  'sdboot-uki',
  'kernel-cloud',
  'initrd-changed',
] as const;
export type LabRun = (typeof labRuns)[number];

const folder = new URL('../../fixtures/lab/boot/', import.meta.url);

export function labLog(run: LabRun): Uint8Array {
  const file = new URL(`${run}/binary_bios_measurements`, folder);
  assert.ok(existsSync(file), `fixture of ${run}`);
  return new Uint8Array(readFileSync(file));
}

/** What the kernel of that boot read from the TPM. PCR 16 and 23 are left out, as a quote's proof leaves them. */
export function labPcrs(run: LabRun): ReadonlyMap<HashAlgorithm, PcrValues> {
  const text = readFileSync(new URL(`${run}/pcrs.json`, folder), 'utf8');
  const banks = JSON.parse(text) as Record<HashAlgorithm, Record<string, string>>;
  return new Map(
    Object.entries(banks).map(([bank, values]) => [
      bank as HashAlgorithm,
      new Map(
        Object.entries(values)
          .map(([pcr, value]) => [Number(pcr), decodeHex(value)] as const)
          .filter(([pcr]) => pcr !== 16 && pcr !== 23),
      ),
    ]),
  );
}

/** The brand of core/tpm, without a quote: this room's tests start where that proof ends. */
export function attest(banks: ReadonlyMap<HashAlgorithm, PcrValues>): AttestedPcrs {
  return { banks, resettable: new Map() } as unknown as AttestedPcrs;
}

const bootPcrs = Array.from({ length: 16 }, (_, pcr) => pcr);

/** Attested values that are what `log` replays to, and registers that nothing extended: an honest host. */
export function attestReplay(log: ClaimedEventLog, banks: readonly HashAlgorithm[] = log.banks): AttestedPcrs {
  const read = (bank: HashAlgorithm) => {
    const untouched = bootPcrs.map((pcr) => [pcr, new Uint8Array(digestSizes[bank])] as const);
    return new Map([...untouched, ...replayEventLog(log, bank)]);
  };
  return attest(new Map(banks.map((bank) => [bank, read(bank)])));
}

export function verifyLab(run: LabRun): ReplayedLog {
  return verifyEventLog(parseEventLog(labLog(run)), attest(labPcrs(run)));
}

export function verifyHonest(
  events: readonly EventToEncode[],
  banks: readonly HashAlgorithm[] = ['sha256'],
): ReplayedLog {
  const log = parseEventLog(encodeEventLog(events, { banks }));
  return verifyEventLog(log, attestReplay(log));
}

export function separator(pcr: number, value = 0): EventToEncode {
  return { pcr, type: eventTypes.EV_SEPARATOR, data: Uint8Array.of(value & 0xff, 0, 0, 0) };
}

export function action(pcr: number, text: string): EventToEncode {
  return { pcr, type: eventTypes.EV_EFI_ACTION, data: encodeUtf8(text) };
}

export function variable(name: string, data: Uint8Array, guid: string = guids.globalVariable): EventToEncode {
  return { pcr: 7, type: eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG, data: encodeUefiVariable({ guid, name, data }) };
}

export function authority(name: string, data: Uint8Array, guid: string = guids.imageSecurityDatabase): EventToEncode {
  return { pcr: 7, type: eventTypes.EV_EFI_VARIABLE_AUTHORITY, data: encodeUefiVariable({ guid, name, data }) };
}

export function hashes(count: number, first = 0): Uint8Array {
  const signatures = Array.from({ length: count }, (_, index) => hash('sha256', Uint8Array.of(index + first)));
  return encodeSignatureList({ typeGuid: guids.certSha256, owner: guids.shimLock, signatures });
}

export function grub(prefix: string, text: string): EventToEncode {
  return { pcr: 8, type: eventTypes.EV_IPL, data: encodeUtf8(`${prefix}: ${text}\0`), measured: encodeUtf8(text) };
}

export function file(path: string, content: string): EventToEncode {
  return { pcr: 9, type: eventTypes.EV_IPL, data: encodeUtf8(`${path}\0`), measured: encodeUtf8(content) };
}

export function section(name: string, content: string): readonly EventToEncode[] {
  const event = { pcr: 11, type: eventTypes.EV_IPL, data: encodeUtf16(`${name}\0`) };
  return [
    { ...event, measured: encodeUtf8(`${name}\0`) },
    { ...event, measured: encodeUtf8(content) },
  ];
}

export function image(
  pcr: number,
  content: string,
  type: number = eventTypes.EV_EFI_BOOT_SERVICES_APPLICATION,
): EventToEncode {
  return { pcr, type, data: new Uint8Array(32), measured: encodeUtf8(content) };
}

/** A refusal is told by its code. */
export function refuses(code: ErrorCode, act: () => unknown, at?: number | string): void {
  assert.throws(act, (error: unknown) => {
    assert.ok(error instanceof AttestationError, String(error));
    assert.equal(error.code, code);
    if (at !== undefined) assert.equal(error.at, at);
    return true;
  });
}

/** Only an AttestationError may come out of a parser. */
export function survives(act: () => unknown): void {
  try {
    act();
  } catch (error) {
    assert.ok(error instanceof AttestationError, error instanceof Error ? error.stack : String(error));
  }
}
