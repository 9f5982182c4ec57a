// SQLite as an engine: one connection. A transaction holds it until it ends, so nobody reads what is not committed.
import type BetterSqlite3 from 'better-sqlite3';
import { statement, type Engine, type Sql, type SqlValues, type Statement } from '../sql/sql.ts';
import type { SqliteDatabase } from './database.ts';
import { storageError } from './storage-error.ts';
import { openTurns } from './turns.ts';

type Prepared = BetterSqlite3.Statement;

/** @throws ServerError STORAGE_DAMAGED, STORAGE_UNAVAILABLE (every method) */
export function openSqliteEngine(database: SqliteDatabase, path: string): Engine {
  const inside = openConnection(database, path);
  const turns = openTurns();
  return {
    get: (question, ...values) => turns.take(() => inside.get(question, ...values)),
    all: (question, ...values) => turns.take(() => inside.all(question, ...values)),
    run: (change, ...values) => turns.take(() => inside.run(change, ...values)),
    transact: (_scope, work) => turns.take(() => transact(inside, database, work)),
    // There is one writer, and the data directory is this process's alone.
    orderAudit: () => Promise.resolve(),
    watchOthers: () => undefined,
    isAsWeLeftIt: createChangeCheck(database),
    close: () => turns.take(() => Promise.resolve(void database.close())),
  };
}

/** The number changes with every commit of another connection, of whatever process: a microsecond, and no row is read. */
function createChangeCheck(database: SqliteDatabase): () => boolean {
  const version = database.prepare('PRAGMA data_version').pluck();
  let last: unknown;
  return () => {
    const before = last;
    try {
      last = version.get();
    } catch {
      // Whoever reads next is told why.
      last = undefined;
    }
    return last !== undefined && last === before;
  };
}

const begin = statement('BEGIN IMMEDIATE');
const commit = statement('COMMIT');
const rollback = statement('ROLLBACK');

async function transact<Result>(
  sql: Sql,
  database: SqliteDatabase,
  work: (sql: Sql) => Promise<Result>,
): Promise<Result> {
  await sql.run(begin);
  try {
    const result = await work(sql);
    await sql.run(commit);
    return result;
  } catch (error) {
    // Of a full disk SQLite itself makes an end.
    if (database.inTransaction) await sql.run(rollback);
    throw error;
  }
}

/** @throws ServerError STORAGE_DAMAGED, STORAGE_UNAVAILABLE (every method) */
export function openConnection(database: SqliteDatabase, path: string): Sql {
  const prepared = new Map<string, Prepared>();
  const prepare = ({ sqlite }: Statement): Prepared => {
    let made = prepared.get(sqlite);
    if (made === undefined) prepared.set(sqlite, (made = database.prepare(sqlite)));
    return made;
  };
  const ask = <Answer>(work: () => Answer): Promise<Answer> => {
    try {
      return Promise.resolve(work());
    } catch (error) {
      return Promise.reject(storageError(error, path));
    }
  };
  return {
    get: <Row>(question: Statement<Row>, ...values: SqlValues) =>
      ask(() => prepare(question).get(...values) as Row | undefined),
    all: <Row>(question: Statement<Row>, ...values: SqlValues) =>
      ask(() => prepare(question).all(...values) as readonly Row[]),
    run: (change, ...values) => ask(() => prepare(change).run(...values).changes),
  };
}
