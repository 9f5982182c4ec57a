// Cabinets, as Microsoft publishes the roots of TPM makers in one: stored, or MSZIP. Their own signature is not looked at: whoever
// imports what is inside says that it may be trusted. [MS-CAB §2]
import { inflateRawSync } from 'node:zlib';
import { CliError } from '../errors.ts';

export interface CabinetFile {
  /** With its folders, as it stands in the cabinet. Nothing is ever written under it. */
  readonly untrustedName: string;
  readonly bytes: Uint8Array;
}

const maximumFiles = 4096;
const maximumContents = 64 * 1024 * 1024;
const blockSize = 32_768;
const signature = 0x4d534346;

export function isCabinet(bytes: Uint8Array): boolean {
  return bytes.length >= 4 && viewOf(bytes).getUint32(0) === signature;
}

/** @throws CliError CLI_CABINET_MALFORMED, CLI_CABINET_COMPRESSION */
export function readCabinet(bytes: Uint8Array): readonly CabinetFile[] {
  try {
    return readFiles(bytes);
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw new CliError('CLI_CABINET_MALFORMED', 'the cabinet is cut or damaged', { cause });
  }
}

interface Header {
  readonly folders: readonly { readonly offset: number; readonly blocks: number; readonly compression: number }[];
  readonly filesAt: number;
  readonly files: number;
  readonly dataReserve: number;
}

function readHeader(bytes: Uint8Array): Header {
  const view = viewOf(bytes);
  const [folders, files, flags] = [26, 28, 30].map((at) => view.getUint16(at, true)) as [number, number, number];
  if (!isCabinet(bytes) || (flags & 3) !== 0 || files > maximumFiles) {
    throw malformed('no cabinet, one of several volumes, or too many files');
  }
  const hasReserve = (flags & 4) !== 0;
  const [headerReserve, folderReserve, dataReserve] = hasReserve
    ? [view.getUint16(36, true), view.getUint8(38), view.getUint8(39)]
    : [0, 0, 0];
  const start = hasReserve ? 40 + headerReserve : 36;
  const readFolder = (index: number) => {
    const at = start + index * (8 + folderReserve);
    return {
      offset: view.getUint32(at, true),
      blocks: view.getUint16(at + 4, true),
      compression: view.getUint16(at + 6, true) & 0x0f,
    };
  };
  return {
    folders: Array.from({ length: folders }, (_, index) => readFolder(index)),
    filesAt: view.getUint32(16, true),
    files,
    dataReserve,
  };
}

function readFiles(bytes: Uint8Array): readonly CabinetFile[] {
  const header = readHeader(bytes);
  const view = viewOf(bytes);
  let left = maximumContents;
  const contents = header.folders.map((folder) => {
    const unpacked = unpack(bytes, folder, { dataReserve: header.dataReserve, limit: left });
    left -= unpacked.length;
    return unpacked;
  });
  const found: CabinetFile[] = [];
  let at = header.filesAt;
  for (let index = 0; index < header.files; index += 1) {
    const [size, start] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    const folder = contents[view.getUint16(at + 8, true)];
    const end = bytes.indexOf(0, at + 16);
    if (folder === undefined || end === -1 || start + size > folder.length)
      throw malformed('a file outside of its folder');
    const name = new TextDecoder('utf-8').decode(bytes.subarray(at + 16, end));
    found.push({ untrustedName: name.replaceAll('\\', '/'), bytes: folder.subarray(start, start + size) });
    at = end + 1;
  }
  return found;
}

function unpack(
  bytes: Uint8Array,
  { offset, blocks, compression }: Header['folders'][number],
  { dataReserve, limit }: { readonly dataReserve: number; readonly limit: number },
): Uint8Array {
  if (compression > 1)
    throw new CliError('CLI_CABINET_COMPRESSION', 'only cabinets that are stored or packed with MSZIP are read');
  const view = viewOf(bytes);
  const parts: Uint8Array[] = [];
  let [at, total] = [offset, 0];
  for (let index = 0; index < blocks; index += 1) {
    const [packed, size] = [view.getUint16(at + 4, true), view.getUint16(at + 6, true)];
    const start = at + 8 + dataReserve;
    total += size;
    if (size > blockSize || total > limit || start + packed > bytes.length)
      throw malformed('a block that is too large');
    const block = bytes.subarray(start, start + packed);
    parts.push(compression === 0 ? block : inflateBlock(block, parts.at(-1)));
    if (parts.at(-1)?.length !== size) throw malformed('a block of another size than it says');
    at = start + packed;
  }
  return new Uint8Array(Buffer.concat(parts));
}

/** `CK`, and a deflate stream that may refer to the block before. */
function inflateBlock(block: Uint8Array, before: Uint8Array | undefined): Uint8Array {
  if (block[0] !== 0x43 || block[1] !== 0x4b) throw malformed('a block that is not MSZIP');
  const dictionary = before === undefined ? {} : { dictionary: before };
  return new Uint8Array(inflateRawSync(block.subarray(2), { ...dictionary, maxOutputLength: blockSize }));
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function malformed(message: string): CliError {
  return new CliError('CLI_CABINET_MALFORMED', message);
}
