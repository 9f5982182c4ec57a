// That the database is away, as the store says it.
import { ServerError } from '../errors.ts';

export function isUnreachable(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'STORAGE_UNREACHABLE';
}

export function databaseAway(): ServerError {
  return new ServerError('STORAGE_UNREACHABLE', undefined, { headers: { 'retry-after': '5' } });
}
