// How the kernel schedules a process.
import { readdirSync, readFileSync } from 'node:fs';

const policies = ['ordinary', 'fifo', 'round-robin'];

/** The policies that its threads have, each once. [proc_pid_stat(5), field 41] */
export function policiesOf(pid: number): readonly string[] {
  const found = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const fields = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    return policies[Number(fields[38])] ?? 'another';
  });
  return [...new Set(found)];
}
