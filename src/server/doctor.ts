// The doctor: looks at a data directory and says what is wrong, what is weak and what to do, without serving anything.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { AttestationError } from '../core/error.ts';
import { parseCertificateBundle, type Certificate } from '../core/x509/index.ts';
import { checkAuthorities, checkStrayCertificates } from './authority-checks.ts';
import { checkAuditLog } from './audit/check-audit-log.ts';
import { checkDatabaseClock } from './clock-check.ts';
import { loadConfig, type ServerConfig } from './config/config.ts';
import { checkDisk, readFreeSpace } from './disk-check.ts';
import { ServerError, serverErrors } from './errors.ts';
import { checkNotExposed } from './keys/key-file.ts';
import { authoritiesOf, closeKeys, loadServerKeys, type ServerKeys } from './keys/server-keys.ts';
import { checkTrust, type Check } from './shortcomings.ts';
import {
  checkIntegrity,
  inspectPostgres,
  openPostgresReader,
  openSqliteReader,
  openStore,
  type Store,
} from './storage/index.ts';
import { checkWorkers } from './workers/workers-check.ts';

export type { Check } from './shortcomings.ts';

/** Checks in order: what comes later needs what comes earlier. While a server runs, its store is only read. */
export async function doctor(dataDirectory: string, now: Date = new Date()): Promise<readonly Check[]> {
  let config: ServerConfig;
  try {
    config = loadConfig(dataDirectory);
  } catch (error) {
    return [failure('configuration', error)];
  }
  const { keys, checks } = await checkKeys(config, now);
  return [
    passed('configuration', `${config.dataDirectory}/touchstone.yaml is valid`),
    await attempt('permissions', 'the data directory is private', () => checkNotExposed(config.dataDirectory)),
    ...checks,
    await checkTls(config, now),
    checkClock(now),
    checkDisk(readFreeSpace(config.dataDirectory)),
    ...checkWorkers(config, availableParallelism()),
    ...(await checkStore(config, keys, now)),
  ];
}

interface KeyChecks {
  readonly keys: ServerKeys | undefined;
  readonly checks: readonly Check[];
}

async function checkKeys(config: ServerConfig, now: Date): Promise<KeyChecks> {
  let keys: ServerKeys | undefined;
  const files = await attempt('keys', 'the keys are present and private', () => {
    keys = loadServerKeys(config);
    authoritiesOf(keys).forEach(({ certificate }) => checkNotEnded(certificate, now));
  });
  if (keys === undefined) return { keys, checks: [files] };
  try {
    return { keys, checks: [files, ...(await checkAuthorities(keys))] };
  } finally {
    await closeKeys(keys);
  }
}

/** @throws ServerError KEY_FILE_INVALID */
function checkNotEnded({ notAfter }: Certificate, now: Date): void {
  if (now <= notAfter) return;
  throw new ServerError('KEY_FILE_INVALID', `the certificate of the attestation CA ended on ${notAfter.toISOString()}`);
}

async function checkStore(config: ServerConfig, keys: ServerKeys | undefined, now: Date): Promise<readonly Check[]> {
  let store: Store;
  let database: readonly Check[];
  try {
    [store, database] = await openForChecks(config);
  } catch (error) {
    return [isOldSchema(error) ? awaitsStart(error) : failure('store', error)];
  }
  try {
    return [
      ...database,
      await attempt('audit', 'each entry of the audit log follows from the one before', () => checkAuditLog(store)),
      ...(await checkTrust(store, config, now)),
      ...(keys === undefined ? [] : [await checkStrayCertificates(store, keys, now)]),
    ];
  } finally {
    await store.close();
  }
}

/** To look must not change it: a schema that is brought up to date keeps the release before from reading the database. */
function awaitsStart({ message }: ServerError): Check {
  const remedy =
    'Back the data directory up, then start a server of this release: it brings the schema up to date, which an earlier release cannot read any more. The rest is checked after that.';
  return { name: 'store', ok: false, severity: 'warning', message, remedy };
}

/** The store, and what is to be said of the database as a whole.
 * @throws ServerError STORAGE_* */
