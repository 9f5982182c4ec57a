// What the doctor says of the store and of what is in it. It only reads: servers may use the store at this moment, of an older release
// as well, and a schema that is brought up to date keeps that release from reading it.
import { isoTime } from '../../core/encoding/index.ts';
import { checkAuditLog } from '../audit/check-audit-log.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError, serverErrors } from '../errors.ts';
import type { ServerKeys } from '../keys/server-keys.ts';
import { checkIntegrity, inspectPostgres, openReader, type Store } from '../storage/index.ts';
import { checkStrayCertificates } from './check-authorities.ts';
import { checkDatabaseClock, checkServersTime } from './check-clock.ts';
import { checkTrust } from './check-trust.ts';
import { failure, passed, type Check } from './check.ts';

export async function checkStore(
  config: ServerConfig,
  keys: ServerKeys | undefined,
  now: Date,
  tell: (auditEntry: number) => void,
): Promise<readonly Check[]> {
  let store: Store;
  try {
    store = await openReader(config);
  } catch (error) {
    if (!hasCode(error, 'STORAGE_SCHEMA_OLD')) return [failure('store', error)];
    return [awaitsStart(error), ...(await checkWhoIsServed(config))];
  }
  try {
    return [
      ...(await checkDatabase(config)),
      ...checkServersTime(await store.latestTime(), now),
      await checkAudit(store, tell),
      ...(await checkTrust(store, config, now)),
      ...(keys === undefined ? [] : [await checkStrayCertificates(store, keys, now)]),
    ];
  } finally {
    await store.close();
  }
}

/** Of a store that was restored from a backup, the last entry says up to when it knows anything. */
async function checkAudit(store: Store, tell: (sequence: number) => void): Promise<Check> {
  try {
    const last = await checkAuditLog(store, tell);
    const end = last === undefined ? '' : `; the last is entry ${last.sequence}, of ${isoTime(last.at)}`;
    return passed('audit', `each entry of the audit log follows from the one before${end}`);
  } catch (error) {
    return failure('audit', error);
  }
}

function awaitsStart({ message }: ServerError): Check {
  const remedy =
    'Back the data directory up, then start a server of this release: it brings the schema up to date, which an earlier release cannot read any more (docs/upgrading.md). The rest is checked after that.';
  return { name: 'store', ok: false, severity: 'warning', message, remedy };
}

/** Whether a server of this release would start beside those that are there. */
async function checkWhoIsServed({ storage }: ServerConfig): Promise<readonly Check[]> {
  if (storage === 'sqlite') return [];
  const { untold } = await inspectPostgres(storage);
  if (untold === 0) return [];
  const message = `servers are connected that would not notice a new schema (${untold} connections): none of this release starts beside them`;
  const { remedy } = serverErrors.STORAGE_OLDER_SERVED;
  return [{ name: 'store', ok: false, severity: 'warning', message, remedy }];
}

/** The database as a whole. */
async function checkDatabase({ dataDirectory, storage }: ServerConfig): Promise<readonly Check[]> {
  if (storage === 'sqlite') return [checkWholeFile(dataDirectory)];
  try {
    const { clockAheadMs, description, isPooled, weaknesses } = await inspectPostgres(storage);
    const weak = weaknesses.map((message) => {
      const remedy =
        'Set it in PostgreSQL: docs/high-availability.md says how, and docs/postgresql.md where a pooler stands before it.';
      return { name: 'store', ok: false, severity: 'warning', message, remedy } as const;
    });
    return [
      passed('store', description),
      ...weak,
      ...(isPooled ? [throughPooler] : []),
      ...checkDatabaseClock(clockAheadMs),
    ];
  } catch (error) {
    return [failure('store', error)];
  }
}

const throughPooler: Check = {
  name: 'store',
  ok: false,
  severity: 'info',
  message:
    'PostgreSQL is reached through a pooler (PgBouncer or the like): changes of other servers are heard within five seconds, not at once, and no server notices by itself that a newer release changed the schema',
  remedy: 'Stop every server before an upgrade: docs/upgrading.md. How a pooler is set is in docs/postgresql.md.',
};

function checkWholeFile(dataDirectory: string): Check {
  try {
    checkIntegrity(dataDirectory);
    return passed('store', 'the database opens and hangs together');
  } catch (error) {
    return hasCode(error, 'DATA_DIRECTORY_LOCKED') ? beingServed : failure('store', error);
  }
}

const beingServed: Check = {
  name: 'store',
  ok: true,
  severity: 'info',
  message:
    'a server is running here: its store was read beside it, but not whether the database hangs together as a whole',
  remedy: 'Stop the server to have the whole database read.',
};

function hasCode(error: unknown, code: ServerError['code']): error is ServerError {
  return error instanceof ServerError && error.code === code;
}
