// What the doctor says of the number of workers.
import type { ServerConfig } from '../config/config.ts';
import type { Check } from '../shortcomings.ts';

/** Nothing where there is one. */
export function checkWorkers({ workers }: Pick<ServerConfig, 'workers'>, cores: number): readonly Check[] {
  if (workers === 1) return [];
  const ok = workers <= cores;
  return [
    {
      name: 'workers',
      ok,
      severity: 'warning',
      message: `${workers} workers on ${cores} cores${ok ? '' : ': they wait for each other'}`,
      remedy: 'Set workers to the number of cores that nothing else needs: docs/workers.md.',
    },
  ];
}
