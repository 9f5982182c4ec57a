// Which blocks of the product have run, and how often, as V8 counts them.
import { Session, type Profiler } from 'node:inspector';

export interface Coverage {
  /** Blocks that ran since the last call, each with the magnitude of its count. */
  readonly take: () => readonly string[];
  readonly close: () => void;
}

const product = /\/src\/(?:core|cli|agent)\//;

/** Counts blocks in scripts whose URL matches. */
export function startCoverage(part = product): Coverage {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  return {
    take: () => {
      let scripts: readonly Profiler.ScriptCoverage[] = [];
      session.post('Profiler.takePreciseCoverage', (_, taken) => (scripts = taken.result));
      return scripts.filter(({ url }) => part.test(url)).flatMap(featuresOf);
    },
    close: () => session.disconnect(),
  };
}

function featuresOf({ scriptId, functions }: Profiler.ScriptCoverage): readonly string[] {
  return functions.flatMap(({ ranges }) =>
    ranges
      .filter(({ count }) => count > 0)
      .map(({ startOffset, endOffset, count }) => `${scriptId}:${startOffset}-${endOffset}:${magnitude(count)}`),
  );
}

/** 1, 2, 3 to 4, 5 to 16, 17 to 256, more: a loop that runs twice as often is not yet something new. */
function magnitude(count: number): number {
  if (count <= 2) return count;
  return 2 + Math.ceil(Math.log2(Math.log2(count)));
}
