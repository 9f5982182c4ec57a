// Who reads what admission rests on: the store alone where it is in the data directory; with a memory where it may be away.
import type { ServerConfig } from '../config/config.ts';
import type { Store } from '../storage/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import { createLastKnown } from './last-known.ts';
import { readRemembering, readStored, type TrustReads } from './trust-reads.ts';

export interface ReadsOptions {
  readonly config: Pick<ServerConfig, 'admission' | 'storage'>;
  readonly store: Store;
  readonly now: () => Date;
  readonly log: ServerLog;
}

export function openReads({ config, store, now, log }: ReadsOptions): TrustReads {
  const { outageSeconds, rememberedHosts } = config.admission;
  if (config.storage === 'sqlite' || outageSeconds === 0) return readStored(store);
  const boundMs = outageSeconds * 1000;
  const steady = (): number => performance.now();
  const lastKnown = createLastKnown({ capacity: rememberedHosts, boundMs, now, steady });
  const tell = (isAway: boolean): void => {
    if (isAway)
      log.warn({ event: 'storage.away' }, 'the database is away: hosts are admitted from memory, for a while');
    else log.info({ event: 'storage.back' }, 'the database is back');
  };
  return readRemembering({ store, lastKnown, tell });
}
