// What PostgreSQL or the way to it refuses, in the server's own words. Messages of the database stay in the log: they may quote rows.
import type { DatabaseError } from 'pg';
import { ServerError } from '../../errors.ts';

/** What takes nothing that is written, and answers what only reads: a disk that is full or failing, and who is no primary any more. */
const unwritable = /^(?:53100|58030|25006)/;
/** Classes and codes of SQLSTATE that pass by themselves: no connection, shutting down, too many clients, a lock that took too long, and
 * transactions that stood in each other's way. */
const passing = /^(?:08|53|57P|25P03|40|55P03|57014)/;
/** What an operator has to settle: role, password or database. */
const refusals = /^(?:28|3D000|42501)/;
/** OpenSSL's and Node's words for a certificate that does not convince. */
const untrusted = /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/;

/** STORAGE_UNAVAILABLE for who takes nothing that is written, STORAGE_UNREACHABLE for what else passes, STORAGE_REFUSED for what does not; a
 * mistake in a statement is passed on. */
export function postgresError(error: unknown): Error {
  if (!(error instanceof Error)) return new TypeError('something that is no error was thrown');
  const { code = '' } = error as NodeJS.ErrnoException;
  if (isAnswer(error)) {
    const unfit = whyPoolerUnfit(error);
    if (unfit !== undefined) return new ServerError('STORAGE_REFUSED', `${unfit} (${code})`, { cause: error });
    if (unwritable.test(code) || isReadWriteRefused(error) || isFileSystemClosed(error))
      return passingError('STORAGE_UNAVAILABLE', code, error);
    if (passing.test(code)) return unreachable(code, error);
    if (refusals.test(code)) return new ServerError('STORAGE_REFUSED', `PostgreSQL: ${code}`, { cause: error });
    if (code.startsWith('XX')) return new ServerError('STORAGE_DAMAGED', `PostgreSQL: ${code}`, { cause: error });
    return error;
  }
  if (error instanceof TypeError || error instanceof ServerError) return error;
  const words = code === '' ? error.message : code;
  const isRefused = untrusted.test(code) || /SSL connections|SASL|password/i.test(error.message);
  return isRefused
    ? new ServerError('STORAGE_REFUSED', `PostgreSQL: ${words}`, { cause: error })
    : unreachable(words, error);
}

/** With the time to come back: what a failover takes, mostly. */
export function unreachable(words: string, cause: unknown): ServerError {
  return passingError('STORAGE_UNREACHABLE', words, cause);
}

function passingError(code: 'STORAGE_UNREACHABLE' | 'STORAGE_UNAVAILABLE', words: string, cause: unknown): ServerError {
  return new ServerError(code, `PostgreSQL: ${words}`, { cause, headers: { 'retry-after': '5' } });
}

/** Something that the database or the way to it threw, and not the work that asked. */
export class DatabaseFailure extends Error {}

export function failed(cause: unknown): never {
  throw new DatabaseFailure('PostgreSQL failed', { cause });
}

/** Whether the connection is lost, or leads to a server that is about to go, or to none that can be written to. */
export function isGoing({ cause: error }: DatabaseFailure): boolean {
  return !isAnswer(error) || /^(?:57P|25006)/.test(error.code ?? '') || isReadWriteRefused(error);
}

/** The answer to a commit was lost, or says that no other copy is known to have it: it may have happened or not. Never tried again. */
export class CommitUnknown extends DatabaseFailure {}

/** Whether nothing was done, and the same may succeed at once: on another connection, or when the others are through. */
export function isWorthAnotherTry(failure: DatabaseFailure): boolean {
  const { cause: error } = failure;
  if (failure instanceof CommitUnknown) return false;
  if (!isAnswer(error)) return isLost(error);
  return /^(?:40001|40P01|57P01)/.test(error.code ?? '') || isNameTaken(error);
}

/** What was sent behind a statement that failed is prepared in a pooler's book and not in the database: sent once more, the pooler ends the
 * connection, and hands on nothing that came behind. */
function isNameTaken({ code, message }: DatabaseError): boolean {
  return code === '08P01' && message === 'prepared statement name is already in use';
}

/** Whether a value is none that the database takes. */
export function isRefusedValue(error: unknown): boolean {
  return error instanceof DatabaseFailure && isAnswer(error.cause) && /^2[23]/.test(error.cause.code ?? '');
}

/** Whether a row would have been left without a value that it must have. */
export function isValueMissing(error: unknown): boolean {
  return error instanceof DatabaseFailure && isAnswer(error.cause) && error.cause.code === '23502';
}

/** Whether the connection was known to be over before anything was sent on it. */
export function isUnsent(error: unknown): boolean {
  return error instanceof Error && /^Client (?:has encountered|was closed)/.test(error.message);
}

function isLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code = '' } = error as NodeJS.ErrnoException;
  return (
    /^(?:ECONNRESET|EPIPE)$/.test(code) ||
    /^(?:Connection terminated(?! due to connection timeout)|Client has enc)/.test(error.message)
  );
}

/** What a primary that became a standby under an open connection answers to BEGIN READ WRITE. The code says only that something is not
 * supported; what refused it has one name in every language, and where no name is sent there are the English words. */
function isReadWriteRefused({ code, routine, message }: DatabaseError): boolean {
  if (code !== '0A000') return false;
  return routine === 'call_bool_check_hook' || message.includes('read-write mode during recovery');
}

/** Where PostgreSQL reaches for its files, and asks no role for its privileges; and what writes to them. */
const fileSources = /^(?:md|fd|slru|xlog|buffile|copydir)\.c$/;
const fileWriters =
  /^(?:md(?:create|extend|zeroextend|writev?)|XLog(?:Write|FileInit\w*)|SlruReportIOError|BufFileDumpBuffer)$/;

/** A quota that is used up and a file system that is mounted read-only have no SQLSTATE of their own: PostgreSQL has them among internal
 * errors and missing privileges. What failed has one name in every language; where no name is sent, the English message ends with the words
 * of the system. */
function isFileSystemClosed({ code = '', file = '', routine = '', message }: DatabaseError): boolean {
  if (code === '42501' && fileSources.test(file)) return true;
  if (code === 'XX000' && fileWriters.test(routine)) return true;
  return /^(?:XX000|42501)$/.test(code) && /: (?:Disk quota exceeded|Read-only file system)$/.test(message);
}

/** A pooler that cannot stand between. PgBouncer has one code for nearly all that it says, so its words tell; statements by a name that the
 * database does not know, or knows already, are its doing too, where it does not keep them. */
function whyPoolerUnfit({ code = '', message }: DatabaseError): string | undefined {
  if (/^(?:26000|42P05)$/.test(code)) return 'a pooler stands before PostgreSQL and keeps no prepared statements';
  if (code !== '08P01') return undefined;
  const [, setting] = /^unsupported startup parameter: (\w+)/.exec(message) ?? [];
  if (setting !== undefined) return `a pooler stands before PostgreSQL and refuses to begin with ${setting}`;
  return message.includes('statement pooling mode')
    ? 'a pooler stands before PostgreSQL and gives single statements, no transactions'
    : undefined;
}

export function isAnswer(error: unknown): error is DatabaseError {
  return error instanceof Error && 'severity' in error && 'code' in error;
}
