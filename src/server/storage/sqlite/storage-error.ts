// What the database engine or the file system refuses, in the server's own words. Details are for the log, not for callers.
import Database from 'better-sqlite3';
import { ServerError } from '../../errors.ts';

/** STORAGE_DAMAGED for bytes that are no database, STORAGE_UNAVAILABLE for what may pass (disk full, read-only, failing);
 * everything that is neither the engine's nor the system's is passed on. */
export function storageError(error: unknown, path: string): Error {
  if (error instanceof Database.SqliteError) {
    const damaged = /^SQLITE_(?:CORRUPT|NOTADB)/.test(error.code);
    const reason = `${path}: ${error.code}`;
    return damaged ? new ServerError('STORAGE_DAMAGED', reason, { cause: error }) : unavailable(reason, error);
  }
  if (!(error instanceof Error)) return new TypeError('something that is no error was thrown');
  const { syscall, code } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return error;
  return unavailable(`${path}: ${code ?? syscall}`, error);
}

function unavailable(reason: string, cause: Error): ServerError {
  return new ServerError('STORAGE_UNAVAILABLE', reason, { cause, headers: { 'retry-after': '5' } });
}

/** Whether the disk takes nothing: it is full, read-only or failing. */
export function isWriteRefused(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(?:FULL|IOERR|READONLY)/.test(error.code);
}

/** Whether a row would have been left without a value that it must have. */
export function isValueMissing(error: unknown): boolean {
  const cause = error instanceof ServerError ? error.cause : undefined;
  return cause instanceof Database.SqliteError && cause.code === 'SQLITE_CONSTRAINT_NOTNULL';
}
