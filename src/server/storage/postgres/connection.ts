// How PostgreSQL is reached: the address from the configuration, the password from a file, TLS that is verified or none at all.
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';
import pg from 'pg';
import { storagePlaceOf, type PostgresConfig } from '../../config/storage-place.ts';
import { checkNotExposed, readFile, readSecretLine } from '../../keys/key-file.ts';
import { outsideName } from './schema-guard.ts';

/** Nothing waits for ever: a request is answered within a minute, and a transaction whose replica is gone lets go of its locks. */
const limits = {
  connectionTimeoutMillis: 5_000,
  query_timeout: 30_000,
  statement_timeout: 20_000,
  lock_timeout: 10_000,
  idle_in_transaction_session_timeout: 10_000,
} as const;

/** @throws ServerError KEY_FILE_EXPOSED, DATA_DIRECTORY_INCOMPLETE */
export function clientConfigOf({ url, passwordFile, ...tls }: PostgresConfig): ClientConfig {
  const { host, port, user, database, isVerified } = storagePlaceOf(url);
  return {
    host,
    port,
    ...(user === undefined ? {} : { user }),
    database,
    // Read for each connection: it can be changed while the server runs.
    ...(passwordFile === undefined ? {} : { password: () => readSecretLine(passwordFile) }),
    ssl: isVerified && tlsOf(tls),
    // The password is proved for this very connection: whoever stands in between with another certificate gains nothing by it.
    enableChannelBinding: isVerified,
    application_name: outsideName,
    keepAlive: true,
    pipeline: true,
    types: typesOf(),
    ...limits,
  };
}

/** Whoever answers has a certificate of the authority, for the host that the URL names. Read once, when the store is opened. */
function tlsOf({
  caFile,
  certFile,
  keyFile,
}: Pick<PostgresConfig, 'caFile' | 'certFile' | 'keyFile'>): ConnectionOptions {
  if (keyFile !== undefined) checkNotExposed(keyFile);
  return {
    rejectUnauthorized: true,
    ...(caFile === undefined ? {} : { ca: readFile(caFile) }),
    ...(certFile === undefined ? {} : { cert: readFile(certFile) }),
    ...(keyFile === undefined ? {} : { key: readFile(keyFile) }),
  };
}

/** Whole numbers of 64 bits are numbers here, as in SQLite: ours are times and counts. */
function typesOf(): pg.TypeOverrides {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, parseWholeNumber);
  return types;
}

function parseWholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new TypeError(`${text} is more than a number holds`);
  return value;
}
