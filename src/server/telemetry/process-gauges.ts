// How the process and the gate for hosts are.
import { statSync } from 'node:fs';
import process from 'node:process';
import type { LoadGate } from '../load/load-gate.ts';
import { readMostOpenFiles } from '../load/open-files.ts';
import type { Family } from './exposition.ts';
import type { ProcessLog } from './log.ts';

const startedAt = Date.now() / 1000 - process.uptime();

export function measureLinesLost({ linesLost }: Pick<ProcessLog, 'linesLost'>): Family {
  return one('touchstone_log_lines_lost_total', 'counter', 'Lines of the log that nobody took.', linesLost());
}

function one(name: string, type: 'counter' | 'gauge', help: string, value: number): Family {
  return { name, type, help, samples: [{ labels: {}, value }] };
}

export function measureProcess(gate: LoadGate, log: Pick<ProcessLog, 'linesLost'>): readonly Family[] {
  const { places, inside, sentAway, bookedSeconds } = gate.occupancy();
  const { user, system } = process.cpuUsage();
  return [
    one('touchstone_gate_places', 'gauge', 'Requests of hosts that may be under way at once.', places),
    one('touchstone_gate_requests', 'gauge', 'Requests of hosts that are under way.', inside),
    one('touchstone_gate_sent_away_total', 'counter', 'Hosts that were told to come back later.', sentAway),
    one('touchstone_gate_booked_seconds', 'gauge', 'How far ahead the last of them was asked to come.', bookedSeconds),
    one(
      'touchstone_load',
      'gauge',
      'How busy the server is, 0 to 1, by which hosts are told when to attest.',
      gate.load(),
    ),
    measureLinesLost(log),
    one('process_cpu_seconds_total', 'counter', 'CPU time of the process.', (user + system) / 1e6),
    one('process_resident_memory_bytes', 'gauge', 'Memory of the process.', process.memoryUsage.rss()),
    one('process_start_time_seconds', 'gauge', 'When the process started.', startedAt),
    ...measureOpenFiles(),
  ];
}

/** Nothing where the system does not say it. */
function measureOpenFiles(): readonly Family[] {
  const most = readMostOpenFiles();
  const { size = 0 } = statSync('/proc/self/fd', { throwIfNoEntry: false }) ?? {};
  return [
    // Since Linux 6.2; before, it was always 0.
    ...(size > 0 ? [one('process_open_fds', 'gauge', 'File descriptors that are open.', size)] : []),
    ...(most === undefined ? [] : [one('process_max_fds', 'gauge', 'File descriptors that may be open.', most)]),
  ];
}
