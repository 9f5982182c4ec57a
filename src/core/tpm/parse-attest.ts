// Reading TPMS_ATTEST. Whoever sent it controls every byte until the signature is verified. [TPM2-P2 §10.12]
import { encodeUnsigned, type Cursor } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import { nameOfId } from './algorithms.ts';
import { attestTypeIds, tpmGenerated } from './attest.ts';
import type { AttestHeader, AttestType, ClaimedAttest, ClockInfo } from './attest.ts';
import { readPcrSelections } from './pcr-selection.ts';
import { readSized, sizeLimits, tpmCursor } from './wire.ts';

/** Parses a bare TPMS_ATTEST, what `tpm2_quote -m` writes and what the signature covers.
 * @throws MalformedError TPM_ATTEST_*, TPM_SELECTION_*, TPM_STRUCTURE_*, TPM_HASH_UNSUPPORTED */
export function parseAttest(bytes: Uint8Array): ClaimedAttest {
  const cursor = tpmCursor(bytes, sizeLimits.attest, 'attestation statement');
  // The magic is first: nothing after it means anything in bytes that no TPM made. [CVE-2024-29038]
  const magic = cursor.u32('magic');
  if (magic !== tpmGenerated) {
    throw new MalformedError('TPM_ATTEST_MAGIC_WRONG', `magic 0x${magic.toString(16).padStart(8, '0')}`, { at: 0 });
  }
  const typeId = cursor.u16('attestation type');
  const type = nameOfId(attestTypeIds, typeId);
  if (type === undefined) {
    throw new MalformedError('TPM_ATTEST_TYPE_UNKNOWN', `attestation type 0x${typeId.toString(16)}`, { at: 4 });
  }
  const claim = readAttested(cursor, type, readHeader(cursor));
  cursor.end('attestation statement');
  return claim;
}

/** The TPMS_ATTEST inside a TPM2B_ATTEST; a bare TPMS_ATTEST is returned as it is. The two cannot be confused: one
 * begins with the magic, the other with the length of what follows and then the magic. */
export function unwrapTpm2bAttest(bytes: Uint8Array): Uint8Array {
  const magic = encodeUnsigned(tpmGenerated, 4);
  const sized = ((bytes[0] ?? 0) << 8) + (bytes[1] ?? 0) === bytes.length - 2;
  return sized && magic.every((byte, index) => bytes[index + 2] === byte) ? bytes.subarray(2) : bytes;
}

function readHeader(cursor: Cursor): AttestHeader {
  return {
    qualifiedSigner: readSized(cursor, sizeLimits.name, 'qualified signer'),
    extraData: readSized(cursor, sizeLimits.name, 'extra data'),
    clock: readClock(cursor),
    firmwareVersion: cursor.u64('firmware version'),
  };
}

function readClock(cursor: Cursor): ClockInfo {
  return {
    clockMs: cursor.u64('clock'),
    resetCount: cursor.u32('reset count'),
    restartCount: cursor.u32('restart count'),
    safe: readFlag(cursor, 'safe'),
  };
}

/** TPMI_YES_NO: 0 or 1, nothing else. */
function readFlag(cursor: Cursor, what: string): boolean {
  const at = cursor.offset;
  const value = cursor.u8(what);
  if (value > 1) throw new MalformedError('TPM_ATTEST_FLAG_INVALID', `${what} is ${value}, not 0 or 1`, { at });
  return value === 1;
}

/** TPMU_ATTEST, selected by the type. Members are read in wire order. */
function readAttested(cursor: Cursor, type: AttestType, header: AttestHeader): ClaimedAttest {
  const name = (what: string): Uint8Array => readSized(cursor, sizeLimits.name, what);
  const digest = (what: string): Uint8Array => readSized(cursor, sizeLimits.digest, what);
  switch (type) {
    case 'quote': {
      // Not by a spread: every attestation reads one of these.
      const { qualifiedSigner, extraData, clock, firmwareVersion } = header;
      const selections = readPcrSelections(cursor);
      const pcrDigest = digest('PCR digest');
      return { type, qualifiedSigner, extraData, clock, firmwareVersion, selections, pcrDigest };
    }
    case 'certify':
      return { type, ...header, name: name('name'), qualifiedName: name('qualified name') };
    case 'creation':
      return { type, ...header, objectName: name('object name'), creationHash: digest('creation hash') };
    case 'time':
      return {
        type,
        ...header,
        timeMs: cursor.u64('time'),
        timeClock: readClock(cursor),
        timeFirmwareVersion: cursor.u64('firmware version'),
      };
    case 'nv':
      return {
        type,
        ...header,
        indexName: name('index name'),
        offset: cursor.u16('NV offset'),
        contents: readSized(cursor, sizeLimits.attest, 'NV contents'),
      };
    case 'nv-digest':
      return { type, ...header, indexName: name('index name'), nvDigest: digest('NV digest') };
    case 'command-audit':
      return {
        type,
        ...header,
        auditCounter: cursor.u64('audit counter'),
        digestAlg: cursor.u16('audit hash'),
        auditDigest: digest('audit digest'),
        commandDigest: digest('command digest'),
      };
    case 'session-audit':
      return {
        type,
        ...header,
        exclusiveSession: readFlag(cursor, 'exclusive session'),
        sessionDigest: digest('session digest'),
      };
  }
}
