// A log as it is kept: raw DEFLATE, which ends in such a way that a log which goes on from it need not be compressed as a whole. [RFC1951 §3.2.3]
import { promisify } from 'node:util';
import { constants, deflateRaw, deflateRawSync, inflateRaw, inflateRawSync } from 'node:zlib';
import { beginningOf } from '../../../../core/appraisal/index.ts';
import { concatBytes } from '../../../../core/encoding/index.ts';
import { bytesOf } from '../rows.ts';

/** The last block: no bytes, by the fixed codes. */
const lastBlock = Uint8Array.of(0x03, 0x00);

/** What `Z_SYNC_FLUSH` ends with, on the border of a byte, and the last block behind it: another block may stand in its place. */
const openEnd = Uint8Array.of(0x00, 0x00, 0xff, 0xff, ...lastBlock);

/** By log: of what many hosts share and one object holds, and of what was found to be gone on with. */
const archives = new WeakMap<Uint8Array, Uint8Array>();

/** By log, while another thread compresses it: many hosts may wait for what they share. */
const underWay = new WeakMap<Uint8Array, Promise<void>>();

/** To compress so much, or to restore it, takes some milliseconds; more is given to another thread. */
const bytesInTurn = 262_144;
const archiveBytesInTurn = 65_536;

export function deflateLog(log: Uint8Array): Uint8Array {
  let archive = archives.get(log);
  if (archive === undefined) {
    const { before, added } = planOf(log);
    archives.set(log, (archive = concatBytes(...before, deflateRawSync(added, options), lastBlock)));
  }
  return archive;
}

/** Whether it is worth another thread to compress it before `deflateLog` is asked. */
export function isLongToDeflate(log: Uint8Array): boolean {
  return log.length > bytesInTurn && !archives.has(log) && planOf(log).added.length > bytesInTurn;
}

/** By another thread. `deflateLog` then has it at once. */
export function deflateAhead(log: Uint8Array): Promise<void> {
  let work = underWay.get(log);
  if (work === undefined) {
    const { before, added } = planOf(log);
    work = deflateApart(added, { ...options, chunkSize: bytesInTurn })
      .then((deflated) => void archives.set(log, concatBytes(...before, deflated, lastBlock)))
      .finally(() => underWay.delete(log));
    underWay.set(log, work);
  }
  return work;
}

const deflateApart = promisify(deflateRaw) as (
  bytes: Uint8Array,
  how: typeof options & { readonly chunkSize: number },
) => Promise<Buffer>;
const inflateApart = promisify(inflateRaw) as (
  bytes: Uint8Array,
  how: { readonly chunkSize: number },
) => Promise<Buffer>;

export function inflateLog(archive: Buffer | null | undefined): Uint8Array | undefined {
  return archive ? bytesOf(inflateRawSync(archive)) : undefined;
}

/** The same, of a large one by another thread. */
export async function restoreLog(archive: Buffer | null | undefined): Promise<Uint8Array | undefined> {
  if (!archive || archive.length <= archiveBytesInTurn) return inflateLog(archive);
  return bytesOf(await inflateApart(archive, { chunkSize: bytesInTurn }));
}

/** For a log that may be gone on with. */
export function keepArchive(log: Uint8Array, archive: Uint8Array): void {
  archives.set(log, archive);
}

const options = { level: 1, finishFlush: constants.Z_SYNC_FLUSH };

interface Plan {
  /** What its archive begins with. */
  readonly before: readonly Uint8Array[];
  /** What is to be compressed behind that. */
  readonly added: Uint8Array;
}

/** Only what was added, where the archive of what is before it can be gone on with. */
function planOf(log: Uint8Array): Plan {
  const before = beginningOf(log);
  const archive = before && archives.get(before);
  if (before === undefined || archive === undefined || !isOpen(archive)) return { before: [], added: log };
  return { before: [archive.subarray(0, -lastBlock.length)], added: log.subarray(before.length) };
}

function isOpen(archive: Uint8Array): boolean {
  return openEnd.every((byte, index) => archive[archive.length - openEnd.length + index] === byte);
}
