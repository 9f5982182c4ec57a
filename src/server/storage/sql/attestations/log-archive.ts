// A log as it is kept: raw DEFLATE, which ends in such a way that a log which goes on from it need not be compressed as a whole. [RFC1951 §3.2.3]
import { constants, deflateRawSync, inflateRawSync } from 'node:zlib';
import { beginningOf } from '../../../../core/appraisal/index.ts';
import { concatBytes } from '../../../../core/encoding/index.ts';
import { bytesOf } from '../rows.ts';

/** The last block: no bytes, by the fixed codes. */
const lastBlock = Uint8Array.of(0x03, 0x00);

/** What `Z_SYNC_FLUSH` ends with, on the border of a byte, and the last block behind it: another block may stand in its place. */
const openEnd = Uint8Array.of(0x00, 0x00, 0xff, 0xff, ...lastBlock);

/** By log: of what many hosts share and one object holds, and of what was found to be gone on with. */
const archives = new WeakMap<Uint8Array, Uint8Array>();

export function deflateLog(log: Uint8Array): Uint8Array {
  let archive = archives.get(log);
  if (archive === undefined) archives.set(log, (archive = goOn(log) ?? deflate(log)));
  return archive;
}

export function inflateLog(archive: Buffer | null | undefined): Uint8Array | undefined {
  return archive ? bytesOf(inflateRawSync(archive)) : undefined;
}

/** For a log that may be gone on with. */
export function keepArchive(log: Uint8Array, archive: Uint8Array): void {
  archives.set(log, archive);
}

/** Compresses only what was added, where the archive of what is before it can be gone on with. */
function goOn(log: Uint8Array): Uint8Array | undefined {
  const before = beginningOf(log);
  const archive = before && archives.get(before);
  if (before === undefined || archive === undefined || !isOpen(archive)) return undefined;
  return concatBytes(archive.subarray(0, -lastBlock.length), deflate(log.subarray(before.length)));
}

function deflate(bytes: Uint8Array): Uint8Array {
  return concatBytes(deflateRawSync(bytes, { level: 1, finishFlush: constants.Z_SYNC_FLUSH }), lastBlock);
}

function isOpen(archive: Uint8Array): boolean {
  return openEnd.every((byte, index) => archive[archive.length - openEnd.length + index] === byte);
}
