// The logs beside a quote: what the host has, and what of it the server lacks.
import type { AttestationRequest, Challenge } from '../api/index.ts';
import { encodeBase64 } from '../core/encoding/index.ts';
import { hashHex } from '../core/crypto/index.ts';
import type { AttestingDevice } from './attesting-device.ts';

const names = ['eventLog', 'imaLog', 'userspaceLog'] as const;

type LogName = (typeof names)[number];
type Logs = Readonly<Partial<Record<LogName, Uint8Array>>>;

/** By digest and length. */
export type HeldLogs = Readonly<Partial<Record<LogName, { readonly sha256: string; readonly length: number }>>>;

export async function readLogs(device: AttestingDevice): Promise<Logs> {
  const logs = [await device.eventLog(), await device.imaLog(), await device.userspaceLog()];
  return Object.fromEntries(names.map((name, index) => [name, logs[index]]));
}

export function summariesOf(logs: Logs): HeldLogs {
  return ofEach(logs, (log) => ({ sha256: hashHex('sha256', log), length: log.length }));
}

/** Those that the server wants, and those that are not what they were when it said so: two of them grow. Of the list of IMA, which may be
 * megabytes, only what was added where the server goes on from there. */
export function logsToSend(
  logs: Logs,
  now: HeldLogs,
  { challenge, before }: { readonly challenge: Pick<Challenge, 'want' | 'imaLogOffset'>; readonly before: HeldLogs },
): Pick<AttestationRequest, LogName | 'imaLogOffset'> {
  const { want, imaLogOffset } = challenge;
  const isLacking = (name: LogName): boolean => want[name] || before[name]?.sha256 !== now[name]?.sha256;
  const { imaLog } = logs;
  if (imaLog === undefined || !isLacking('imaLog') || !goesOn(imaLog, imaLogOffset, before.imaLog)) {
    return ofEach(logs, encodeBase64, isLacking);
  }
  return { ...ofEach({ ...logs, imaLog: imaLog.subarray(imaLogOffset) }, encodeBase64, isLacking), imaLogOffset };
}

/** A list is only appended to until the host boots again. */
function goesOn(imaLog: Uint8Array, offset: number | undefined, before: HeldLogs['imaLog']): offset is number {
  if (offset === undefined || offset !== before?.length) return false;
  return hashHex('sha256', imaLog.subarray(0, offset)) === before.sha256;
}

function ofEach<Value>(
  logs: Logs,
  make: (log: Uint8Array) => Value,
  isOf: (name: LogName) => boolean = () => true,
): Readonly<Partial<Record<LogName, Value>>> {
  const entries = names.flatMap((name) => {
    const log = logs[name];
    return log === undefined || !isOf(name) ? [] : [[name, make(log)] as const];
  });
  return Object.fromEntries(entries);
}
