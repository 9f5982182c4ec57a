// The store of a data directory, over SQLite.
import type { Engine } from '../sql/sql.ts';
import { openSqlStore, rememberNothing, type StoreBounds } from '../sql/sql-store.ts';
import type { Store } from '../store.ts';
import { lockDataDirectory, openDatabase, openReadOnly, type SqliteDatabase } from './database.ts';
import type { OnSchema } from '../move/schema-check.ts';
import { openConnection, openSqliteEngine } from './sqlite-engine.ts';
import { isWriteRefused, storageError } from './storage-error.ts';

interface Hearing {
  /** Told when the disk failed for good: only a process that opens the store anew finds out what is there. */
  readonly onFailure?: ((error: Error) => void) | undefined;
  readonly onSchema?: OnSchema | undefined;
}

/** Opens the store of a data directory and holds it until `close`.
 * @throws ServerError DATA_DIRECTORY_LOCKED, DATA_DIRECTORY_INCOMPLETE, STORAGE_* */
export function openSqliteStore(
  dataDirectory: string,
  bounds: StoreBounds = rememberNothing,
  { onFailure = () => undefined, onSchema }: Hearing = {},
): Store {
  const lock = lockDataDirectory(dataDirectory);
  try {
    const database = openDatabase(dataDirectory, onSchema);
    dropLeases(database);
    const store = openSqlStore(openSqliteEngine(database, { path: dataDirectory, onFailure }), bounds);
    let closed: Promise<void> | undefined;
    return { ...store, close: () => (closed ??= store.close().finally(() => lock.release())) };
  } catch (error) {
    lock.release();
    throw storageError(error, dataDirectory);
  }
}

/** Whoever held one before is no more: the data directory is this process's alone. Where the disk takes nothing they end by themselves. */
function dropLeases(database: SqliteDatabase): void {
  try {
    database.exec('DELETE FROM leases');
  } catch (error) {
    if (!isWriteRefused(error)) throw error;
  }
}

/** The same to read in, while another process holds the data directory: no lock, no thread that moves its log. What writes
 * fails.
 * @throws ServerError STORAGE_* */
export function openSqliteReader(dataDirectory: string): Store {
  const database = openReadOnly(dataDirectory);
  const inside = openConnection(database, dataDirectory);
  const reader: Engine = {
    ...inside,
    ask: undefined,
    returning: inside.all,
    transact: (_scope, work) => work(inside),
    change: (_scope, plan) => inside.change(plan),
    orderAudit: undefined,
    watchOthers: () => undefined,
    isAsWeLeftIt: () => false,
    close: () => Promise.resolve(void database.close()),
  };
  return openSqlStore(reader, rememberNothing);
}
