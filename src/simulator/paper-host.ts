// A machine that boots on paper: real keys, real structures, real signatures, and no hardware. It has the shape of the
// agent's `AttestingDevice`, so that everything which talks to a TPM can talk to it.
import type { HashAlgorithm } from '../core/crypto/index.ts';
import { encodeHex } from '../core/encoding/index.ts';
import {
  digestsOfEvent,
  digestsOfUserspace,
  eventTypes,
  parseEventLog,
  type EventToEncode,
  type UserspaceToEncode,
} from '../core/event-log/index.ts';
import { parseImaList, replayImaEntries } from '../core/ima/index.ts';
import { attributeBits, type PcrSelection } from '../core/tpm/index.ts';
import { createSimulatorAuthority, type SimulatorAuthority } from './authority.ts';
import { bootChanges } from './boot-tampering.ts';
import { writeLog } from './log-tampering.ts';
import { createPaperKey, type PaperKeyType } from './paper-key.ts';
import { measureBoot, ordinaryBoot, type PaperBoot } from './paper-boot.ts';
import { getTimeOfPaperTpm, quotePaperTpm, type PaperQuote } from './paper-quote.ts';
import { createPaperTpm, type PaperTpm } from './paper-tpm.ts';
import { digestsByHand, writeUserspaceLog } from './paper-userspace.ts';
import { seededBytes } from './seed.ts';
import { tamperings, type Tampering } from './tampering.ts';

export interface PaperHostOptions {
  readonly name: string;
  readonly authority: SimulatorAuthority;
  /** The same seed gives the same P-256 keys and the same serial numbers. The name, unless told. */
  readonly seed?: string;
  /** P-256 unless told; RSA keys are random and take a moment to make. */
  readonly ekType?: PaperKeyType;
  readonly akType?: PaperKeyType;
  /** What it boots; an ordinary UEFI, shim, GRUB and Linux boot unless told. */
  readonly boot?: PaperBoot;
  /** A real capture to boot instead of `boot`: its digests are extended as they stand. */
  readonly eventLog?: Uint8Array;
  /** Binary IMA list, extended into its PCR. */
  readonly imaLog?: Uint8Array;
  /** What its system measures once it runs; nothing unless told. See `ordinaryUserspace`. */
  readonly userspace?: readonly UserspaceToEncode[];
  /** SHA-1, SHA-256 and SHA-384 unless told. */
  readonly banks?: readonly HashAlgorithm[];
  readonly tampering?: readonly Tampering[];
  /** How often it booted before, in another process say: a TPM never counts backwards. Never unless told. */
  readonly earlierBoots?: number;
}

export interface PaperHost {
  readonly name: string;
  /** The complete name of the attestation key, as the server computes it. */
  readonly akName: Uint8Array;
  readonly tampering: readonly Tampering[];
  ekCertificates(): Promise<{ readonly certificate: Uint8Array | undefined; readonly chain: readonly Uint8Array[] }>;
  ekPublic(): Promise<Uint8Array>;
  akPublic(): Promise<Uint8Array>;
  activate(credentialBlob: Uint8Array, encryptedSecret: Uint8Array): Promise<Uint8Array>;
  quote(qualifyingData: Uint8Array, selections: readonly PcrSelection[]): Promise<PaperQuote>;
  getTime(qualifyingData: Uint8Array): Promise<Omit<PaperQuote, 'pcrs'>>;
  eventLog(): Promise<Uint8Array | undefined>;
  imaLog(): Promise<Uint8Array | undefined>;
  userspaceLog(): Promise<Uint8Array | undefined>;
  /** Another one after each reboot. */
  bootId(): Promise<string>;
  close(): Promise<void>;
  /** Power cycle: the reset counter rises, PCRs start again, the boot is measured anew. May change what it boots or how
   * it lies. */
  reboot(changes?: PaperReboot): void;
  /** The kernel measures on: `imaLog` is the list from now on, what was on it first. */
  measureOn(imaLog: Uint8Array): void;
  /** Another way of lying about log and quotes, without a reboot: what was measured stays measured. None: honest. */
  tamper(...tampering: readonly Tampering[]): void;
  /** The same TPM presenting itself under another name. */
  cloneAs(name: string): PaperHost;
}

export interface PaperReboot {
  readonly boot?: PaperBoot;
  readonly eventLog?: Uint8Array;
  readonly imaLog?: Uint8Array;
  readonly tampering?: readonly Tampering[];
}

/** A host that has just booted. */
export function createPaperHost(options: PaperHostOptions): PaperHost {
  const tampering = options.tampering ?? [];
  const tpm = createPaperTpm({
    seed: options.seed ?? options.name,
    ekType: options.ekType ?? 'ecc',
    akType: options.akType ?? 'ecc',
    banks: options.banks ?? ['sha1', 'sha256', 'sha384'],
    akWithout: akWithout(tampering),
    earlierBoots: options.earlierBoots ?? 0,
  });
  return hostOf(tpm, options);
}

