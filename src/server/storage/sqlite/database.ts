// Opening the database: one data directory, one process, durable commits. [SQLite WAL, synchronous=FULL]
import Database from 'better-sqlite3';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { ServerError } from '../../errors.ts';
import { migrations } from './migrations.ts';

export type SqliteDatabase = Database.Database;

export const databaseFileName = 'touchstone.db';
const lockFileName = 'lock.db';

/** Creates the database of a new data directory.
 * @throws ServerError DATA_DIRECTORY_EXISTS */
export function createDatabase(dataDirectory: string): void {
  const path = join(dataDirectory, databaseFileName);
  if (existsSync(path)) throw new ServerError('DATA_DIRECTORY_EXISTS', `${path} exists`);
  const database = new Database(path);
  prepareDatabase(database);
  database.close();
}

/** Opens an existing database and brings its schema up to date. Nothing is created here: a typo must not make a second world.
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, STORAGE_SCHEMA_UNKNOWN */
export function openDatabase(dataDirectory: string): SqliteDatabase {
  const path = join(dataDirectory, databaseFileName);
  if (!existsSync(path)) throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${path} is missing`);
  const database = new Database(path, { fileMustExist: true });
  try {
    prepareDatabase(database);
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

function prepareDatabase(database: SqliteDatabase): void {
  database.pragma('journal_mode = WAL');
  // The package's default in WAL mode is NORMAL, which loses acknowledged commits in a power cut.
  database.pragma('synchronous = FULL');
  database.pragma('busy_timeout = 5000');
  database.pragma('trusted_schema = OFF');
  const known = migrations.length;
  const version = database.pragma('user_version', { simple: true }) as number;
  if (version > known) {
    throw new ServerError('STORAGE_SCHEMA_UNKNOWN', `the database has schema ${version}; this release knows ${known}`);
  }
  for (const [index, step] of migrations.entries()) {
    if (index < version) continue;
    database.transaction(() => {
      database.exec(step);
      database.pragma(`user_version = ${index + 1}`);
    })();
  }
}

/** Holds the data directory for this process. The operating system lets go of it when the process ends, however it ends.
 * @throws ServerError DATA_DIRECTORY_LOCKED */
export function lockDataDirectory(dataDirectory: string): { release(): void } {
  const lock = new Database(join(dataDirectory, lockFileName), { timeout: 0 });
  try {
    lock.pragma('locking_mode = EXCLUSIVE');
    lock.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    lock.close();
    throw new ServerError('DATA_DIRECTORY_LOCKED', `another process uses ${dataDirectory}`, { cause });
  }
  return {
    release: () => {
      lock.exec('ROLLBACK');
      lock.close();
    },
  };
}
