// What a process has used, as Linux counts it. Elsewhere nobody knows.
import { readFileSync } from 'node:fs';

export interface ProcessUsage {
  /** Of all its threads, in user and kernel. */
  readonly cpuMicroseconds: number;
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
    return { cpuMicroseconds: ticks * microsecondsPerTick, peakBytes: Number(peak ?? 0) * 1024 };
  } catch {
    return undefined;
  }
}
