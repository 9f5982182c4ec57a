// A data directory as the end of a move.
import Database from 'better-sqlite3';
import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServerError } from '../../errors.ts';
import type { Sql } from '../sql/sql.ts';
import {
  databasePath,
  lockDataDirectory,
  makePrivate,
  prepareDatabase,
  schemaVersion,
  type SqliteDatabase,
} from '../sqlite/database.ts';
import { openConnection } from '../sqlite/sqlite-engine.ts';
import { storageError } from '../sqlite/storage-error.ts';
import type { MoveEnd } from './move-storage.ts';
import { checkSchema } from './schema-check.ts';

export function sqliteEnd(dataDirectory: string): MoveEnd {
  const path = databasePath(dataDirectory);
  const checkEmpty = (): void => {
    if (!existsSync(dataDirectory)) throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${dataDirectory} is missing`);
    if (existsSync(path)) throw new ServerError('DATA_DIRECTORY_EXISTS', `${path} exists`);
  };
  return {
    read: (work) => {
      if (!existsSync(path)) throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${path} is missing`);
      return alone(dataDirectory, () => readFile(path, work));
    },
    checkEmpty: () => Promise.resolve().then(checkEmpty),
    fill: async (work) => {
      checkEmpty();
      return alone(dataDirectory, async () => {
        checkEmpty();
        return fillFile(path, work);
      });
    },
  };
}

/** @throws ServerError DATA_DIRECTORY_LOCKED */
async function alone<Result>(dataDirectory: string, work: () => Promise<Result>): Promise<Result> {
  const lock = lockDataDirectory(dataDirectory);
  try {
    return await work();
  } finally {
    lock.release();
  }
}

async function readFile<Result>(path: string, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  let database: SqliteDatabase | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true });
    checkSchema(schemaVersion(database));
    return await work(openConnection(database, path));
  } catch (error) {
    throw storageError(error, path);
  } finally {
    database?.close();
  }
}

/** Under another name until it is whole and on the disk. */
async function fillFile<Result>(path: string, work: (sql: Sql) => Promise<Result>): Promise<Result> {
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  let database: SqliteDatabase | undefined;
  try {
    makePrivate(unfinished);
    database = new Database(unfinished);
    prepareDatabase(database);
    // Nobody reads the file before its end, so its parts need not be safe one by one.
    database.pragma('journal_mode = MEMORY');
    database.pragma('synchronous = OFF');
    database.exec('BEGIN; DELETE FROM meta');
    const result = await work(openConnection(database, unfinished));
    database.exec('COMMIT');
    database.pragma('journal_mode = WAL');
    database.close();
    flush(unfinished);
    renameSync(unfinished, path);
    flush(dirname(path));
    return result;
  } catch (error) {
    database?.close();
    rmSync(unfinished, { force: true });
    throw storageError(error, path);
  }
}

function flush(path: string): void {
  const file = openSync(path, 'r');
  fsyncSync(file);
  closeSync(file);
}
