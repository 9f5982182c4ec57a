// The store over SQLite: synchronous inside, asynchronous to the outside like every other store.
import Database from 'better-sqlite3';
import { ServerError } from '../../errors.ts';
import type { Store } from '../store.ts';
import { openChallengeTable, openEvidenceTables } from './attestation-tables.ts';
import { lockDataDirectory, openDatabase } from './database.ts';
import { openEndorserTables } from './endorser-tables.ts';
import { openGoldenTables } from './golden-tables.ts';
import { openHostTables } from './host-tables.ts';
import { openTables, type SyncStore } from './tables.ts';
import { openTokenTable } from './token-table.ts';
import { openAuditTable, openPolicyTable, openSignerTable } from './trust-tables.ts';

/** Opens the store of a data directory and holds it until `close`.
 * @throws ServerError DATA_DIRECTORY_LOCKED, DATA_DIRECTORY_INCOMPLETE, STORAGE_SCHEMA_UNKNOWN */
export function openSqliteStore(dataDirectory: string): Store {
  const lock = lockDataDirectory(dataDirectory);
  try {
    const database = openDatabase(dataDirectory);
    const tables = openTables(database);
    const { findToken, listTokens, addToken, revokeToken } = openTokenTable(tables);
    return asynchronous({
      ping: () => {
        tables.trustRevision();
      },
      close: () => {
        if (!database.open) return;
        database.close();
        lock.release();
      },
      ...openHostTables(tables),
      ...openChallengeTable(tables),
      ...openEvidenceTables(tables),
      trustRevision: tables.trustRevision,
      ...openGoldenTables(tables),
      ...openSignerTable(tables),
      ...openPolicyTable(tables),
      ...openEndorserTables(tables),
      ...{ findToken, listTokens, addToken, revokeToken },
      ...openAuditTable(tables),
    });
  } catch (error) {
    lock.release();
    throw error;
  }
}

function asynchronous(store: SyncStore): Store {
  const methods = Object.entries(store).map(([name, method]) => [
    name,
    (...args: unknown[]) =>
      new Promise((resolve, reject) => {
        try {
          resolve((method as (...values: unknown[]) => unknown)(...args));
        } catch (error) {
          reject(translate(error));
        }
      }),
  ]);
  return Object.fromEntries(methods) as Store;
}

/** What the database itself refuses is not the caller's business in detail; the log has the cause. */
function translate(error: unknown): Error {
  if (error instanceof Database.SqliteError) return new ServerError('STORAGE_UNAVAILABLE', undefined, { cause: error });
  return error instanceof Error ? error : new TypeError('something that is no error was thrown');
}
