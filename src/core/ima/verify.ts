// An IMA list against the PCRs that a quote attested.
import { VerificationError } from '../error.ts';
import { bytesEqual, concatBytes } from '../encoding/index.ts';
import { digestSizes, equalInConstantTime, hash, isHashAlgorithm, type HashAlgorithm } from '../crypto/index.ts';
import type { AttestedPcrs, PcrValues } from '../tpm/index.ts';
import type { ImaEntry, ImaList, ImaPlace } from './parse.ts';
import { extend, extendedValue, kernelReplays, type KernelReplay, type ReplayMode } from './replay.ts';
import type { FileDigest } from './template.ts';

const verified = Symbol('VerifiedImaList');

/** The state after the last entry that a verification proved: enough to go on from there once the list has grown. Holds no bytes of the
 * list. */
export interface ImaCheckpoint extends ImaPlace {
  /** Digest in the first entry. It is held against the PCRs of each quote anew. */
  readonly bootAggregate: FileDigest;
  readonly banks: ReadonlyMap<HashAlgorithm, { readonly value: Uint8Array; readonly mode: ReplayMode }>;
}

/** The part of a list that an attested PCR binds. Only `verifyImaList` makes one. */
export interface VerifiedImaList {
  readonly [verified]: true;
  /** The PCR that binds them. Entries of another PCR may stand among `entries`: nothing is proven of those. */
  readonly pcr: number;
  /** From the checkpoint on, where one was given. */
  readonly entries: readonly ImaEntry[];
  readonly violations: readonly ImaEntry[];
  /** Entries that came after the quoted state: nothing is known of them until the next quote. */
  readonly unverifiedEntries: number;
  readonly mode: ReplayMode;
  readonly checkpoint: ImaCheckpoint;
}

export interface ImaVerification {
  readonly list: ImaList;
  readonly pcrs: AttestedPcrs;
  /** The PCR IMA extends: 10, unless the kernel was built otherwise. */
  readonly pcr?: number;
  /** Values of PCR 0 to 9 when the kernel started, by bank, where the running system has extended them since. They come
   * from the same replay that binds them to the quote; what is not in here is as the quote has it. */
  readonly atKernelStart?: ReadonlyMap<HashAlgorithm, PcrValues> | undefined;
  /** State to go on from. `list` then has the entries after it only, of a list whose bytes before it are the same as then. Without it the
   * list starts at boot. */
  readonly checkpoint?: ImaCheckpoint;
}

/**
 * Proves:
 * 1. every digest in the list is the digest of its own data;
 * 2. the smallest prefix of the list that replays to the attested PCR does so in every attested bank, each in one mode;
 * 3. the list starts with a boot_aggregate over the attested PCRs 0-9 (0-7 on old kernels).
 * With a checkpoint, 1 and 2 are proved of what comes after it; of what comes before it they were proved when it was made.
 * Does not prove that the measured files are good, nor that what is not in the list did not run (IMA measures a file
 * once, and only what its policy names).
 * @throws VerificationError IMA_LIST_EMPTY, IMA_LIST_TRAILING, IMA_PCR_NOT_ATTESTED, IMA_TEMPLATE_DIGEST_MISMATCH,
 *   IMA_REPLAY_MISMATCH, IMA_BOOT_AGGREGATE_MISMATCH
 */
export function verifyImaList(input: ImaVerification): VerifiedImaList {
  const { list, pcrs, checkpoint } = input;
  const pcr = input.pcr ?? 10;
  if (list.trailingBytes > 0) {
    throw new VerificationError('IMA_LIST_TRAILING', `${list.trailingBytes} bytes after the last entry`, {
      at: list.length,
    });
  }
  if (list.entries.length === 0 && checkpoint === undefined) {
    throw new VerificationError('IMA_LIST_EMPTY', 'the list has no entries');
  }
  list.entries.forEach((entry) => checkTemplateDigest(entry, list.templateHash));
  const banks = [...pcrs.banks].flatMap(([bank, values]) => attestedBank(bank, values, pcr));
  if (banks.length === 0) throw new VerificationError('IMA_PCR_NOT_ATTESTED', `PCR ${pcr} is not in the quote`);

  const results = banks.map(({ bank, value }) => smallestPrefix({ list, bank, value, pcr, checkpoint }));
  const first = results[0];
  if (first === undefined || results.some(({ length }) => length !== first.length)) {
    throw new VerificationError('IMA_REPLAY_MISMATCH', 'the banks agree with different prefixes of the list');
  }
  const entries = list.entries.slice(0, first.length);
  const bootAggregate = checkpoint?.bootAggregate ?? bootAggregateOf(entries[0]);
  checkBootAggregate(bootAggregate, pcrs, input.atKernelStart);
  return {
    [verified]: true,
    pcr,
    entries,
    violations: entries.filter(({ violation }) => violation),
    unverifiedEntries: list.entries.length - entries.length,
    mode: first.mode,
    checkpoint: {
      offset: list.entries[entries.length]?.offset ?? list.length,
      entries: (checkpoint?.entries ?? 0) + entries.length,
      bootAggregate,
      banks: new Map(results.map(({ bank, mode, value }) => [bank, { mode, value: value.slice() }])),
    },
  };
}

