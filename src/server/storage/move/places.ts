// How the two ends of a move are written: `sqlite:DIRECTORY`, or the URL of a PostgreSQL database.
import { resolve } from 'node:path';
import { findUnsafeStorage, type PostgresConfig } from '../../config/storage-place.ts';
import { ServerError } from '../../errors.ts';
import type { MoveEnd } from './move-storage.ts';
import { postgresEnd } from './postgres-end.ts';
import { sqliteEnd } from './sqlite-end.ts';

const sqlitePrefix = 'sqlite:';

/** By which a PostgreSQL is reached. */
type PostgresFiles = Partial<Omit<PostgresConfig, 'url' | 'connections'>>;

/** @throws ServerError CONFIG_INVALID */
export function moveEndOf(place: string, { passwordFile, caFile, certFile, keyFile }: PostgresFiles): MoveEnd {
  if (place.startsWith(sqlitePrefix)) return sqliteEnd(resolve(place.slice(sqlitePrefix.length)));
  const mistakes = findUnsafeStorage(place, { certFile, keyFile });
  if (mistakes.length > 0) throw new ServerError('CONFIG_INVALID', mistakes.join('\n'));
  return postgresEnd({ url: place, passwordFile, caFile, certFile, keyFile, connections: 1 });
}
