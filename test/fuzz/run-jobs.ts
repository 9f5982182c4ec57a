// In the thread: runs its jobs one after the other, and tells the main thread of each input before it runs.
import { parentPort, workerData } from 'node:worker_threads';
import { startCoverage } from './coverage.ts';
import { fuzz } from './engine.ts';
import { createRandom } from './random.ts';
import { openScreen } from './screen.ts';
import type { FuzzFinding, FuzzStatistics, FuzzTarget } from './target.ts';

export interface FuzzJob {
  readonly target: string;
  readonly seed: number;
  /** Whichever comes first ends the job. */
  readonly maximumRuns: number;
  readonly maximumMs: number;
}

export interface WorkerInput {
  /** URL of this module. */
  readonly module: string;
  /** URL of a module that exports `createTargets(names)`. */
  readonly targets: string;
  readonly jobs: readonly FuzzJob[];
  readonly screen: SharedArrayBuffer;
}

export type WorkerMessage =
  | { readonly kind: 'started'; readonly target: string }
  | { readonly kind: 'finding'; readonly finding: FuzzFinding }
  | { readonly kind: 'finished'; readonly statistics: FuzzStatistics };

export interface TargetModule {
  readonly createTargets: (names: readonly string[]) => Promise<readonly FuzzTarget[]>;
}

const input = workerData as WorkerInput;
const { createTargets } = (await import(input.targets)) as TargetModule;
const targets = await createTargets(input.jobs.map(({ target }) => target));
const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);
const coverage = startCoverage();
const { show } = openScreen(input.screen);

for (const job of input.jobs) {
  const target = targets.find(({ name }) => name === job.target);
  if (target === undefined) throw new TypeError(`no target ${job.target}`);
  tell({ kind: 'started', target: job.target });
  const end = performance.now() + job.maximumMs;
  const statistics = await fuzz(target, {
    random: createRandom(job.seed),
    coverage,
    isOver: (runs) => runs >= job.maximumRuns || performance.now() >= end,
    enter: show,
    report: (finding) => tell({ kind: 'finding', finding }),
  });
  tell({ kind: 'finished', statistics });
}
coverage.close();
