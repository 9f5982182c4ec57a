// Three machines of the documented set-up, each on a loopback address of its own: etcd, Patroni and PostgreSQL; HAProxy beside them.
import { chownSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { randomBytes, randomInt } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { createTlsAuthority, createTlsFiles, type TlsFiles } from '../support/tls-files.ts';
import { createProgram, databaseUser, type Identity, type Running } from './processes.ts';
import { fillTemplate, writeSecret } from './templates.ts';

export interface Node {
  readonly name: string;
  readonly address: string;
  readonly etcd: Running;
  readonly patroni: Running;
  /** Of PostgreSQL; undefined while it does not run. */
  readonly pid: () => number | undefined;
}

export interface Machines {
  readonly nodes: readonly Node[];
  readonly haproxy: Running;
  /** Where servers reach the primary. */
  readonly proxy: string;
  readonly authority: TlsFiles;
  /** What the role `touchstone` shows. */
  readonly client: TlsFiles;
  readonly values: Values;
}

type Values = Readonly<Record<string, string>>;

const names = ['db1', 'db2', 'db3'];

export async function createMachines(folder: string): Promise<Machines> {
  const authority = createTlsAuthority(folder, 'ca');
  const addresses = await freeAddresses(names.length + 1);
  const proxy = addresses[names.length]!;
  const values = {
    ...Object.fromEntries(names.map((name, index) => [`NODE${index + 1}`, name])),
    ...Object.fromEntries(names.map((_, index) => [`ADDRESS${index + 1}`, addresses[index]!])),
    ...secretsFor('SUPERUSER', 'REPLICATION', 'REWIND', 'TOUCHSTONE'),
    CLIENTS: '127.0.0.0/8',
    NODES: '127.0.0.0/8',
    BIN: programs(),
    PROXY: proxy,
  };
  const as = databaseUser();
  const nodes = names.map((name, index) =>
    createNode({ folder: join(folder, name), name, address: addresses[index]!, proxy, authority, values, as }),
  );
  const configFile = join(folder, 'haproxy.cfg');
  writeSecret(configFile, fillTemplate('haproxy.cfg', { ...values, FILES: folder }));
  const haproxy = createProgram({
    command: '/usr/sbin/haproxy',
    args: ['-db', '-f', configFile],
    env: {},
    cwd: folder,
    logFile: join(folder, 'haproxy.log'),
  });
  return { nodes, haproxy, proxy, authority, client: createTlsFiles(folder, 'touchstone', authority), values };
}

interface NodeOptions {
  readonly folder: string;
  readonly name: string;
  readonly address: string;
  readonly proxy: string;
  readonly authority: TlsFiles;
  readonly values: Values;
  readonly as: Identity | undefined;
}

function createNode({ folder, name, address, proxy, authority, values, as }: NodeOptions): Node {
  const state = join(folder, 'state');
  for (const one of [folder, state, join(state, 'etcd')]) mkdirSync(one, { mode: 0o700 });
  // Servers know the address of HAProxy only, so it is what every node's certificate is also for.
  // On one machine whoever connects comes from 127.0.0.1, and etcd looks where its peers come from.
  createTlsFiles(folder, 'node', authority, [address, proxy, '127.0.0.1']);
  copyFileSync(authority.certFile, join(folder, 'ca.crt'));
  const own = { ...values, NODE: name, ADDRESS: address, FILES: folder, STATE: state };
  const patroniFile = join(folder, 'patroni.yml');
  writeSecret(patroniFile, fillTemplate('patroni.yml', own));
  if (as !== undefined) {
    for (const file of ['', 'state', 'state/etcd', 'node.crt', 'node.key', 'ca.crt', 'patroni.yml']) {
      chownSync(join(folder, file), as.uid, as.gid);
    }
  }
  const program = (command: string, args: readonly string[], env: NodeJS.Dict<string>): Running =>
    createProgram({
      command,
      args,
      env: { PATH: `${values['BIN']}:/usr/sbin:/usr/bin:/bin`, HOME: state, LC_ALL: 'C.UTF-8', ...env },
      cwd: state,
      logFile: join(`${folder}.${command}.log`),
      as,
    });
  return {
    name,
    address,
    etcd: program('etcd', [], parseEnv(fillTemplate('etcd.env', own))),
    patroni: program('patroni', [patroniFile], {}),
    pid: () => {
      const file = join(state, 'data', 'postmaster.pid');
      return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n', 1)[0]) : undefined;
    },
  };
}

function secretsFor(...roles: readonly string[]): Values {
  return Object.fromEntries(roles.map((role) => [`${role}_PASSWORD`, randomBytes(12).toString('hex')]));
}

/** The whole of 127/8 is this machine, so the files keep the ports that they have in production. */
async function freeAddresses(count: number): Promise<readonly string[]> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const start = `127.${randomInt(1, 255)}.${randomInt(1, 255)}`;
    const addresses = Array.from({ length: count }, (_, index) => `${start}.${index + 1}`);
    const taken = await Promise.all(
      addresses.flatMap((host) => [5432, 8008, 2379, 2380].map((port) => isTaken(host, port))),
    );
    if (!taken.includes(true)) return addresses;
  }
  throw new TypeError('no loopback address has its ports 5432, 8008, 2379 and 2380 free');
}

function isTaken(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}

/** Where Debian keeps the programs of PostgreSQL, of its newest version. */
function programs(): string {
  const folder = '/usr/lib/postgresql';
  const newest = Math.max(...readdirSync(folder).map(Number).filter(Number.isFinite));
  return join(folder, String(newest), 'bin');
}