async function openForChecks(config: ServerConfig): Promise<readonly [Store, readonly Check[]]> {
  // Servers may use it at this moment, of an older release as well: nobody asked for another schema.
  if (config.storage !== 'sqlite') return [await openPostgresReader(config.storage), await checkDatabase(config)];
  try {
    await requireThisSchema(config);
    const store = await openStore(config);
    return [store, await checkDatabase(config)];
  } catch (error) {
    if (!(error instanceof ServerError) || error.code !== 'DATA_DIRECTORY_LOCKED') throw error;
    const message =
      'a server is running here: its store was read beside it, but not whether the database hangs together as a whole';
    const remedy = 'Stop the server to have the whole database read.';
    return [openSqliteReader(config.dataDirectory), [{ name: 'store', ok: true, severity: 'info', message, remedy }]];
  }
}

/** Opened for writing, an older one would be brought up to date.
 * @throws ServerError STORAGE_SCHEMA_OLD */
async function requireThisSchema({ dataDirectory }: Pick<ServerConfig, 'dataDirectory'>): Promise<void> {
  try {
    await openSqliteReader(dataDirectory).close();
  } catch (error) {
    // Whatever else is wrong with it is said by whoever opens it for use.
    if (isOldSchema(error)) throw error;
  }
}

function isOldSchema(error: unknown): error is ServerError {
  return error instanceof ServerError && error.code === 'STORAGE_SCHEMA_OLD';
}

async function checkDatabase({ dataDirectory, storage }: ServerConfig): Promise<readonly Check[]> {
  if (storage === 'sqlite') {
    return [await attempt('store', 'the database opens and hangs together', () => checkIntegrity(dataDirectory))];
  }
  try {
    const { clockAheadMs, description, weaknesses } = await inspectPostgres(storage);
    const weak = weaknesses.map((message) => {
      const remedy = 'Set it in PostgreSQL: docs/postgresql.md says why.';
      return { name: 'store', ok: false, severity: 'warning', message, remedy } as const;
    });
    return [passed('store', description), ...weak, ...checkDatabaseClock(clockAheadMs)];
  } catch (error) {
    return [failure('store', error)];
  }
}

async function checkTls({ tls, listen }: ServerConfig, now: Date): Promise<Check> {
  if (tls === undefined) {
    return {
      name: 'tls',
      ok: false,
      severity: 'warning',
      message: `no TLS: only this machine can reach ${listen.host}:${listen.port}`,
      remedy: 'Set tls.certFile and tls.keyFile in touchstone.yaml.',
    };
  }
  return attempt('tls', 'certificate and key are usable', () => {
    checkNotExposed(tls.keyFile);
    if (!existsSync(tls.certFile)) throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${tls.certFile} is missing`);
    const [certificate] = parseCertificateBundle(new Uint8Array(readFileSync(tls.certFile)));
    if (certificate === undefined || now < certificate.notBefore || now > certificate.notAfter) {
      throw new ServerError('KEY_FILE_INVALID', `${tls.certFile} is outside its validity`);
    }
  });
}

/** Nonces, verdicts and certificates all rest on the clock. A program cannot check it alone, but can see when it is absurd. */
function checkClock(now: Date): Check {
  const built = statSync(import.meta.filename).mtime;
  const ok = now.getTime() > built.getTime() - 86_400_000;
  return {
    name: 'clock',
    ok,
    severity: 'error',
    message: ok ? now.toISOString() : `${now.toISOString()} is before this program was installed`,
    remedy: 'Set the clock and keep it with NTP.',
  };
}

async function attempt(name: string, message: string, run: () => unknown): Promise<Check> {
  try {
    await run();
    return passed(name, message);
  } catch (error) {
    return failure(name, error);
  }
}

function passed(name: string, message: string): Check {
  return { name, ok: true, severity: 'error', message, remedy: '' };
}

function failure(name: string, error: unknown): Check {
  if (error instanceof ServerError) {
    return {
      name,
      ok: false,
      severity: 'error',
      message: `${error.code}: ${error.message}`,
      remedy: serverErrors[error.code].remedy,
    };
  }
  if (error instanceof AttestationError) {
    return {
      name,
      ok: false,
      severity: 'error',
      message: `${error.code}: ${error.message}`,
      remedy: 'Restore the file.',
    };
  }
  throw error;
}
