// In the main thread: gives jobs to a thread with little memory, and notices when it dies or stands still.
import { Worker } from 'node:worker_threads';
import type { FuzzJob, WorkerInput, WorkerMessage } from './run-jobs.ts';
import { createScreen, openScreen } from './screen.ts';
import type { FuzzFinding, FuzzStatistics } from './target.ts';

export interface Supervision {
  /** URL of the module with the targets. */
  readonly targets: URL;
  /** Heap of the thread, in MiB. */
  readonly heapMb: number;
  /** How long one input may run before it counts as a hang. */
  readonly hangMs: number;
  readonly onFinding?: (finding: FuzzFinding) => void;
  readonly onFinished?: (statistics: FuzzStatistics) => void;
}

export interface FuzzReport {
  readonly findings: readonly FuzzFinding[];
  readonly statistics: readonly FuzzStatistics[];
}

/** Runs every job. One that kills its thread or hangs ends there; those after it get a new thread. */
export async function superviseFuzzing(jobs: readonly FuzzJob[], supervision: Supervision): Promise<FuzzReport> {
  const findings: FuzzFinding[] = [];
  const statistics: FuzzStatistics[] = [];
  let left = jobs;
  while (left.length > 0) {
    const before = left.length;
    const fatal = await runThread(left, supervision, (message) => {
      if (message.kind === 'finding') {
        findings.push(message.finding);
        supervision.onFinding?.(message.finding);
      } else if (message.kind === 'finished') {
        statistics.push(message.statistics);
        supervision.onFinished?.(message.statistics);
        left = left.slice(1);
      }
    });
    if (fatal === undefined) {
      if (left.length === before) throw new TypeError('the thread ended before its jobs');
      continue;
    }
    findings.push(fatal);
    supervision.onFinding?.(fatal);
    left = left.slice(1);
  }
  return { findings, statistics };
}

/** What ended the thread before its time, if anything did.
 * @throws what the thread threw before it ran its first input */
async function runThread(
  jobs: readonly FuzzJob[],
  { targets, heapMb, hangMs }: Supervision,
  onMessage: (message: WorkerMessage) => void,
): Promise<FuzzFinding | undefined> {
  const memory = createScreen(1024 * 1024);
  const screen = openScreen(memory);
  const input: WorkerInput = {
    module: new URL('run-jobs.ts', import.meta.url).href,
    targets: targets.href,
    jobs,
    screen: memory,
  };
  const worker = new Worker(new URL('worker.mjs', import.meta.url), {
    workerData: input,
    resourceLimits: { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 16 },
  });
  return new Promise((resolve, reject) => {
    let target = '';
    const settle = (finding: FuzzFinding | undefined): void => {
      clearInterval(watch);
      resolve(finding);
    };
    const watch = watchTurns(screen.turn, hangMs, () => {
      settle({ target, kind: 'hang', detail: `no end within ${hangMs} ms`, input: screen.current() });
      void worker.terminate();
    });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'started') target = message.target;
      onMessage(message);
    });
    worker.on('error', (error: Error & { code?: string }) => {
      if (target === '') {
        clearInterval(watch);
        reject(error);
      } else {
        settle({ target, kind: 'crash', detail: error.code ?? error.stack ?? '', input: screen.current() });
      }
    });
    worker.on('exit', () => settle(undefined));
  });
}

/** Calls `onStill` once when the turn has not changed for `ms`, counted from the first turn. */
function watchTurns(turn: () => number, ms: number, onStill: () => void): NodeJS.Timeout {
  let [last, since] = [0, 0];
  return setInterval(() => {
    const now = turn();
    if (now !== last) [last, since] = [now, 0];
    else if (now > 0) since += 100;
    if (since >= ms) {
      since = Number.NEGATIVE_INFINITY;
      onStill();
    }
  }, 100);
}
