// The store in which OVMF keeps its variables, changed while the machine is off, as its owner does who enrols revocations by
// a tool of the maker's. [EDK MdeModulePkg/Include/Guid/VariableFormat.h]
import { bytesEqual, concatBytes, encodeUnsigned } from '../src/core/encoding/index.ts';
import { encodeGuid, encodeSignatureList, guids } from '../src/core/event-log/index.ts';
import { LabError } from './lab-error.ts';

/** VARIABLE_STORE_HEADER */
const storeHeader = 28;
/** AUTHENTICATED_VARIABLE_HEADER: StartId, State, Attributes, a count, a time, a key, NameSize, DataSize, VendorGuid. */
const variableHeader = 60;
const at = { state: 2, nameSize: 36, dataSize: 40, guid: 44 } as const;
const startId = 0x55aa;
/** States are told by the bits that are cleared. VAR_ADDED, and then deleted, too. */
const added = 0x3f;
const deleted = 0x3d & 0x3e;

interface StoredVariable {
  readonly offset: number;
  readonly end: number;
  readonly name: string;
  readonly guid: Uint8Array;
  readonly state: number;
}

/** The store with these SHA-256 digests of images in `dbx`, instead of what was there.
 * @throws LabError where the store holds no dbx, or no room */
export function enrolRevocations(store: Uint8Array, digests: readonly Uint8Array[]): Uint8Array {
  const copy = Buffer.from(store);
  const { variables, end, limit } = readStore(copy);
  const isDbx = ({ name, guid, state }: StoredVariable): boolean =>
    state === added && name === 'dbx' && bytesEqual(guid, encodeGuid(guids.imageSecurityDatabase));
  const old = variables.find(isDbx);
  if (old === undefined) throw new LabError('the firmware variables hold no dbx');
  const value = encodeSignatureList({ typeGuid: guids.certSha256, owner: guids.shimLock, signatures: digests });
  const renewed = withValue(copy.subarray(old.offset, old.end), value);
  if (end + renewed.length > limit) throw new LabError('the firmware variables have no room for the revocations');
  copy.set(renewed, end);
  copy[old.offset + at.state] = deleted;
  return copy;
}

/** Same name, attributes and date; another value. */
function withValue(variable: Buffer, value: Uint8Array): Uint8Array {
  const nameSize = variable.readUInt32LE(at.nameSize);
  return concatBytes(
    variable.subarray(0, at.dataSize),
    encodeUnsigned(value.length, 4).reverse(),
    variable.subarray(at.guid, variableHeader + nameSize),
    value,
  );
}

function readStore(store: Buffer): { variables: readonly StoredVariable[]; end: number; limit: number } {
  // EFI_FIRMWARE_VOLUME_HEADER says how long it is.
  const begin = store.readUInt16LE(48);
  const limit = begin + store.readUInt32LE(begin + 16);
  const variables: StoredVariable[] = [];
  let end = begin + storeHeader;
  while (end + variableHeader <= limit && store.readUInt16LE(end) === startId) {
    const variable = readVariable(store, end);
    variables.push(variable);
    end = (variable.end + 3) & ~3;
  }
  return { variables, end, limit };
}

function readVariable(store: Buffer, offset: number): StoredVariable {
  const nameEnd = offset + variableHeader + store.readUInt32LE(offset + at.nameSize);
  return {
    offset,
    end: nameEnd + store.readUInt32LE(offset + at.dataSize),
    name: store.toString('utf16le', offset + variableHeader, nameEnd).replace(/\0$/, ''),
    guid: store.subarray(offset + at.guid, offset + variableHeader),
    state: store.readUInt8(offset + at.state),
  };
}
