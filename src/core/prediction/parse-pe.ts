// EFI binaries, as far as measuring needs them. [PE-COFF] [UEFI §2.1.1]
//
// The file is an operator's artefact, but everything in it was written by whoever built it: every offset and size is held
// against the file before anything is sliced, and layouts that two readers could hash differently are refused.
import { MalformedError } from '../error.ts';
import { Cursor } from '../encoding/index.ts';

export interface PortableExecutable {
  readonly bytes: Uint8Array;
  /** Offset of the four bytes of CheckSum, which no digest covers. */
  readonly checksumOffset: number;
  /** Offset of the eight bytes of the certificate table's directory entry; undefined where the header has none. */
  readonly certificateEntryOffset: number | undefined;
  readonly headersSize: number;
  /** In the order of the section table. */
  readonly sections: readonly Section[];
  /** The certificate table, which ends the file; empty when unsigned. */
  readonly certificateTable: Uint8Array;
}

export interface Section {
  readonly name: string;
  /** Bytes in memory. */
  readonly virtualSize: number;
  readonly rawOffset: number;
  readonly rawSize: number;
}

const maximumSections = 96;
const certificateEntry = 4;
const symbolSize = 18;
const maximumName = 64;

/** @throws MalformedError PREDICTION_PE_TRUNCATED, PREDICTION_PE_INVALID */
export function parsePortableExecutable(bytes: Uint8Array): PortableExecutable {
  const start = findHeader(bytes);
  const file = readFileHeader(cursorAt(bytes, start));
  const optionalOffset = start + 24;
  const optional = readOptionalHeader(bytes, optionalOffset, file.optionalSize);
  const tableOffset = optionalOffset + file.optionalSize;
  const { headersSize } = optional;
  if (headersSize > bytes.length || headersSize < tableOffset + file.sectionCount * 40) {
    throw invalid(`headers of ${headersSize} bytes`, optionalOffset + 60);
  }
  const longNames = file.symbolOffset === 0 ? undefined : file.symbolOffset + file.symbolCount * symbolSize;
  const sections = readSections(cursorAt(bytes, tableOffset), file.sectionCount).map((section) => ({
    ...section,
    name: readLongName(bytes, longNames, section.name),
  }));
  const certificateTable = sliceCertificates(bytes, optional);
  checkLayout(sections, headersSize, bytes.length - certificateTable.length);
  const { certificateEntryOffset } = optional;
  return {
    bytes,
    checksumOffset: optionalOffset + 64,
    certificateEntryOffset,
    headersSize,
    sections,
    certificateTable,
  };
}

/** What a section is in memory, without the padding of the file; undefined when there is none of that name.
 * @throws MalformedError PREDICTION_PE_INVALID */
export function readSection({ bytes, sections }: PortableExecutable, name: string): Uint8Array | undefined {
  const found = sections.filter((section) => section.name === name);
  const [section] = found;
  if (section === undefined) return undefined;
  if (found.length > 1) throw invalid(`${found.length} sections ${name}`, section.rawOffset);
  // A section may be longer in memory, filled with zeros: nothing that we read is made so.
  if (section.virtualSize > section.rawSize)
    throw invalid(`section ${name} has no bytes for its size`, section.rawOffset);
  return bytes.subarray(section.rawOffset, section.rawOffset + section.virtualSize);
}

function findHeader(bytes: Uint8Array): number {
  const dos = cursorAt(bytes, 0);
  if (dos.u16('MZ') !== 0x5a4d) throw invalid('no MZ mark', 0);
  dos.bytes(58, 'DOS header');
  const start = dos.u32('e_lfanew');
  if (start < 64) throw invalid('the PE header lies within the DOS header', 60);
  if (cursorAt(bytes, start).u32('PE signature') !== 0x4550) throw invalid('no PE mark', start);
  return start;
}

interface FileHeader {
  readonly sectionCount: number;
  readonly symbolOffset: number;
  readonly symbolCount: number;
  readonly optionalSize: number;
}

function readFileHeader(cursor: Cursor): FileHeader {
  cursor.bytes(6, 'PE signature and machine');
  const at = cursor.offset;
  const sectionCount = cursor.u16('NumberOfSections');
  if (sectionCount === 0 || sectionCount > maximumSections) throw invalid(`${sectionCount} sections`, at);
  cursor.u32('TimeDateStamp');
  const symbolOffset = cursor.u32('PointerToSymbolTable');
  const symbolCount = cursor.u32('NumberOfSymbols');
  return { sectionCount, symbolOffset, symbolCount, optionalSize: cursor.u16('SizeOfOptionalHeader') };
}

