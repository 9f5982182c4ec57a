// A new data directory: keys, database, configuration and the first operator's token. It never overwrites anything.
import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { makeFolder, systemReason } from '../../files/index.ts';
import { createToken } from '../auth/token.ts';
import { checkConfig, configFileName, loadConfig, type ServerConfig } from '../config/config.ts';
import type { PostgresConfig } from '../config/storage-place.ts';
import { ServerError } from '../errors.ts';
import { createAuthority } from './create-authority.ts';
import { systemRandom } from './random.ts';
import { keyFiles, keysFolder } from './server-keys.ts';
import { createFirstSigningKey } from './signing-key-files.ts';
import { createStore, openStore } from '../storage/index.ts';

export interface InitialiseOptions {
  /** The name the server signs under. The machine's host name unless told. */
  readonly serverId?: string;
  /** One operator approves golden measurements alone (quorum 1): for trials. */
  readonly allowSingleOperator?: boolean;
  /** TPMs without a verified certificate may enrol: for trials. */
  readonly allowUnverifiedEk?: boolean;
  readonly openEnrolment?: boolean;
  /** Where it keeps what it knows: `sqlite` unless told, or the URL of an empty PostgreSQL database. */
  readonly storage?: string;
  readonly postgres?: Partial<Pick<PostgresConfig, 'passwordFile' | 'caFile' | 'certFile' | 'keyFile'>>;
  readonly listen?: { readonly host?: string; readonly port?: number };
  readonly now?: Date;
}

export interface Initialised {
  readonly dataDirectory: string;
  readonly configFile: string;
  readonly serverId: string;
  /** The first operator's token. It is kept nowhere: this is the only time it can be seen. */
  readonly operatorToken: string;
}

/** Makes the data directory of a server.
 * @throws ServerError DATA_DIRECTORY_EXISTS, DATA_DIRECTORY_UNWRITABLE, CONFIG_INVALID */
export async function initDataDirectory(directory: string, options: InitialiseOptions = {}): Promise<Initialised> {
  const root = resolve(directory);
  if (existsSync(root) && inDirectory(root, () => readdirSync(root)).length > 0) {
    throw new ServerError('DATA_DIRECTORY_EXISTS', `${root} is not empty`);
  }
  const now = options.now ?? new Date();
  const settings = settingsOf(options);
  const config = checkConfig(settings, root);
  const { serverId } = config;
  inDirectory(root, () => {
    makeFolder(root, 0o700);
    chmodSync(root, 0o700);
    accessSync(root, constants.W_OK);
  });
  // First what may fail: a database that is away leaves an empty directory.
  await createStore(config);
  createKeys(root, serverId, now);
  const operatorToken = await createOperator(config, { name: 'first operator', actor: 'server init', now });
  // Last: a directory without it is incomplete, and the server refuses to start from it.
  writeFileSync(join(root, configFileName), configText(settings), { mode: 0o600, flag: 'wx' });
  return { dataDirectory: root, configFile: join(root, configFileName), serverId, operatorToken };
}

/** What the system refuses of a directory, told of that directory. */
function inDirectory<T>(root: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    const problem = `${root} cannot be made or written (${systemReason(cause)})`;
    throw new ServerError('DATA_DIRECTORY_UNWRITABLE', problem, { cause });
  }
}

function settingsOf(options: InitialiseOptions): Record<string, unknown> {
  const enrolment = {
    ...(options.openEnrolment === true ? { mode: 'open' } : {}),
    ...(options.allowUnverifiedEk === true ? { allowUnverifiedEk: true } : {}),
  };
  return {
    serverId: options.serverId ?? (hostname() || 'touchstone'),
    listen: { host: options.listen?.host ?? '127.0.0.1', port: options.listen?.port ?? 8443 },
    ...(options.storage === undefined ? {} : { storage: options.storage }),
    ...(options.postgres === undefined ? {} : { postgres: options.postgres }),
    ...(Object.keys(enrolment).length === 0 ? {} : { enrolment }),
    ...(options.allowSingleOperator === true ? { goldenQuorum: 1, allowSingleOperator: true } : {}),
  };
}

function configText(settings: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
  return [
    '# Touchstone. Every setting with its default: docs/configuration.md. Unknown settings are refused.',
    ...lines,
    '# For any address but loopback the server needs TLS:',
    '# tls: { certFile: tls/server.crt, keyFile: tls/server.key }',
    '',
  ].join('\n');
}

function createKeys(root: string, serverId: string, now: Date): void {
  mkdirSync(join(root, keysFolder), { mode: 0o700 });
  createFirstSigningKey(join(root, keysFolder));
  const { key, certificate } = createAuthority(now, () => `Attestation CA of ${serverId}`);
  writeSecret(join(root, keyFiles.attestationCa), key);
  writeFileSync(join(root, keyFiles.attestationCaCertificate), certificate, { flag: 'wx' });
}

function writeSecret(path: string, text: string | Buffer): void {
  writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
}

interface NewOperator {
  readonly name: string;
  /** The command, for the audit log. */
  readonly actor: string;
  readonly now: Date;
}

/** Where every operator's token is lost: another one, by whoever may write the store anyway.
 * @throws ServerError DATA_DIRECTORY_LOCKED, DATA_DIRECTORY_INCOMPLETE, CONFIG_INVALID, STORAGE_* */
export async function addOperator(directory: string, { name, now }: Omit<NewOperator, 'actor'>): Promise<string> {
  return createOperator(loadConfig(directory), { name, actor: 'server operator', now });
}

async function createOperator(config: ServerConfig, { name, actor, now }: NewOperator): Promise<string> {
  const at = now.getTime();
  const { record, token } = createToken({ name, role: 'operator', at }, systemRandom);
  const store = await openStore(config);
  try {
    await store.addToken(record, {
      at,
      actor,
      action: 'token.created',
      subject: record.id,
      details: { name, role: record.role },
    });
  } finally {
    await store.close();
  }
  return token;
}
