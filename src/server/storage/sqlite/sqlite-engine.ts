// SQLite as an engine: one connection. A group of transactions holds it until it is committed, so nobody reads what is not.
import BetterSqlite3 from 'better-sqlite3';
import { createHash } from 'node:crypto';
import type { Engine, Plan, Sql, SqlValues, Statement } from '../sql/sql.ts';
import type { SqliteDatabase } from './database.ts';
import { isQuestioned } from '../../own-turn.ts';
import { notePlace } from './place.ts';
import { NothingDone, openGroups, type GroupSteps } from './group-commit.ts';
import { isValueMissing, storageError } from './storage-error.ts';
import { openWriteAheadLog } from './write-ahead-log.ts';

type Prepared = BetterSqlite3.Statement;

export interface SqliteEngineOptions {
  /** For messages. */
  readonly path: string;
  /** Resolves when all that was committed before is on the disk. The write-ahead log's own unless told, for tests. */
  readonly sync?: () => Promise<void>;
  /** Told once, when the disk fails so that nobody knows what is on it: everything is refused from then on. */
  readonly onFailure?: (error: Error) => void;
}

/** @throws ServerError STORAGE_DAMAGED, STORAGE_UNAVAILABLE (every method) */
export function openSqliteEngine(database: SqliteDatabase, { path, sync, onFailure }: SqliteEngineOptions): Engine {
  // A commit does not wait for the disk, and neither does it move the log: both is done by other threads.
  database.pragma('synchronous = NORMAL');
  database.pragma('wal_autocheckpoint = 0');
  // What a member of a group changed must be undone where it fails: remembered in memory, not in files.
  database.pragma('temp_store = MEMORY');
  const log = openWriteAheadLog({
    path: database.name,
    pause: (work) => groups.pause(work),
    // Then the commits do it themselves, as SQLite does by default.
    onFailure: () => void database.pragma('wal_autocheckpoint = 1000'),
  });
  const requirePlace = notePlace(database.name);
  const inside = openConnection(database, path);
  const steps = stepsOf(database, path);
  const groups = openGroups({
    ...steps,
    begin: () => {
      requirePlace();
      steps.begin();
    },
    sync: () =>
      (sync ?? log.sync)().catch((error: unknown) => {
        const failure = storageError(error, path);
        onFailure?.(failure);
        throw failure;
      }),
  });
  const beside = openBeside(database.name, path, requirePlace);
  const read = <Answer>(question: (sql: Sql) => Promise<Answer>): Promise<Answer> =>
    groups.read(
      () => question(inside),
      async () => question(beside.sql()),
    );
  return {
    get: (question, ...values) => read((sql) => sql.get(question, ...values)),
    all: (question, ...values) => read((sql) => sql.all(question, ...values)),
    run: (change, ...values) => groups.transact(() => inside.run(change, ...values)),
    ask: undefined,
    returning: (change, ...values) => groups.transact(() => inside.all(change, ...values)),
    transact: (_scope, work, isLong) => groups.transact(() => work(inside), isLong),
    change: (_scope, plan) => groups.change(() => inside.change(plan)).catch(unlessValueMissing),
    // There is one writer, and the data directory is this process's alone.
    orderAudit: undefined,
    watchOthers: () => undefined,
    isAsWeLeftIt: createChangeCheck(database, askedForMs),
    close: async () => {
      await log.close();
      await groups.pause(() => {
        beside.close();
        moveWholeLog(database);
        closeLeavingFiles(database, requirePlace);
        return Promise.resolve();
      });
    },
  };
}

/** Whoever copies the data directory of a server that was stopped has everything in one file. SQLite sees to that by itself when the last
 * connection is closed, but not where a process that only reads is the last. */
function moveWholeLog(database: SqliteDatabase): void {
  try {
    database.pragma('wal_checkpoint(TRUNCATE)');
  } catch {
    // Then the log stays beside it: nothing is lost.
  }
}

