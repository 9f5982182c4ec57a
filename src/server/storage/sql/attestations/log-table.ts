// Logs by SHA-256: the hosts of one build send nearly the same log, and one host sends the same again and again.
import { nameLog, nameOfLog } from '../../../../core/appraisal/index.ts';
import { createLru } from '../../../lru.ts';
import type { Store } from '../../store.ts';
import type { Kept } from './kept-rows.ts';
import { deflateAhead, deflateLog, keepArchive, restoreLog } from './log-archive.ts';
import { call, statement, type Call, type Database } from '../sql.ts';

const find = statement<{ readonly deflated: Buffer }>('SELECT deflated FROM logs WHERE sha256 = ?');
const has = statement('SELECT sha256 FROM logs WHERE sha256 = ?');

/** Longer ones are read each time: a list of all that a host ran can be megabytes. */
const longestRemembered = 262_144;

export interface LogBounds {
  /** How many logs are kept in memory. */
  readonly rememberedLogs: number;
}

export function openLogTable(database: Database, { rememberedLogs }: LogBounds): Pick<Store, 'findLog' | 'hasLog'> {
  const kept = createLru<Uint8Array>(rememberedLogs);
  const read = async (sha256: string): Promise<Uint8Array | undefined> => {
    const archive = (await database.get(find, sha256))?.deflated;
    const log = await restoreLog(archive);
    if (archive === undefined || log === undefined) return undefined;
    const isKept = rememberedLogs > 0 && log.length <= longestRemembered;
    const found = isKept ? nameLog(log) : log;
    keepArchive(found, archive);
    // Never by the name that a damaged row has.
    if (isKept && nameOfLog(found) === sha256) kept.set(sha256, found);
    return found;
  };
  return {
    findLog: async (sha256) => kept.get(sha256) ?? read(sha256),
    // Asked of the database in any case: another replica may get the evidence, and that has what the database has.
    hasLog: async (sha256) => (await database.get(has, sha256)) !== undefined,
  };
}

/** Compresses logs that are long, where they are not there, before a transaction would wait for it. */
export async function prepareLogs(
  database: Pick<Database, 'get'>,
  long: readonly (readonly [name: string, log: Uint8Array])[],
): Promise<void> {
  for (const [name, log] of long) if ((await database.get(has, name)) === undefined) await deflateAhead(log);
}

const raise = statement('UPDATE logs SET uses = uses + ? WHERE sha256 = ?');
const insert = statement(
  'INSERT INTO logs VALUES (?, ?, ?) ON CONFLICT (sha256) DO UPDATE SET uses = logs.uses + excluded.uses',
);
const sweep = statement('DELETE FROM logs WHERE sha256 = ? AND uses <= 0');

/**
 * Counts one use more of each of `used`, and one less of each that is dropped; a log that nobody uses goes. Always in the order of
 * their names, so that the transactions of two hosts never wait for each other. A log that is used as often as before costs nothing.
 */
export function countingUses(
  used: readonly (readonly [name: string, log: Uint8Array])[],
  { held, dropped }: Pick<Kept, 'held' | 'dropped'>,
): readonly Call[] {
  const logs = new Map(used);
  const changes = new Map<string, number>();
  for (const [name] of used) changes.set(name, (changes.get(name) ?? 0) + 1);
  for (const name of dropped) changes.set(name, (changes.get(name) ?? 0) - 1);
  return [...changes]
    .filter(([, change]) => change !== 0)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .flatMap(([name, change]) => {
      if (change < 0) return [call(raise, change, name), call(sweep, name)];
      const log = logs.get(name);
      const isThere = held.has(name) || log === undefined;
      return isThere ? [call(raise, change, name)] : [call(insert, name, change, deflateLog(log))];
    });
}
