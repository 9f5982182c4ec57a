// EFI binaries made in memory: small, whole, and as wrong as a test wants them.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { concatBytes, encodeDer, encodeUnsigned, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { annotateEventLog, parseEventLog, type ClaimedEventLog } from '../../../src/core/event-log/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { authenticodeDigest, parsePortableExecutable } from '../../../src/core/prediction/index.ts';
import { parseCertificate } from '../../../src/core/x509/index.ts';

export interface SectionToMake {
  readonly name: string;
  readonly content: Uint8Array;
}

export const peOffset = 64;
export const optionalOffset = peOffset + 24;
export const checksumOffset = optionalOffset + 64;
/** Directory entry 4 of PE32+. */
export const certificateEntryOffset = optionalOffset + 112 + 4 * 8;
export const sectionTableOffset = optionalOffset + 240;
const alignment = 512;

/** PE32+ with sections at file alignment; names of more than eight characters go to a string table at the end. */
export function makePe(sections: readonly SectionToMake[]): Uint8Array {
  const headersSize = align(sectionTableOffset + sections.length * 40);
  const names: Uint8Array[] = [Uint8Array.of(0, 0, 0, 0)];
  const headers: Uint8Array[] = [];
  const contents: Uint8Array[] = [];
  let offset = headersSize;
  for (const { name, content } of sections) {
    const size = align(content.length);
    const place = names.reduce((sum, { length }) => sum + length, 0);
    if (name.length > 8) names.push(encodeUtf8(`${name}\0`));
    const shown = encodeUtf8(name.length > 8 ? `/${place}` : name);
    headers.push(pad(shown, 8), u32(content.length), u32(0x1000), u32(size), u32(offset), new Uint8Array(16));
    contents.push(pad(content, size));
    offset += size;
  }
  const dos = concatBytes(encodeUtf8('MZ'), new Uint8Array(58), u32(peOffset));
  const file = concatBytes(encodeUtf8('PE\0\0'), u16(0x8664), u16(sections.length), u32(0), u32(offset), u32(0), u16(240), u16(0x22)); // prettier-ignore
  const optional = concatBytes(u16(0x20b), new Uint8Array(58), u32(headersSize), u32(0), new Uint8Array(40), u32(16), new Uint8Array(128)); // prettier-ignore
  const head = pad(concatBytes(dos, file, optional, ...headers), headersSize);
  // Signatures are appended at a multiple of eight bytes.
  const tail = concatBytes(...names);
  return concatBytes(head, ...contents, pad(tail, Math.ceil(tail.length / 8) * 8));
}

/** Appends a certificate table as signing tools do: one record for each signer, the first of `path`. */
export function signPe(image: Uint8Array, ...paths: readonly (readonly Uint8Array[])[]): Uint8Array {
  const records = paths.map((path) => {
    const signature = signedData(authenticodeDigest(parsePortableExecutable(image), 'sha256'), path);
    const length = 8 + signature.length;
    return concatBytes(u32(length), u16(0x200), u16(2), pad(signature, Math.ceil(length / 8) * 8 - 8));
  });
  const table = concatBytes(...records);
  const signed = concatBytes(image, table);
  signed.set(concatBytes(u32(image.length), u32(table.length)), certificateEntryOffset);
  return signed;
}

/** SignedData over SpcIndirectDataContent, without a signature value: firmware would look at it, prediction does not. */
function signedData(digest: Uint8Array, path: readonly Uint8Array[]): Uint8Array {
  const [leaf = new Uint8Array()] = path;
  const { issuerDer, serialHex } = parseCertificate(leaf);
  const oid = encodeDer(0x06, Uint8Array.of(0x2a, 0x03));
  const indirect = encodeDer(
    0x30,
    encodeDer(0x30, oid),
    encodeDer(0x30, encodeDer(0x30, oid), encodeDer(0x04, digest)),
  );
  const serial = encodeDer(
    0x02,
    Uint8Array.from(serialHex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)),
  );
  const signer = encodeDer(0x30, encodeDer(0x02, Uint8Array.of(1)), encodeDer(0x30, issuerDer, serial));
  const data = encodeDer(
    0x30,
    encodeDer(0x02, Uint8Array.of(1)),
    encodeDer(0x31),
    encodeDer(0x30, oid, encodeDer(0xa0, indirect)),
    encodeDer(0xa0, ...path),
    encodeDer(0x31, signer),
  );
  return encodeDer(0x30, oid, encodeDer(0xa0, data));
}

