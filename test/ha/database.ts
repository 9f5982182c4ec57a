// The highly available PostgreSQL of the documents, running: who leads it, how its primary is killed, and when it is whole again.
import { readFileSync } from 'node:fs';
import { request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createMachines, type Machines, type Node } from './nodes.ts';
import { killPrograms } from './processes.ts';
import { fillTemplate } from './templates.ts';

/** All that was started, at once: PostgreSQL outlives the Patroni that started it. */
function abandon({ nodes }: Machines): void {
  killPrograms();
  for (const { pid } of nodes) kill(pid(), 'SIGQUIT');
}

export interface HaDatabase {
  readonly url: string;
  readonly machines: Machines;
  /** Kills PostgreSQL of the primary; with `machine` its Patroni too. Resolves with the node's name. */
  killPrimary(machine: boolean): Promise<string>;
  /** Until there are a primary, a synchronous standby and another one, and HAProxy leads to the primary.
   * @throws TypeError after three minutes */
  whole(): Promise<void>;
  stop(): Promise<void>;
}

const longestMs = 180_000;

export async function startHaDatabase(folder: string): Promise<HaDatabase> {
  const machines = await createMachines(folder);
  const { nodes, haproxy, authority, proxy } = machines;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      abandon(machines);
      process.exit(1);
    });
  }
  const ca = readFileSync(authority.certFile);

  async function stop(): Promise<void> {
    await haproxy.end('SIGTERM');
    // Patroni, told to stop, stops its PostgreSQL.
    await Promise.all(nodes.map(({ patroni }) => patroni.end('SIGTERM')));
    for (const { pid } of nodes) kill(pid(), 'SIGQUIT');
    await Promise.all(nodes.map(({ etcd }) => etcd.end('SIGTERM')));
  }

  /** Whether the node's Patroni says yes to a question of load balancers. */
  function says({ address }: Node, path: 'primary' | 'replica' | 'sync'): Promise<boolean> {
    return new Promise((resolve) => {
      const asked = request(
        { host: address, port: 8008, path: `/${path}`, method: 'OPTIONS', ca, timeout: 2_000 },
        (answer) => {
          answer.resume();
          resolve(answer.statusCode === 200);
        },
      );
      asked.on('timeout', () => asked.destroy()).on('error', () => resolve(false));
      asked.end();
    });
  }

  async function count(path: 'primary' | 'replica' | 'sync'): Promise<number> {
    return (await Promise.all(nodes.map((node) => says(node, path)))).filter(Boolean).length;
  }

  async function isWhole(): Promise<boolean> {
    if ((await count('primary')) !== 1 || (await count('replica')) !== nodes.length - 1) return false;
    if ((await count('sync')) < 1) return false;
    return withSuperuser('postgres', () => Promise.resolve(true)).catch(() => false);
  }

  async function withSuperuser<Result>(
    database: string,
    work: (client: pg.Client) => Promise<Result>,
  ): Promise<Result> {
    const password = machines.values['SUPERUSER_PASSWORD']!;
    const client = new pg.Client({
      host: proxy,
      user: 'postgres',
      password,
      database,
      ssl: { ca },
      connectionTimeoutMillis: 3_000,
    });
    client.on('error', () => undefined);
    await client.connect();
    return work(client).finally(() => client.end());
  }

  async function whole(): Promise<void> {
    await until(isWhole, `the database is not whole; its logs are in ${folder}`);
  }

  try {
    nodes.forEach(({ etcd }) => etcd.start());
    // Patroni sleeps when its first look at etcd fails.
    await sleep(3_000);
    nodes.forEach(({ patroni }) => patroni.start());
    haproxy.start();
    await whole();
    await withSuperuser('postgres', async (client) => {
      for (const statement of statements(fillTemplate('create-database.sql', machines.values)))
        await client.query(statement);
    });
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `postgres://touchstone@${proxy}:5432/touchstone?sslmode=verify-full`,
    machines,
    killPrimary: async (machine) => {
      const leading = await Promise.all(nodes.map((node) => says(node, 'primary')));
      const primary = nodes[leading.indexOf(true)];
      if (primary === undefined) throw new TypeError('there is no primary to kill');
      if (machine) await primary.patroni.end('SIGKILL');
      kill(primary.pid(), 'SIGKILL');
      return primary.name;
    },
    whole: async () => {
      nodes.forEach(({ patroni }) => patroni.start());
      await whole();
    },
    stop,
  };
}

function statements(text: string): readonly string[] {
  const parts = text.replace(/^--.*$/gm, '').split(';');
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function kill(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}

export async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = Date.now() + longestMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new TypeError(otherwise);
    await sleep(500);
  }
}