/** SQLite removes its log and the index of that with the last connection, unless that one only reads. Whoever starts on a disk that is
 * full could not make them again. What another database has now is left alone. */
function closeLeavingFiles(database: SqliteDatabase, requirePlace: () => void): void {
  let last: SqliteDatabase | undefined;
  try {
    requirePlace();
    last = new BetterSqlite3(database.name, { readonly: true, fileMustExist: true });
    last.pragma('user_version');
  } catch {
    // Then SQLite removes what is its own, or nothing can be done about it.
  } finally {
    database.close();
    last?.close();
  }
}

/** A second connection, which sees what was committed last: for whoever reads while a long transaction holds the first. */
function openBeside(
  file: string,
  path: string,
  requirePlace: () => void,
): { readonly sql: () => Sql; readonly close: () => void } {
  let opened: SqliteDatabase | undefined;
  let sql: Sql | undefined;
  return {
    sql: () => {
      if (sql !== undefined) return sql;
      requirePlace();
      opened = new BetterSqlite3(file, { readonly: true, fileMustExist: true });
      return (sql = openConnection(opened, path));
    },
    close: () => void opened?.close(),
  };
}

function stepsOf(database: SqliteDatabase, path: string): Omit<GroupSteps, 'sync'> {
  const step = (text: string): (() => void) => {
    const prepared = database.prepare(text);
    return () => {
      try {
        prepared.run();
      } catch (error) {
        throw storageError(error, path);
      }
    };
  };
  const rollback = step('ROLLBACK');
  const [undo, release] = [step('ROLLBACK TO member'), step('RELEASE member')];
  return {
    begin: step('BEGIN IMMEDIATE'),
    commit: step('COMMIT'),
    rollback: () => {
      if (database.inTransaction) rollback();
    },
    enter: step('SAVEPOINT member'),
    keep: release,
    undo: () => {
      undo();
      release();
    },
    isUnderWay: () => database.inTransaction,
    isAsked: isQuestioned,
  };
}

/** For so long nobody is asked again by the process that holds the data directory: no other server commits anything there. */
const askedForMs = 10;

/** The number changes with every commit of another connection, of whatever process: it costs microseconds, and no row is read. What somebody
 * else commits is seen `everyMs` later at most: 0, at once. */
export function createChangeCheck(database: SqliteDatabase, everyMs: number): () => boolean {
  const version = database.prepare('PRAGMA data_version').pluck();
  let last: unknown;
  let askedAt = -Infinity;
  return () => {
    const now = performance.now();
    if (now - askedAt < everyMs) return true;
    askedAt = now;
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

/** A statement that could not be made by itself undoes all of its member of the group. */
function unlessValueMissing(error: unknown): false {
  if (isValueMissing(error)) return false;
  throw error;
}

interface Connection extends Sql {
  /** Everything that is planned, one after the other, and nobody waits between them.
   * @throws NothingDone where it failed before or in its first statement */
  readonly change: (plan: Plan) => Promise<true>;
}

export function openConnection(database: SqliteDatabase, path: string): Connection {
  database.function('sha256', { deterministic: true }, (text) => createHash('sha256').update(String(text)).digest());
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
  const sql: Sql = {
    get: <Row>(question: Statement<Row>, ...values: SqlValues) =>
      ask(() => prepare(question).get(...values) as Row | undefined),
    all: <Row>(question: Statement<Row>, ...values: SqlValues) =>
      ask(() => prepare(question).all(...values) as readonly Row[]),
    run: (change, ...values) => ask(() => prepare(change).run(...values).changes),
  };
  return {
    ...sql,
    change: async (plan) => {
      let done = 0;
      try {
        for (const { statement, values } of await plan(sql)) {
          prepare(statement).run(...values);
          done += 1;
        }
        return true;
      } catch (error) {
        const failure = storageError(error, path);
        throw done === 0 ? new NothingDone(failure) : failure;
      }
    },
  };
}