interface OptionalHeader {
  readonly headersSize: number;
  readonly certificateEntryOffset: number | undefined;
  readonly certificateOffset: number;
  readonly certificateSize: number;
}

function readOptionalHeader(bytes: Uint8Array, offset: number, size: number): OptionalHeader {
  const cursor = cursorAt(bytes, offset).sub(size, 'optional header');
  const magic = cursor.u16('Magic');
  if (magic !== 0x10b && magic !== 0x20b) throw invalid(`optional header of kind 0x${magic.toString(16)}`, offset);
  cursor.bytes(58, 'optional header');
  const headersSize = cursor.u32('SizeOfHeaders');
  cursor.bytes(magic === 0x20b ? 44 : 28, 'optional header');
  const directories = cursor.u32('NumberOfRvaAndSizes');
  if (directories > 16) throw invalid(`${directories} data directories`, cursor.offset - 4);
  cursor.checkCount(directories, 8, 'data directories');
  if (directories <= certificateEntry) {
    return { headersSize, certificateEntryOffset: undefined, certificateOffset: 0, certificateSize: 0 };
  }
  cursor.bytes(certificateEntry * 8, 'data directories');
  const certificateEntryOffset = cursor.offset;
  const certificateOffset = cursor.u32('certificate table');
  return { headersSize, certificateEntryOffset, certificateOffset, certificateSize: cursor.u32('certificate table') };
}

function readSections(cursor: Cursor, count: number): readonly Section[] {
  return Array.from({ length: count }, () => {
    const name = decodeBytes(cursor.bytes(8, 'Name'));
    const virtualSize = cursor.u32('VirtualSize');
    cursor.u32('VirtualAddress');
    const rawSize = cursor.u32('SizeOfRawData');
    const rawOffset = cursor.u32('PointerToRawData');
    cursor.bytes(16, 'section header');
    return { name: name.replace(/\0+$/, ''), virtualSize, rawOffset, rawSize };
  });
}

/** `/123` is a place in the string table that follows the symbols: names of more than eight characters. [PE-COFF §4] */
function readLongName(bytes: Uint8Array, table: number | undefined, name: string): string {
  const place = /^\/(\d{1,7})$/.exec(name)?.[1];
  if (place === undefined || table === undefined) return name;
  const start = table + Number(place);
  const end = start < bytes.length ? bytes.indexOf(0, start) : -1;
  if (end === -1) throw truncated('the name of a section', start);
  if (end - start > maximumName) throw invalid(`the name of a section has ${end - start} bytes`, start);
  return decodeBytes(bytes.subarray(start, end));
}

function decodeBytes(bytes: Uint8Array): string {
  return [...bytes].map((byte) => String.fromCharCode(byte)).join('');
}

/** Firmware measures what follows the sections up to the size of the table: only a table at the end is told apart. */
function sliceCertificates(bytes: Uint8Array, { certificateOffset, certificateSize }: OptionalHeader): Uint8Array {
  if (certificateSize === 0) return new Uint8Array();
  if (certificateOffset + certificateSize > bytes.length) throw truncated('the certificate table', certificateOffset);
  if (certificateOffset + certificateSize < bytes.length) {
    throw invalid('the certificate table does not end the file', certificateOffset);
  }
  return bytes.subarray(certificateOffset);
}

/** Sections follow the headers, apart from each other, before the certificate table, without a byte between them that
 * one reader hashes and another does not. */
function checkLayout(sections: readonly Section[], headersSize: number, end: number): void {
  let next = headersSize;
  const placed = sections.filter(({ rawSize }) => rawSize > 0);
  for (const { name, rawOffset, rawSize } of placed.sort((left, right) => left.rawOffset - right.rawOffset)) {
    if (rawOffset < next) throw invalid(`section ${JSON.stringify(name)} overlaps what stands before it`, rawOffset);
    next = rawOffset + rawSize;
    if (next > end) throw truncated(`section ${JSON.stringify(name)}`, rawOffset);
  }
}

function cursorAt(bytes: Uint8Array, offset: number): Cursor {
  if (offset > bytes.length) throw truncated('a header', offset);
  return new Cursor(bytes.subarray(offset), {
    endianness: 'little',
    truncated: 'PREDICTION_PE_TRUNCATED',
    trailing: 'PREDICTION_PE_INVALID',
    baseOffset: offset,
  });
}

function truncated(what: string, at: number): MalformedError {
  return new MalformedError('PREDICTION_PE_TRUNCATED', `${what} lies beyond the end of the file`, { at });
}

function invalid(problem: string, at: number): MalformedError {
  return new MalformedError('PREDICTION_PE_INVALID', problem, { at });
}
