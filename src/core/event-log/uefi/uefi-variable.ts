// UEFI_VARIABLE_DATA: GUID, lengths, name in UTF-16LE, value. [TCG-PFP §10.2.6]
import { MalformedError } from '../../error.ts';
import { concatBytes, Cursor, encodeUnsigned } from '../../encoding/index.ts';
import { bounds } from '../bounds.ts';
import type { DecodedVariable } from '../events/decoded-event.ts';
import { encodeGuid, formatGuid } from './guid.ts';
import { decodeUtf16, encodeUtf16, readExactUtf16 } from '../events/text.ts';

export interface ParsedVariable extends DecodedVariable {
  /** Bytes after the value: none in a well-formed structure; up to six in some events of old shims. */
  readonly trailing: number;
}

/** Reads the structure and says how many bytes follow it: a caller to whom every byte matters demands that none do.
 * @throws MalformedError EVENT_LOG_VARIABLE_INVALID */
export function parseUefiVariable(data: Uint8Array): ParsedVariable {
  const cursor = new Cursor(data, {
    endianness: 'little',
    truncated: 'EVENT_LOG_VARIABLE_INVALID',
    trailing: 'EVENT_LOG_VARIABLE_INVALID',
  });
  const guid = formatGuid(cursor.bytes(16, 'VariableName'));
  const nameLength = cursor.u64('UnicodeNameLength');
  const valueLength = cursor.u64('VariableDataLength');
  if (nameLength > bounds.variableNameCharacters || valueLength > bounds.eventDataBytes) {
    throw new MalformedError(
      'EVENT_LOG_VARIABLE_INVALID',
      `variable with ${nameLength} characters and ${valueLength} bytes`,
      {
        at: 16,
      },
    );
  }
  const name = decodeUtf16(cursor.bytes(Number(nameLength) * 2, 'UnicodeName'));
  const value = cursor.bytes(Number(valueLength), 'VariableData');
  return { kind: 'uefi-variable', guid, name, data: value, trailing: cursor.remaining };
}

const headerSize = 32;

/** The variable, where `data` is one such structure and nothing else, so that the variable encodes to `data` again; else undefined, and
 * never an error: it is asked of every event. */
export function readUefiVariable(data: Uint8Array): DecodedVariable | undefined {
  if (data.length < headerSize) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const nameLength = Number(view.getBigUint64(16, true));
  const valueLength = Number(view.getBigUint64(24, true));
  if (nameLength > bounds.variableNameCharacters || valueLength > bounds.eventDataBytes) return undefined;
  const value = headerSize + nameLength * 2;
  if (value + valueLength !== data.length) return undefined;
  const name = readExactUtf16(data.subarray(headerSize, value));
  return name === undefined
    ? undefined
    : { kind: 'uefi-variable', guid: formatGuid(data), name, data: data.subarray(value) };
}

/** UEFI_VARIABLE_DATA: lengths of name (in code units) and data (in bytes) before both, 64 bits each. [TCG-PFP §10.2.6] */
export function encodeUefiVariable(variable: Pick<DecodedVariable, 'guid' | 'name' | 'data'>): Uint8Array {
  return concatBytes(
    encodeGuid(variable.guid),
    encodeUnsigned(variable.name.length, 8).reverse(),
    encodeUnsigned(variable.data.length, 8).reverse(),
    encodeUtf16(variable.name),
    variable.data,
  );
}