interface BankResult {
  readonly bank: HashAlgorithm;
  readonly mode: ReplayMode;
  readonly value: Uint8Array;
  readonly length: number;
}

/** The list is read after the quote, so it may be longer than what was quoted: the shortest prefix that matches is what is proven. */
function smallestPrefix(input: {
  readonly list: ImaList;
  readonly bank: HashAlgorithm;
  readonly value: Uint8Array;
  readonly pcr: number;
  readonly checkpoint: ImaCheckpoint | undefined;
}): BankResult {
  const { list, bank, value, pcr } = input;
  const known = input.checkpoint?.banks.get(bank);
  if (input.checkpoint !== undefined && known === undefined) {
    throw new VerificationError('IMA_REPLAY_MISMATCH', `bank ${bank} was not part of the earlier verification`);
  }
  for (const kernel of replaysToTry(list, known?.mode)) {
    const { mode } = kernel;
    let running = known?.value ?? new Uint8Array(digestSizes[bank]);
    if (known !== undefined && equalInConstantTime(running, value)) return { bank, mode, value, length: 0 };
    for (const [index, entry] of list.entries.entries()) {
      if (entry.pcr !== pcr) continue;
      running = extend(bank, running, extendedValue(entry, bank, kernel));
      if (equalInConstantTime(running, value)) return { bank, mode, value, length: index + 1 };
    }
  }
  throw new VerificationError('IMA_REPLAY_MISMATCH', `no prefix of the list replays to PCR ${pcr} of bank ${bank}`);
}

/** Those of the mode that is known, where one is. Two that differ only in violations are one where the list has none. */
function replaysToTry({ entries }: ImaList, known: ReplayMode | undefined): readonly KernelReplay[] {
  const ofMode = kernelReplays.filter(({ mode }) => known === undefined || mode === known);
  if (entries.some(({ violation }) => violation)) return ofMode;
  return ofMode.filter(({ violationSize }) => violationSize === 'bank');
}

function attestedBank(
  bank: HashAlgorithm,
  values: PcrValues,
  pcr: number,
): readonly { readonly bank: HashAlgorithm; readonly value: Uint8Array }[] {
  const value = values.get(pcr);
  return value === undefined ? [] : [{ bank, value }];
}

function checkTemplateDigest(entry: ImaEntry, alg: HashAlgorithm): void {
  if (entry.violation || bytesEqual(hash(alg, entry.templateData), entry.templateDigest)) return;
  throw new VerificationError('IMA_TEMPLATE_DIGEST_MISMATCH', `entry ${entry.index} is not what its digest says`, {
    at: entry.offset,
  });
}

const noAggregate = 'the first entry is no boot_aggregate of the attested PCRs';

function bootAggregateOf(first: ImaEntry | undefined): FileDigest {
  if (first?.path !== 'boot_aggregate' || first.violation)
    throw new VerificationError('IMA_BOOT_AGGREGATE_MISMATCH', noAggregate, { at: 0 });
  return { ...first.digest, value: first.digest.value.slice() };
}

/** boot_aggregate = H(PCR 0..9), or H(PCR 0..7) for SHA-1 and in kernels before 5.8: it ties the list to this boot.
 * [LINUX security/integrity/ima/ima_crypto.c] */
function checkBootAggregate(
  { algorithm, value }: FileDigest,
  pcrs: AttestedPcrs,
  atKernelStart: ImaVerification['atKernelStart'],
): void {
  if (isHashAlgorithm(algorithm)) {
    const values = new Map([...(pcrs.banks.get(algorithm) ?? []), ...(atKernelStart?.get(algorithm) ?? [])]);
    for (const last of [9, 7]) {
      const aggregated = Array.from({ length: last + 1 }, (_, index) => values.get(index));
      if (aggregated.some((each) => each === undefined)) continue;
      const expected = hash(algorithm, concatBytes(...aggregated.filter((each) => each !== undefined)));
      if (equalInConstantTime(expected, value)) return;
    }
  }
  throw new VerificationError('IMA_BOOT_AGGREGATE_MISMATCH', noAggregate, { at: 0 });
}