const lab = new URL('../../fixtures/lab/boot/', import.meta.url);

export function labFile(run: string, name: string): Uint8Array {
  return new Uint8Array(readFileSync(fileURLToPath(new URL(`${run}/${name}`, lab))));
}

export function labBootLog(run: string): ClaimedEventLog {
  return parseEventLog(labFile(run, 'binary_bios_measurements'));
}

/** SHA-256 digests of one PCR, in order. */
export function measuredDigests(run: string, pcr: number): readonly string[] {
  const { events } = annotateEventLog(labBootLog(run), 'sha256');
  return events.filter((event) => event.pcr === pcr).map(({ digest }) => encodeHex(digest.value));
}

export function u16(value: number): Uint8Array {
  return encodeUnsigned(value, 2).reverse();
}

export function u32(value: number): Uint8Array {
  return encodeUnsigned(value, 4).reverse();
}

/** `bytes` with `part` written over them at `offset`. */
export function patched(bytes: Uint8Array, offset: number, part: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set(part, offset);
  return copy;
}

function pad(bytes: Uint8Array, length: number): Uint8Array {
  return concatBytes(bytes, new Uint8Array(length - bytes.length));
}

function align(size: number): number {
  return Math.ceil(size / alignment) * alignment;
}

/** Final values of a lab boot, SHA-256, hexadecimal. */
export function measuredPcr(run: string, pcr: number): string {
  const banks = JSON.parse(new TextDecoder().decode(labFile(run, 'pcrs.json'))) as Record<
    string,
    Record<string, string>
  >;
  return banks['sha256']?.[pcr] ?? '';
}

/** The variables of PCR 7 that a lab boot measured under `name`, in order: the data of each. */
export function measuredVariables(run: string, name: string): readonly Uint8Array[] {
  return annotateEventLog(labBootLog(run)).events.flatMap(({ pcr, decoded }) =>
    pcr === 7 && decoded?.kind === 'uefi-variable' && decoded.name === name ? [decoded.data] : [],
  );
}

/** EFI_SIGNATURE_DATA without its owner: the certificate. */
export function certificateOf(authority: Uint8Array | undefined): Uint8Array {
  return (authority ?? new Uint8Array()).subarray(16);
}

/** A binary with the two sections that make it shim. */
export function makeShim(vendor: Uint8Array, sbatLevel: string, revoked: Uint8Array = new Uint8Array()): Uint8Array {
  const head = 16;
  const sizes = [u32(vendor.length), u32(revoked.length), u32(head), u32(head + vendor.length)];
  const [automatic, latest] = [encodeUtf8(`${sbatLevel}\0`), encodeUtf8('sbat,1,2099010100\n\0')];
  return makePe([
    { name: '.text', content: encodeUtf8('shim') },
    { name: '.vendor_cert', content: concatBytes(...sizes, vendor, revoked) },
    { name: '.sbatlevel', content: concatBytes(u32(0), u32(8), u32(8 + automatic.length), automatic, latest) },
  ]);
}

/** A unified kernel image; sections in the order given. */
export function makeUnifiedKernel(version: number, sections: Readonly<Record<string, string>>): Uint8Array {
  const mark = encodeUtf8(`#### LoaderInfo: systemd-stub ${version}.1 ####\0`);
  const given = Object.entries(sections).map(([name, text]) => ({ name, content: encodeUtf8(text) }));
  return makePe([{ name: '.text', content: encodeUtf8('stub') }, { name: '.sdmagic', content: mark }, ...given]);
}
