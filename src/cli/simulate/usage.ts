// What a server used: its own is a process beside the simulation, which the kernel knows; one that somebody else runs says it at `/metrics`.
import type { ApiClient } from '../../api/index.ts';
import type { ProcessUsage } from '../process-usage.ts';

export interface ServerUsage {
  readonly cpuMicroseconds: number;
  /** How long its main thread was on a core, or waited for one, where that can be seen. */
  readonly busyMicroseconds: number | undefined;
  /** The most it ever had, of its own server; what all its processes have now, of a given one. */
  readonly memoryBytes: number;
  /** Of a given server: which processes these counts are of, and how many attestations they have answered. */
  readonly counted: { readonly processes: string; readonly attestations: number } | undefined;
}

export function usageOfProcess(usage: ProcessUsage | undefined): ServerUsage | undefined {
  if (usage === undefined) return undefined;
  const { cpuMicroseconds, busyMicroseconds, peakBytes } = usage;
  return { cpuMicroseconds, busyMicroseconds, memoryBytes: peakBytes, counted: undefined };
}

/** Undefined where it does not say. */
export async function readUsageAtServer(api: ApiClient): Promise<ServerUsage | undefined> {
  try {
    const { body } = await api.callRaw('getMetrics', { headers: { accept: 'text/plain; version=0.0.4' } });
    return parseUsage(new TextDecoder().decode(body));
  } catch {
    return undefined;
  }
}

const sample = /^([a-z_]+)(\{[^}]*\})? ([0-9.e+-]+)$/gm;

/** Of several workers the sum. */
export function parseUsage(metrics: string): ServerUsage | undefined {
  const found = [...metrics.matchAll(sample)].map(([, name = '', labels = '', value]) => ({
    name,
    labels,
    value: Number(value),
  }));
  const samplesOf = (name: string, label = '') =>
    found.filter((one) => one.name === name && one.labels.includes(label));
  const sumOf = (name: string, label = ''): number =>
    samplesOf(name, label).reduce((total, { value }) => total + value, 0);
  const started = samplesOf('process_start_time_seconds');
  if (started.length === 0 || samplesOf('process_cpu_seconds_total').length === 0) return undefined;
  const processes = started.map(({ labels, value }) => `${labels} ${value}`).sort();
  return {
    cpuMicroseconds: sumOf('process_cpu_seconds_total') * 1_000_000,
    busyMicroseconds: undefined,
    memoryBytes: sumOf('process_resident_memory_bytes'),
    counted: {
      processes: processes.join('\n'),
      attestations: sumOf('touchstone_answers_total', 'operation="createAttestation"'),
    },
  };
}

/** CPU time of the server in a phase. Undefined where that cannot be seen, or where not every one of the attestations was answered by
 * the processes that were asked: behind a load balancer it is now one server that answers, now another. */
export function cpuBetween(
  before: ServerUsage | undefined,
  after: ServerUsage | undefined,
  attestations: number,
): number | undefined {
  if (before === undefined || after === undefined) return undefined;
  const { counted: first } = before;
  const { counted: last } = after;
  if (first !== undefined && last !== undefined) {
    const isSame = first.processes === last.processes && last.attestations - first.attestations >= attestations;
    if (!isSame) return undefined;
  }
  return after.cpuMicroseconds - before.cpuMicroseconds;
}
