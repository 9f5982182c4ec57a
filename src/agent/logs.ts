// The logs beside a quote: what the host has, and what of it the server lacks.
import type { Challenge } from '../api/index.ts';
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

/** Those that the server wants, and those that are not what they were when it said so: two of them grow. */
export function logsToSend(
  logs: Logs,
  now: HeldLogs,
  { want, before }: { readonly want: Challenge['want']; readonly before: HeldLogs },
): Readonly<Partial<Record<LogName, string>>> {
  const isLacking = (name: LogName): boolean => want[name] || before[name]?.sha256 !== now[name]?.sha256;
  return ofEach(logs, encodeBase64, isLacking);
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
