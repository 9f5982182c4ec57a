// Windows' own measurements: nested {id, length, data} records in EV_EVENT_TAG events (WBCL). Unlike everything else in
// this room they nest, so depth and number are bounded. Numbers as in wbcl.h of the Windows SDK.
import { Cursor } from '../../encoding/index.ts';
import { MalformedError } from '../../error.ts';
import { bounds } from '../bounds.ts';
import type { SipaMeasurement } from './decoded-event.ts';

const containerBit = 0x40000000;

const names: Readonly<Record<number, string>> = {
  0x40010001: 'TrustBoundary',
  0x40010002: 'ElamAggregation',
  0x40010003: 'LoadedModule',
  0xc0010004: 'TrustPoint',
  0x40010005: 'ElamInfo',
  0x00020001: 'Information',
  0x00020002: 'BootCounter',
  0x00020003: 'TransferControl',
  0x00020005: 'ApplicationReturn',
  0x00020006: 'BitlockerUnlock',
  0x00020007: 'EventCounter',
  0x00040001: 'BootDebugging',
  0x00040002: 'BootRevocationList',
  0x00050001: 'OsKernelDebug',
  0x00050002: 'CodeIntegrity',
  0x00050003: 'TestSigning',
  0x00050004: 'DataExecutionPrevention',
  0x00050005: 'SafeMode',
  0x00050006: 'WinPe',
  0x00050008: 'ImportFlags',
  0x0005000a: 'OsDevice',
  0x00050012: 'VsmLaunchType',
  0x00060001: 'NoAuthority',
  0x00060002: 'AuthorityPubkey',
  0x00070001: 'FilePath',
  0x00070002: 'ImageSize',
  0x00070003: 'HashAlgorithmId',
  0x00070004: 'AuthenticodeHash',
  0x00070005: 'AuthorityIssuer',
  0x00070006: 'AuthoritySerial',
  0x00070007: 'ImageBase',
  0x00070008: 'AuthorityPublisher',
  0x00070009: 'AuthoritySha1Thumbprint',
  0x0007000a: 'ImageValidated',
  0x0007000b: 'ModuleSvn',
};

/** Identifiers that Windows uses as the tag of a whole event. */
export function isSipaIdentifier(tag: number): boolean {
  return isContainer(tag) || Object.hasOwn(names, tag);
}

function isContainer(id: number): boolean {
  return (id & containerBit) !== 0;
}

/** @throws MalformedError EVENT_LOG_SIPA_INVALID */
export function parseSipa(bytes: Uint8Array): readonly SipaMeasurement[] {
  return readMeasurements(bytes, { depth: 0, budget: { left: bounds.sipaMeasurements } });
}

interface Nesting {
  readonly depth: number;
  readonly budget: { left: number };
}

function readMeasurements(bytes: Uint8Array, nesting: Nesting): readonly SipaMeasurement[] {
  if (nesting.depth > bounds.sipaDepth) throw new MalformedError('EVENT_LOG_SIPA_INVALID', 'nested too deep');
  const cursor = new Cursor(bytes, {
    endianness: 'little',
    truncated: 'EVENT_LOG_SIPA_INVALID',
    trailing: 'EVENT_LOG_SIPA_INVALID',
  });
  const measurements: SipaMeasurement[] = [];
  while (cursor.remaining > 0) {
    nesting.budget.left -= 1;
    if (nesting.budget.left < 0)
      throw new MalformedError('EVENT_LOG_SIPA_INVALID', 'too many measurements', { at: cursor.offset });
    measurements.push(readMeasurement(cursor, nesting));
  }
  return measurements;
}

function readMeasurement(cursor: Cursor, { depth, budget }: Nesting): SipaMeasurement {
  const id = cursor.u32('id');
  const value = cursor.bytes(cursor.u32('length'), 'value');
  const name = names[id] ?? `0x${id.toString(16)}`;
  // A trust point holds a quote beside its records: it is shown as bytes.
  if (!isContainer(id) || id === 0xc0010004) return { id, name, value };
  return { id, name, value, nested: readMeasurements(value, { depth: depth + 1, budget }) };
}
