// Opening the database: one data directory, one process, durable commits. [SQLite WAL, synchronous=FULL]
import Database from 'better-sqlite3';
import { chmodSync, closeSync, existsSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ServerError } from '../../errors.ts';
import { checkSchema, type OnSchema } from '../move/schema-check.ts';
import { storageError } from './storage-error.ts';
import { migrations } from './migrations.ts';

export type SqliteDatabase = Database.Database;

const databaseFileName = 'touchstone.db';
const lockFileName = 'lock.db';

export function databasePath(dataDirectory: string): string {
  return join(dataDirectory, databaseFileName);
}

/** Creates the database of a new data directory.
 * @throws ServerError DATA_DIRECTORY_EXISTS */
export function createDatabase(dataDirectory: string): void {
  const path = databasePath(dataDirectory);
  if (existsSync(path)) throw new ServerError('DATA_DIRECTORY_EXISTS', `${path} exists`);
  makePrivate(path);
  const database = new Database(path);
  prepareDatabase(database);
  database.close();
}

/** For its owner alone, whatever the umask says. SQLite gives the files beside it (-wal, -shm) the mode of the database. */
export function makePrivate(path: string): void {
  closeSync(openSync(path, 'a', 0o600));
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o600);
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE, STORAGE_DAMAGED */
function findDatabase(dataDirectory: string): string {
  const path = databasePath(dataDirectory);
  if (!existsSync(path)) throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${path} is missing`);
  // SQLite takes an empty file for a new database, and would make a world without hosts or history of it.
  if (statSync(path).size === 0) throw new ServerError('STORAGE_DAMAGED', `${path} is empty`);
  return path;
}

/** Opens an existing database and brings its schema up to date. Nothing is created here: a typo must not make a second world.
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, STORAGE_DAMAGED, STORAGE_SCHEMA_UNKNOWN, STORAGE_UNAVAILABLE */
export function openDatabase(dataDirectory: string, onSchema?: OnSchema): SqliteDatabase {
  const path = findDatabase(dataDirectory);
  let database: SqliteDatabase | undefined;
  try {
    makePrivate(path);
    database = new Database(path, { fileMustExist: true });
    requireSchema(database, path);
    prepareDatabase(database, onSchema);
    return database;
  } catch (error) {
    database?.close();
    throw storageError(error, path);
  }
}

/** Opens the database beside the process that holds it. In WAL mode a reader keeps no writer waiting, and it can write nothing.
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, STORAGE_SCHEMA_OLD, STORAGE_SCHEMA_UNKNOWN, STORAGE_DAMAGED, STORAGE_UNAVAILABLE */
export function openReadOnly(dataDirectory: string): SqliteDatabase {
  const path = findDatabase(dataDirectory);
  let database: SqliteDatabase | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    database.pragma('busy_timeout = 5000');
    database.pragma('trusted_schema = OFF');
    checkSchema(requireSchema(database, path));
    return database;
  } catch (error) {
    database?.close();
    throw storageError(error, path);
  }
}

/** Every database that a server made has one. */
function requireSchema(database: SqliteDatabase, path: string): number {
  const version = schemaVersion(database);
  if (version === 0) throw new ServerError('STORAGE_DAMAGED', `${path} has no schema`);
  return version;
}

export function schemaVersion(database: SqliteDatabase): number {
  return database.pragma('user_version', { simple: true }) as number;
}

/** Reads the whole database, which no server may use meanwhile, and throws what does not hang together.
 * @throws ServerError DATA_DIRECTORY_LOCKED, STORAGE_DAMAGED, STORAGE_UNAVAILABLE */
export function checkIntegrity(dataDirectory: string): void {
  const path = databasePath(dataDirectory);
  const lock = lockDataDirectory(dataDirectory);
  let database: SqliteDatabase | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    const answer = database.pragma('quick_check(1)', { simple: true });
    if (answer !== 'ok') throw new ServerError('STORAGE_DAMAGED', `${path}: ${String(answer)}`);
  } catch (error) {
    throw storageError(error, path);
  } finally {
    database?.close();
    lock.release();
  }
}

export function prepareDatabase(database: SqliteDatabase, onSchema?: OnSchema): void {
  database.pragma('journal_mode = WAL');
  // The package's default in WAL mode is NORMAL, which loses acknowledged commits in a power cut.
  database.pragma('synchronous = FULL');
  database.pragma('busy_timeout = 5000');
  database.pragma('trusted_schema = OFF');
  const known = migrations.length;
  const version = schemaVersion(database);
  if (version > known) {
    throw new ServerError('STORAGE_SCHEMA_UNKNOWN', `the database has schema ${version}; this release knows ${known}`);
  }
  if (version === known) return;
  onSchema?.({ from: version, to: known });
  // All of them or none, and the disk is waited for once.
  database.transaction(() => {
    for (const step of migrations.slice(version)) database.exec(step);
    database.pragma(`user_version = ${known}`);
  })();
}

/** Holds the data directory for this process. The operating system lets go of it when the process ends, however it ends.
 * @throws ServerError DATA_DIRECTORY_LOCKED, STORAGE_UNAVAILABLE */
export function lockDataDirectory(dataDirectory: string): { release(): void } {
  const path = join(dataDirectory, lockFileName);
  const lock = openLock(path);
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    // Nothing is written to it, and a disk that is full has no room for a journal.
    lock.pragma('journal_mode = MEMORY');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    if (cause instanceof Database.SqliteError && cause.code.startsWith('SQLITE_BUSY')) {
      throw new ServerError('DATA_DIRECTORY_LOCKED', `another process uses ${dataDirectory}`, { cause });
    }
    throw storageError(cause, path);
  }
  return {
    release: () => {
      lock.exec('ROLLBACK');
      lock.close();
    },
  };
}

function openLock(path: string): SqliteDatabase {
  try {
    makePrivate(path);
    return new Database(path, { timeout: 0 });
  } catch (cause) {
    throw storageError(cause, path);
  }
}