function hostOf(tpm: PaperTpm, options: PaperHostOptions): PaperHost {
  const { userspace = [] } = options;
  let { boot = ordinaryBoot, eventLog, imaLog, tampering = [] } = options;
  let machine = bootOn(tpm, { boot, eventLog, imaLog, userspace, tampering });
  let firstQuote: PaperQuote | undefined;
  const certificates = certify(tpm, options);
  let boots = (options.earlierBoots ?? 0) + 1;

  return {
    name: options.name,
    akName: tpm.akName,
    get tampering() {
      return tampering;
    },
    ekCertificates: () => Promise.resolve(certificates),
    ekPublic: () => Promise.resolve(tpm.ekPublic),
    akPublic: () => Promise.resolve(tpm.akPublic),
    activate: async (credentialBlob, encryptedSecret) =>
      Promise.resolve().then(() => tpm.activate(credentialBlob, encryptedSecret)),
    quote(qualifyingData, selections) {
      const quote = quotePaperTpm(tpm, { qualifyingData, selections, tampering });
      firstQuote ??= quote;
      return Promise.resolve(tampering.includes('replayed-quote') ? firstQuote : quote);
    },
    getTime: (qualifyingData) => Promise.resolve(getTimeOfPaperTpm(tpm, qualifyingData)),
    eventLog: () => Promise.resolve(writeLog(machine.events, machine, tampering)),
    imaLog: () => Promise.resolve(imaLog),
    userspaceLog: () => Promise.resolve(writeUserspaceLog(userspace, tpm.banks, tampering)),
    bootId: () => Promise.resolve(bootIdOf(options.seed ?? options.name, boots)),
    close: () => Promise.resolve(),
    reboot(changes = {}) {
      boot = changes.boot ?? boot;
      eventLog = changes.boot === undefined ? (changes.eventLog ?? eventLog) : changes.eventLog;
      imaLog = changes.imaLog ?? imaLog;
      tampering = changes.tampering ?? tampering;
      boots += 1;
      machine = bootOn(tpm, { boot, eventLog, imaLog, userspace, tampering });
    },
    measureOn(list) {
      imaLog = list;
      extendIma(tpm, list);
    },
    tamper(...names) {
      const needsBoot = names.find(
        (name) => tamperings[name].stage === 'boot' || tamperings[name].stage === 'enrolment',
      );
      if (needsBoot !== undefined) throw new TypeError(`${needsBoot} is chosen at creation or at reboot`);
      tampering = names;
    },
    cloneAs: (name) => hostOf(tpm, { ...options, name, tampering: [] }),
  };
}

/** As Linux writes it: a UUID of its own for each boot. */
function bootIdOf(seed: string, boots: number): string {
  const hex = encodeHex(seededBytes(seed, `boot ${boots}`, 16));
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

interface BootInput {
  readonly boot: PaperBoot;
  readonly eventLog: Uint8Array | undefined;
  readonly imaLog: Uint8Array | undefined;
  readonly userspace: readonly UserspaceToEncode[];
  readonly tampering: readonly Tampering[];
}

interface BootedMachine {
  readonly events: readonly EventToEncode[];
  readonly banks: readonly HashAlgorithm[];
  readonly startupLocality: 0 | 3;
}

/** Measures a boot into the TPM and remembers what an honest log of it says. */
function bootOn(tpm: PaperTpm, input: BootInput): BootedMachine {
  const captured = input.eventLog === undefined ? undefined : readCapture(input.eventLog);
  const banks = captured?.banks ?? tpm.banks;
  const startupLocality = captured?.startupLocality ?? 0;
  const events = input.tampering.reduce<readonly EventToEncode[]>(
    (before, name) => bootChanges[name]?.(before) ?? before,
    captured?.events ?? measureBoot(input.boot),
  );
  tpm.powerCycle(startupLocality);
  for (const event of events) {
    if (event.type !== eventTypes.EV_NO_ACTION) tpm.extend(event.pcr, digestsOfEvent(event, banks));
  }
  if (input.imaLog !== undefined) extendIma(tpm, input.imaLog);
  for (const each of input.userspace) tpm.extend(each.register.index, digestsOfUserspace(each, tpm.banks));
  if (input.tampering.includes('extended-by-hand')) tpm.extend(4, digestsByHand(tpm.banks));
  return { events, banks, startupLocality };
}

/** A captured log as events to write again. Its Spec ID and locality records are written anew by the encoder. */
function readCapture(bytes: Uint8Array): BootedMachine {
  const log = parseEventLog(bytes);
  const events = log.events
    .filter((event) => event.untrustedType !== eventTypes.EV_NO_ACTION)
    .map((event): EventToEncode => {
      return { pcr: event.pcr, type: event.untrustedType, data: event.untrustedData, digests: event.digests };
    });
  return { events, banks: log.banks, startupLocality: log.startupLocality === 3 ? 3 : 0 };
}

/** Each entry is extended as a kernel of 5.8 or later does; replaying one entry from zero is not an extend, so the whole
 * list is replayed and PCR 10 takes its value. */
function extendIma(tpm: PaperTpm, imaLog: Uint8Array): void {
  const { entries } = parseImaList(imaLog);
  for (const bank of tpm.banks) tpm.set(10, bank, replayImaEntries({ entries, pcr: 10, bank }));
}

function certify(tpm: PaperTpm, options: PaperHostOptions): Awaited<ReturnType<PaperHost['ekCertificates']>> {
  const lies = new Set(options.tampering);
  if (lies.has('no-ek-certificate')) return { certificate: undefined, chain: [] };
  const { authority } = options;
  const issuer = lies.has('foreign-authority')
    ? createSimulatorAuthority({ at: authority.at, seed: 'somebody else' })
    : authority;
  const key = lies.has('foreign-ek') ? createPaperKey(tpm.ek.type, 'stranger', 'endorsement key') : tpm.ek;
  const certificate = issuer.certify({
    spki: key.spki,
    keyType: key.type === 'rsa' ? 'rsa' : 'ec',
    commonName: options.seed ?? options.name,
    ...(lies.has('expired-ek-certificate') ? { notAfter: new Date(authority.at.getTime() - 3_600_000) } : {}),
  });
  return { certificate, chain: [issuer.intermediateCertificate] };
}

function akWithout(tampering: readonly Tampering[]): number {
  const restricted = tampering.includes('unrestricted-ak') ? attributeBits.restricted : 0;
  const inside = attributeBits.fixedTpm | attributeBits.sensitiveDataOrigin;
  return restricted | (tampering.includes('software-ak') ? inside : 0);
}
