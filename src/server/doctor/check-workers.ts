// What the doctor says of the number of workers.
import { counted } from '../../core/encoding/index.ts';
import type { ServerConfig } from '../config/config.ts';
import type { Check } from './check.ts';

/** Nothing where there is one. */
export function checkWorkers(
  { workers, admission }: Pick<ServerConfig, 'workers' | 'admission'>,
  cores: number,
): readonly Check[] {
  const isApart = admission.listen !== undefined;
  if (workers === 1 && !isApart) return [];
  const ok = workers + (isApart ? 1 : 0) <= cores;
  const who = `${counted(workers, 'worker')}${isApart ? ' and one for admission' : ''}`;
  return [
    {
      name: 'workers',
      ok,
      severity: 'warning',
      message: `${who} on ${counted(cores, 'core')}${ok ? '' : ': they wait for each other'}`,
      remedy: 'Set workers to the number of cores that nothing else needs: docs/workers.md.',
    },
  ];
}
