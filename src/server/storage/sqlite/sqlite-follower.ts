// The store of a data directory for a process that answers by it all the time, beside the server that holds it. It only reads, a statement at
// a time, and holds nothing between two of them: neither a writer nor the thread that moves the log ever waits for it. docs/decisions/0031
import { statSync } from 'node:fs';
import { openSqlStore, type RowBounds } from '../sql/sql-store.ts';
import type { Engine, Sql } from '../sql/sql.ts';
import type { Store } from '../store.ts';
import { databasePath, openReadOnly } from './database.ts';
import { createChangeCheck, openConnection } from './sqlite-engine.ts';
import { storageError } from './storage-error.ts';

interface Reading {
  /** Which files it reads: whoever puts others in their place changes it. */
  readonly files: string;
  readonly sql: Sql;
  /** False when anything was committed since it was asked last. */
  readonly isAsWeLeftIt: () => boolean;
  readonly close: () => void;
}

/** No server acknowledges anything of another file so soon: the one that held the first had to end, and it is started again no sooner. */
const lookAtFilesMs = 100;
/** A reader waits for nobody but whoever mends the log after a crash, and whoever asks waits for the reader. */
const busyMs = 100;

/** What writes fails.
 * @throws ServerError STORAGE_* */
export function openSqliteFollower(dataDirectory: string, { rememberedHosts }: RowBounds): Store {
  const path = databasePath(dataDirectory);
  let reading: Reading | undefined;
  let lookedAt = -Infinity;

  function current(): Reading {
    const now = performance.now();
    if (reading !== undefined && now - lookedAt < lookAtFilesMs) return reading;
    const files = filesOf(path);
    if (reading?.files !== files) {
      close();
      reading = openReading(dataDirectory, files);
    }
    lookedAt = now;
    return reading;
  }

  function close(): void {
    reading?.close();
    reading = undefined;
  }

  const ask = async <Answer>(question: (sql: Sql) => Promise<Answer>): Promise<Answer> => question(current().sql);
  const engine: Engine = {
    get: (question, ...values) => ask((sql) => sql.get(question, ...values)),
    all: (question, ...values) => ask((sql) => sql.all(question, ...values)),
    run: (change, ...values) => ask((sql) => sql.run(change, ...values)),
    ask: undefined,
    returning: (change, ...values) => ask((sql) => sql.all(change, ...values)),
    transact: (_scope, work) => ask(work),
    change: (_scope, plan) =>
      ask(async (sql) => {
        for (const { statement, values } of await plan(sql)) await sql.run(statement, ...values);
        return true;
      }),
    orderAudit: undefined,
    // Whoever waits for something looks again by itself.
    watchOthers: () => undefined,
    isAsWeLeftIt: () => {
      try {
        const before = reading;
        const isAsWeLeftIt = current().isAsWeLeftIt();
        return isAsWeLeftIt && reading === before;
      } catch {
        // Whoever reads next is told why.
        return false;
      }
    },
    close: () => {
      close();
      return Promise.resolve();
    },
  };
  current();
  return openSqlStore(engine, { rememberedHosts, rememberedLogs: 0 });
}

function openReading(dataDirectory: string, files: string): Reading {
  const database = openReadOnly(dataDirectory);
  database.pragma(`busy_timeout = ${busyMs}`);
  return {
    files,
    sql: openConnection(database, dataDirectory),
    isAsWeLeftIt: createChangeCheck(database, 0),
    close: () => void database.close(),
  };
}

/** The database and its log. Of a file that is open nobody else gets the number.
 * @throws ServerError STORAGE_UNAVAILABLE where there is no database */
function filesOf(path: string): string {
  try {
    const { dev, ino } = statSync(path);
    return `${dev} ${ino} ${statSync(`${path}-wal`, { throwIfNoEntry: false })?.ino}`;
  } catch (error) {
    throw storageError(error, path);
  }
}
