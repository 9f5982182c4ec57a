// What a store holds and how old it is, what goes next and when it last did: looked at beside the servers that use it.
import { statSync } from 'node:fs';
import { loadConfig, type ServerConfig } from '../config/config.ts';
import {
  addSwept,
  databasePath,
  openReader,
  knownSchema,
  sweptNothing,
  type Store,
  type SweepRecord,
  type Swept,
  type TableSize,
} from '../storage/index.ts';
import { nextSweepAt, sweepBounds } from './sweep.ts';

export interface StorageStatus {
  readonly engine: 'sqlite' | 'postgres';
  /** The file, or the URL, which holds no password. */
  readonly place: string;
  readonly version: string;
  readonly schema: number;
  /** On the disk, with what stands beside the database. */
  readonly bytes: number;
  /** In the file and used by nothing, where that is known. */
  readonly freeBytes: number | undefined;
  /** The largest first; rows are estimates. */
  readonly tables: readonly TableSize[];
  readonly history: HistoryStatus;
  readonly retention: ServerConfig['retention'];
  readonly lastSweep: SweepRecord | undefined;
  readonly nextSweepAt: Date;
}

export interface HistoryStatus {
  /** Milliseconds since 1970; undefined where there is no verdict. */
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
  /** What the next sweep drops. */
  readonly due: Swept;
  readonly hosts: number;
  /** False when there are more hosts than were looked at. */
  readonly isComplete: boolean;
}

/** A fleet that is larger would be walked for minutes. */
const mostHosts = 100_000;
const hostsAtOnce = 500;

/** `tell` is told at how many hosts it looked so far.
 * @throws ServerError CONFIG_*, STORAGE_* */
export async function storageStatus(
  dataDirectory: string,
  now: Date,
  tell: (hosts: number) => void,
): Promise<StorageStatus> {
  const config = loadConfig(dataDirectory);
  const { storage, retention } = config;
  const isSqlite = storage === 'sqlite';
  const store = await openReader(config);
  try {
    const { version, bytes, freeBytes } = await store.measure();
    const lastSweep = await store.findSweep();
    return {
      engine: isSqlite ? 'sqlite' : 'postgres',
      place: isSqlite ? databasePath(config.dataDirectory) : storage.url,
      version,
      schema: knownSchema,
      bytes: bytes + (isSqlite ? sizeOfLog(config.dataDirectory) : 0),
      freeBytes,
      tables: await store.listTableSizes(),
      history: await lookAtHistory(store, { config, now, tell }),
      retention,
      lastSweep,
      nextSweepAt: nextSweepAt(lastSweep, config, now),
    };
  } finally {
    await store.close();
  }
}

/** What was committed and not yet moved into the file. */
function sizeOfLog(dataDirectory: string): number {
  return statSync(`${databasePath(dataDirectory)}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

interface Look {
  readonly config: ServerConfig;
  readonly now: Date;
  readonly tell: (hosts: number) => void;
}

async function lookAtHistory(store: Store, { config, now, tell }: Look): Promise<HistoryStatus> {
  const bounds = sweepBounds(config, now);
  let status: HistoryStatus = { oldest: undefined, newest: undefined, due: sweptNothing, hosts: 0, isComplete: true };
  let after = '';
  while (status.hosts < mostHosts) {
    const page = await store.sweepHosts({ after, limit: hostsAtOnce }, bounds, { isRehearsal: true });
    if (page === undefined) return status;
    const { oldest, newest } = await store.findHistorySpan(after, page.through);
    status = {
      oldest: extreme(Math.min, status.oldest, oldest),
      newest: extreme(Math.max, status.newest, newest),
      due: addSwept(status.due, page.swept),
      hosts: status.hosts + page.hosts,
      isComplete: true,
    };
    after = page.through;
    if (page.hosts === hostsAtOnce) tell(status.hosts);
  }
  return { ...status, isComplete: false };
}

function extreme(
  choose: (...times: number[]) => number,
  one: number | undefined,
  other: number | undefined,
): number | undefined {
  const times = [one, other].filter((time) => time !== undefined);
  return times.length === 0 ? undefined : choose(...times);
}
