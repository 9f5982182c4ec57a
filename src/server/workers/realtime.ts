// The process of admission before all ordinary ones. A kernel lets whoever is at work finish its slice, 3 to 4 ms, before it lets in whoever
// wakes up, and a storm of attestations leaves no core free. docs/decisions/0046
import { execFile } from 'node:child_process';
import process from 'node:process';
import { promisify } from 'node:util';
import { printable } from '../../core/encoding/index.ts';
import type { Check } from '../doctor/check.ts';

/** Before every ordinary process, and behind everything else that is real-time. [sched(7), SCHED_RR] */
const leastPriority = '1';

/**
 * Gives real-time scheduling to every thread that this process has; those that it starts later inherit it. By `chrt` of util-linux, since
 * Node.js cannot ask the kernel for it. Linux only.
 * @returns what is wrong where it is refused: the process goes on as an ordinary one then
 */
export async function takeRealtime(program = 'chrt', pid: number = process.pid): Promise<readonly Check[]> {
  try {
    await promisify(execFile)(program, ['--all-tasks', '--rr', '--pid', leastPriority, String(pid)]);
    return [];
  } catch (error) {
    const { stderr, message } = error as Error & { readonly stderr?: string };
    const [why = message] = (stderr ?? '').split('\n').filter(Boolean);
    return [
      {
        name: 'admission-realtime',
        ok: false,
        severity: 'warning',
        message: `admission has no real-time scheduling and waits for a core as everybody does: ${printable(why, 200)}`,
        remedy:
          'Let the service have it (`LimitRTPRIO=1` in its unit, and `chrt` of util-linux), or set admission.listen.realtime to false: docs/workers.md.',
      },
    ];
  }
}
