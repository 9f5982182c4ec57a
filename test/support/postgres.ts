// A real PostgreSQL for the tests: one cluster for the whole run, made when it is first asked for, and a database for whoever asks.
import { execFile, execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import type { PostgresConfig } from '../../src/server/config/storage-place.ts';
import { atExit } from './at-exit.ts';
import { freePort } from './free-port.ts';
import type { TlsFiles } from './tls-files.ts';

const run = promisify(execFile);

/** Where Debian keeps the programs of the server, by version; elsewhere they are on the PATH. */
const versions = '/usr/lib/postgresql';

export interface Cluster {
  /** The directory of the socket. */
  readonly socket: string;
  readonly port: number;
  /** Who owns new databases. */
  readonly owner: string;
  /** Where its files are. */
  readonly data: string;
  /** Ends it at once, as a power cut does. */
  stop(): Promise<void>;
  start(): Promise<void>;
}

let cluster: Promise<Cluster> | undefined;
let databases = 0;

/** The URL of a new, empty database: in the cluster of this run, which ends with the process, unless told. */
export async function createTestDatabase(own?: Cluster): Promise<string> {
  const { socket, port, owner } = own ?? (await (cluster ??= createCluster()));
  databases += 1;
  const name = `test_${databases}`;
  const client = new pg.Client({ host: socket, port, user: 'app', database: 'postgres' });
  await client.connect();
  await client.query(`CREATE DATABASE ${name} OWNER ${owner}`);
  await client.end();
  return `postgres://app@localhost:${port}/${name}?host=${encodeURIComponent(socket)}`;
}

/** The configuration of a store there. */
export function postgresAt(url: string): PostgresConfig {
  return { url, passwordFile: undefined, caFile: undefined, certFile: undefined, keyFile: undefined, connections: 5 };
}

/** How a cluster is reached over TCP on loopback: by the role `touchstone`, with this password and a client certificate of its name. */
export interface ClusterNetwork {
  readonly tls: TlsFiles & { readonly caFile: string };
  readonly password: string;
}

/** A cluster of its own, for whoever stops it. */
export async function createCluster(network?: ClusterNetwork): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-pg-'));
  const [data, socket] = [join(folder, 'data'), folder];
  // initdb and postgres refuse to run as root.
  if (process.getuid?.() === 0) {
    const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' })));
    chownSync(folder, uid!, gid!);
  }
  chmodSync(folder, 0o700);
  const program = (name: string, args: readonly string[]): readonly [string, readonly string[]] => {
    const path = join(programs(), name);
    return process.getuid?.() === 0 ? ['runuser', ['-u', 'nobody', '--', path, ...args]] : [path, args];
  };
  const call = async (name: string, args: readonly string[]): Promise<void> => {
    const [command, rest] = program(name, args);
    await run(command, rest, { cwd: '/' });
  };
  await call('initdb', ['-D', data, '-A', 'trust', '--no-sync', '--locale=C.UTF-8', '-U', 'app']);
  const settings = ['fsync', 'full_page_writes'].map((name) => `-c ${name}=off`).join(' ');
  const port = network === undefined ? 5432 : await freePort();
  const listen = network === undefined ? '' : '127.0.0.1';
  const options = `-p ${port} -c listen_addresses=${listen} -c unix_socket_directories=${socket} -c max_connections=60 ${settings}`;
  if (network !== undefined) writeNetwork(data, network);
  const start = () => call('pg_ctl', ['-D', data, '-l', join(folder, 'log'), '-o', options, '-w', 'start']);
  const stop = () => call('pg_ctl', ['-D', data, '-m', 'immediate', '-w', 'stop']);
  await start();
  const owner = network === undefined ? 'app' : 'touchstone';
  if (network !== undefined) {
    const client = new pg.Client({ host: socket, port, user: 'app', database: 'postgres' });
    await client.connect();
    await client.query(`CREATE ROLE ${owner} LOGIN PASSWORD ${client.escapeLiteral(network.password)}`);
    await client.end();
  }
  atExit(() => {
    const [command, rest] = program('pg_ctl', ['-D', data, '-m', 'immediate', 'stop']);
    try {
      execFileSync(command, rest, { cwd: '/', stdio: 'ignore' });
    } catch {
      // It was stopped already.
    }
    rmSync(folder, { recursive: true, force: true });
  });
  return { socket, port, owner, data, start, stop };
}

function writeNetwork(data: string, { tls }: ClusterNetwork): void {
  const { uid, gid } = statSync(data);
  for (const [name, file] of [
    ['server.crt', tls.certFile],
    ['server.key', tls.keyFile],
    ['root.crt', tls.caFile],
  ] as const) {
    const own = join(data, name);
    copyFileSync(file, own);
    chmodSync(own, 0o600);
    chownSync(own, uid, gid);
  }
  appendFileSync(join(data, 'postgresql.conf'), "ssl = on\nssl_ca_file = 'root.crt'\n");
  const lines = ['local all all trust', 'hostssl all touchstone 127.0.0.1/32 scram-sha-256 clientcert=verify-full'];
  writeFileSync(join(data, 'pg_hba.conf'), `${lines.join('\n')}\n`);
}

function programs(): string {
  const known = existsSync(versions) ? readdirSync(versions) : [];
  const newest = known
    .map(Number)
    .filter(Number.isFinite)
    .sort((a, b) => b - a)[0];
  const folder = newest === undefined ? undefined : join(versions, String(newest), 'bin');
  const folders = [folder, ...(process.env['PATH'] ?? '').split(':')].filter((one) => one !== undefined && one !== '');
  const found = folders.find((one) => existsSync(join(one!, 'initdb')) && statSync(join(one!, 'initdb')).isFile());
  if (found === undefined)
    throw new TypeError('PostgreSQL is not installed: node scripts/ensure-system.mjs --postgres');
  return found;
}
