// What a process has used, as Linux counts it. Elsewhere nobody knows.
import { readFileSync } from 'node:fs';

export interface ProcessUsage {
  /** Of all its threads, in user and kernel. */
  readonly cpuMicroseconds: number;
  /** How long its main thread was on a core, or waited for one; undefined where the kernel does not count that. */
  readonly busyMicroseconds: number | undefined;
  /** The most memory it ever had resident. */
  readonly peakBytes: number;
}

/** Linux counts the CPU time of processes in hundredths of a second, whatever its own tick is. */
const microsecondsPerTick = 10_000;

/** Undefined where there is no such process, or no /proc. */
export function readUsage(pid: number): ProcessUsage | undefined {
  try {
    // The name stands in parentheses and may hold anything, spaces too.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    const [, peak] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    const cpuMicroseconds = ticks * microsecondsPerTick;
    return { cpuMicroseconds, busyMicroseconds: readBusy(pid), peakBytes: Number(peak ?? 0) * 1024 };
  } catch {
    return undefined;
  }
}

/** Nanoseconds on a core, and nanoseconds in the row of those who wait for one. */
function readBusy(pid: number): number | undefined {
  try {
    const [running, waiting] = readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ').map(Number);
    return ((running ?? NaN) + (waiting ?? NaN)) / 1000;
  } catch {
    return undefined;
  }
}
