// Opening the store that the configuration names. PostgreSQL's driver is loaded where it is needed.
import type { ServerConfig } from '../config/config.ts';
import type { OnSchema } from './move/schema-check.ts';
import { createDatabase } from './sqlite/database.ts';
import { openSqliteFollower } from './sqlite/sqlite-follower.ts';
import { openSqliteReader, openSqliteStore } from './sqlite/sqlite-store.ts';
import type { PostgresConfig } from '../config/storage-place.ts';
import type { PostgresInspection } from './postgres/inspection.ts';
import type { Store } from './store.ts';

type Place = Pick<ServerConfig, 'dataDirectory' | 'storage'>;
/** What may be remembered; nothing unless told. */
interface Bounds {
  readonly attestation?: Pick<ServerConfig['attestation'], 'rememberedHosts' | 'rememberedLogs'>;
}

/** `onFailure` is told when the disk failed for good: it has to be opened anew, by another process. A PostgreSQL does that by itself.
 * `onSchema`: when the schema is brought up to date.
 * @throws ServerError DATA_DIRECTORY_LOCKED, DATA_DIRECTORY_INCOMPLETE, STORAGE_* */
export async function openStore(
  { dataDirectory, storage, attestation }: Place & Bounds,
  onFailure?: (error: Error) => void,
  onSchema?: OnSchema,
): Promise<Store> {
  if (storage === 'sqlite') return openSqliteStore(dataDirectory, attestation, { onFailure, onSchema });
  return (await import('./postgres/postgres-store.ts')).openPostgresStore(storage, attestation, onSchema);
}

/** The same to read in, beside the server that uses it, and with one connection: what writes fails.
 * @throws ServerError STORAGE_* */
export async function openReader({ dataDirectory, storage }: Place): Promise<Store> {
  return storage === 'sqlite' ? openSqliteReader(dataDirectory) : openPostgresReader({ ...storage, connections: 1 });
}

/** The same for a process that answers by it all the time: over PostgreSQL as a replica, with all its connections.
 * @throws ServerError STORAGE_* */
export async function openFollower({ dataDirectory, storage, attestation }: Place & Required<Bounds>): Promise<Store> {
  return storage === 'sqlite' ? openSqliteFollower(dataDirectory, attestation) : openPostgresReader(storage);
}

/** A PostgreSQL to read in, as it is.
 * @throws ServerError STORAGE_* */
async function openPostgresReader(config: PostgresConfig): Promise<Store> {
  return (await import('./postgres/postgres-store.ts')).openPostgresReader(config);
}

/** Makes the store of a new server: never in the place of another one.
 * @throws ServerError DATA_DIRECTORY_EXISTS, STORAGE_* */
export async function createStore({ dataDirectory, storage }: Place): Promise<void> {
  if (storage === 'sqlite') createDatabase(dataDirectory);
  else await (await import('./postgres/postgres-store.ts')).createPostgresSchema(storage);
}

/** What the doctor says about a PostgreSQL.
 * @throws ServerError STORAGE_UNREACHABLE, STORAGE_REFUSED */
export async function inspectPostgres(config: PostgresConfig): Promise<PostgresInspection> {
  return (await import('./postgres/postgres-store.ts')).inspectDatabase(config);
}
