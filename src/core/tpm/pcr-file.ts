// tpm2-tools' own PCR file (`tpm2_quote -o`, format "serialized"): C structs of fixed size as a little-endian machine
// holds them in memory. Not a TCG format, and not authenticated. [TPM2-TOOLS tpm2_quote]
import { digestSizes, type HashAlgorithm } from '../crypto/index.ts';
import { Cursor } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { hashFromId } from './algorithms.ts';
import { pcrsOfBitmap, type ClaimedPcrs, type PcrSelection } from './pcr-selection.ts';

export interface ClaimedPcrFile {
  /** Selections as the file says them. They name values here and nowhere else: what counts is the signed selection. */
  readonly selections: readonly PcrSelection[];
  readonly pcrs: ClaimedPcrs;
}

const maximumBanks = 16;
const digestsPerList = 8;
const digestCapacity = 64;
const maximumLists = 16 * 3;

/** Parses the file. Proves nothing: give `pcrs` to `verifyPcrs`. [CVE-2024-29039]
 * @throws MalformedError TPM_PCR_FILE_INVALID, TPM_HASH_UNSUPPORTED, TPM_SELECTION_PCR_UNKNOWN */
export function parsePcrFile(bytes: Uint8Array): ClaimedPcrFile {
  const cursor = new Cursor(bytes, {
    endianness: 'little',
    truncated: 'TPM_PCR_FILE_INVALID',
    trailing: 'TPM_PCR_FILE_INVALID',
  });
  const selections = readSelections(cursor);
  const digests = readDigests(cursor);
  cursor.end('PCR file');
  return { selections, pcrs: assign(selections, digests) };
}

/** TPML_PCR_SELECTION: u32 count, then 16 slots of {u16 hash, u8 size, u8 select[4], u8 padding}. */
function readSelections(cursor: Cursor): readonly PcrSelection[] {
  const at = cursor.offset;
  const count = cursor.u32('selection count');
  if (count > maximumBanks) throw invalid(`${count} selections`, at);
  const selections: PcrSelection[] = [];
  for (let index = 0; index < maximumBanks; index += 1) {
    const slot = cursor.sub(8, 'selection');
    if (index < count) selections.push(readSelection(slot));
  }
  if (new Set(selections.map(({ bank }) => bank)).size !== count) throw invalid('a bank is selected twice', at);
  return selections;
}

function readSelection(slot: Cursor): PcrSelection {
  const at = slot.offset;
  const bank = hashFromId(slot.u16('bank'), 'PCR bank', at);
  const size = slot.u8('bitmap size');
  if (size > 4) throw invalid(`a bitmap of ${size} bytes`, at);
  return { bank, pcrs: pcrsOfBitmap(slot.bytes(size, 'bitmap'), at), bitmapSize: size };
}

/** u32 number of lists, then TPML_DIGEST: u32 count and 8 slots of {u16 size, u8 buffer[64]}. */
function readDigests(cursor: Cursor): readonly Uint8Array[] {
  const at = cursor.offset;
  const lists = cursor.u32('list count');
  if (lists > maximumLists) throw invalid(`${lists} digest lists`, at);
  const digests: Uint8Array[] = [];
  for (let list = 0; list < lists; list += 1) {
    const count = cursor.u32('digest count');
    if (count > digestsPerList) throw invalid(`${count} digests in a list`, cursor.offset);
    for (let index = 0; index < digestsPerList; index += 1) {
      const slot = cursor.sub(2 + digestCapacity, 'digest');
      if (index < count) digests.push(slot.bytes(slot.u16('digest size'), 'digest'));
    }
  }
  return digests;
}

function assign(selections: readonly PcrSelection[], digests: readonly Uint8Array[]): ClaimedPcrs {
  const names = selections.flatMap(({ bank, pcrs }) => pcrs.map((pcr) => ({ bank, pcr })));
  if (names.length !== digests.length) throw invalid(`${digests.length} values for ${names.length} PCRs`, 0);
  const banks = new Map<HashAlgorithm, Map<number, Uint8Array>>();
  for (const [index, { bank, pcr }] of names.entries()) {
    const value = digests[index];
    if (value?.length !== digestSizes[bank]) throw invalid(`PCR ${pcr} of ${bank} has another size`, 0);
    const values = banks.get(bank) ?? new Map<number, Uint8Array>();
    banks.set(bank, values.set(pcr, value));
  }
  return banks;
}

function invalid(problem: string, at: number): MalformedError {
  return new MalformedError('TPM_PCR_FILE_INVALID', problem, { at });
}
