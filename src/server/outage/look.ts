// Looking whether the database is there, and whether something happened to what is remembered.
import type { ServerContext } from '../context.ts';
import { startRepeating, type Repeating } from '../repeat.ts';

/** What a memory is behind while the database answers. */
const lookEverySeconds = 1;

/** Where nothing is remembered, nothing is looked at. */
export function startLooking({ config, reads, log }: Pick<ServerContext, 'config' | 'reads' | 'log'>): Repeating {
  const isNeeded = config.storage !== 'sqlite' && config.admission.outageSeconds > 0;
  return startRepeating(() => reads.look(), {
    seconds: isNeeded ? lookEverySeconds : undefined,
    log,
    failure: 'the audit log could not be followed',
  });
}
