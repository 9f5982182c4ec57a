// An IMA list against the PCRs that a quote attested.
import { VerificationError } from '../error.ts';
import { allAtOnce, bytesEqual, concatBytes, encodeHex, inPieces, type Pieces } from '../encoding/index.ts';
import { digestSizes, equalInConstantTime, hash, isHashAlgorithm, type HashAlgorithm } from '../crypto/index.ts';
import type { AttestedPcrs, ClaimedPcrs, PcrValues } from '../tpm/index.ts';
import { entriesInPiece, readImaList, type ImaEntry, type ImaList, type ImaPlace } from './parse.ts';
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
  allAtOnce(checkTemplateDigests(list));
  const banks = [...pcrs.banks].flatMap(([bank, values]) => attestedBank(bank, values, pcr));
  if (banks.length === 0) throw new VerificationError('IMA_PCR_NOT_ATTESTED', `PCR ${pcr} is not in the quote`);

  const results = banks.map(({ bank, value }) => allAtOnce(smallestPrefix({ list, bank, value, pcr, checkpoint })));
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

interface PrefixSearch {
  readonly list: ImaList;
  readonly bank: HashAlgorithm;
  readonly value: Uint8Array;
  readonly pcr: number;
  readonly checkpoint: ImaCheckpoint | undefined;
}

/** The list is read after the quote, so it may be longer than what was quoted: the shortest prefix that matches is what is proven. */
function* smallestPrefix(search: PrefixSearch): Pieces<BankResult> {
  const { list, bank, value, pcr, checkpoint } = search;
  const known = checkpoint?.banks.get(bank);
  if (checkpoint !== undefined && known === undefined) {
    throw new VerificationError('IMA_REPLAY_MISMATCH', `bank ${bank} was not part of the earlier verification`);
  }
  const { prefixes } = aheadOf(list);
  const name = [pcr, bank, encodeHex(value), known?.mode, known && encodeHex(known.value)].join(' ');
  let found = prefixes.get(name);
  if (found === undefined) prefixes.set(name, (found = yield* findPrefix(search, known)));
  if (found !== 'none') return { bank, value, ...found };
  throw new VerificationError('IMA_REPLAY_MISMATCH', `no prefix of the list replays to PCR ${pcr} of bank ${bank}`);
}

type Prefix = Pick<BankResult, 'mode' | 'length'> | 'none';

function* findPrefix(
  { list, bank, value, pcr }: PrefixSearch,
  known: Pick<BankResult, 'mode' | 'value'> | undefined,
): Pieces<Prefix> {
  for (const kernel of replaysToTry(list, known?.mode)) {
    const { mode } = kernel;
    let running = known?.value ?? new Uint8Array(digestSizes[bank]);
    if (known !== undefined && equalInConstantTime(running, value)) return { mode, length: 0 };
    for (const [index, entry] of list.entries.entries()) {
      if (index % entriesInPiece === entriesInPiece - 1) yield;
      if (entry.pcr !== pcr) continue;
      running = extend(bank, running, extendedValue(entry, bank, kernel));
      if (equalInConstantTime(running, value)) return { mode, length: index + 1 };
    }
  }
  return 'none';
}

/** What was found out of a list that was parsed once: it follows from the list alone, or from it and what the name says. */
interface Ahead {
  /** The first entry whose digest is not that of its data; undefined before all were looked at. */
  wrong: ImaEntry | 'none' | undefined;
  readonly prefixes: Map<string, Prefix>;
}

const ahead = new WeakMap<ImaList, Ahead>();

function aheadOf(list: ImaList): Ahead {
  let known = ahead.get(list);
  if (known === undefined) ahead.set(list, (known = { wrong: undefined, prefixes: new Map() }));
  return known;
}

export interface ImaReading {
  /** As the host says them. Where they are not what the TPM signed, they are no help. */
  readonly pcrs: ClaimedPcrs;
  readonly pcr?: number;
  readonly checkpoint?: ImaCheckpoint | undefined;
}

/** Does most of what `parseImaList` and `verifyImaList` would do for a long list, in pieces; these then say once what they would have said,
 * and soon. Proves nothing by itself, and throws nothing: what is wrong is told by them. The bytes must not change any more. */
export function readImaAhead(bytes: Uint8Array, reading: ImaReading, pause: () => Promise<void>): Promise<void> {
  return inPieces(readAll(bytes, reading), pause);
}

function* readAll(bytes: Uint8Array, { pcrs, pcr = 10, checkpoint }: ImaReading): Pieces<void> {
  const list = yield* readImaList(bytes, checkpoint);
  if (list === undefined) return;
  try {
    yield* checkTemplateDigests(list);
    for (const [bank, values] of pcrs)
      for (const { value } of attestedBank(bank, values, pcr))
        yield* smallestPrefix({ list, bank, value, pcr, checkpoint });
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
  }
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

function* checkTemplateDigests(list: ImaList): Pieces<void> {
  const known = aheadOf(list);
  const wrong = (known.wrong ??= (yield* findWrongDigest(list)) ?? 'none');
  if (wrong === 'none') return;
  throw new VerificationError('IMA_TEMPLATE_DIGEST_MISMATCH', `entry ${wrong.index} is not what its digest says`, {
    at: wrong.offset,
  });
}

function* findWrongDigest({ entries, templateHash }: ImaList): Pieces<ImaEntry | undefined> {
  for (const [index, entry] of entries.entries()) {
    if (index % entriesInPiece === entriesInPiece - 1) yield;
    if (entry.violation || bytesEqual(hash(templateHash, entry.templateData), entry.templateDigest)) continue;
    return entry;
  }
  return undefined;
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
