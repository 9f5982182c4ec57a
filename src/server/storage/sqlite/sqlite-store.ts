// The store over SQLite: synchronous inside, asynchronous to the outside like every other store.
import type { Store } from '../store.ts';
import { openAkIssuerTable } from './ak-certificate-table.ts';
import { openChallengeTable, openEvidenceTables } from './attestation-tables.ts';
import { openConflictTable } from './conflict-table.ts';
import { lockDataDirectory, openDatabase, type SqliteDatabase } from './database.ts';
import { openDenyTable } from './deny-table.ts';
import { openEndorserTables } from './endorser-tables.ts';
import { openFleetTable } from './fleet-table.ts';
import { openGoldenTables } from './golden-tables.ts';
import { openHostTables } from './host-tables.ts';
import { openIntermediateTables } from './intermediate-tables.ts';
import { openQuarantineTable } from './quarantine-table.ts';
import { openRevocationTable } from './revocation-table.ts';
import { storageError } from './storage-error.ts';
import { openRolloutTable } from './rollout-table.ts';
import { openTables, type SyncStore } from './tables.ts';
import { openDeliveryTable, openSubscriptionTable } from './subscription-table.ts';
import { openTokenTable } from './token-table.ts';
import { openAuditTable, openPolicyTable, openSignerTable } from './trust-tables.ts';

/** Opens the store of a data directory and holds it until `close`.
 * @throws ServerError DATA_DIRECTORY_LOCKED, DATA_DIRECTORY_INCOMPLETE, STORAGE_* */
export function openSqliteStore(dataDirectory: string): Store {
  const lock = lockDataDirectory(dataDirectory);
  let database: SqliteDatabase | undefined;
  try {
    database = openDatabase(dataDirectory);
    return asynchronous(dataDirectory, storeOver(database, lock));
  } catch (error) {
    database?.close();
    lock.release();
    throw storageError(error, dataDirectory);
  }
}

function storeOver(database: SqliteDatabase, lock: { release(): void }): SyncStore {
  const watchers = new Set<() => void>();
  const tables = openTables(database, () => watchers.forEach((tell) => tell()));
  const { findToken, listTokens, addToken, revokeToken } = openTokenTable(tables);
  return {
    ping: () => {
      tables.trustRevision();
    },
    close: () => {
      if (!database.open) return;
      database.close();
      lock.release();
    },
    ...openHostTables(tables),
    ...openConflictTable(tables),
    ...openQuarantineTable(tables),
    ...openChallengeTable(tables),
    ...openEvidenceTables(tables),
    ...openFleetTable(tables),
    ...openAkIssuerTable(tables),
    trustRevision: tables.trustRevision,
    ...openGoldenTables(tables),
    ...openDenyTable(tables),
    ...openRolloutTable(tables),
    ...openSignerTable(tables),
    ...openPolicyTable(tables),
    ...openEndorserTables(tables),
    ...openRevocationTable(tables),
    ...openIntermediateTables(tables),
    ...{ findToken, listTokens, addToken, revokeToken },
    ...openAuditTable(tables),
    watchAudit: (listener) => {
      watchers.add(listener);
      return () => void watchers.delete(listener);
    },
    ...openSubscriptionTable(tables),
    ...openDeliveryTable(tables),
  };
}

function asynchronous(dataDirectory: string, store: SyncStore): Store {
  const methods = Object.entries(store).map(([name, method]) => [
    name,
    (...args: unknown[]) =>
      new Promise((resolve, reject) => {
        try {
          resolve((method as (...values: unknown[]) => unknown)(...args));
        } catch (error) {
          reject(storageError(error, dataDirectory));
        }
      }),
  ]);
  return Object.fromEntries(methods) as Store;
}
