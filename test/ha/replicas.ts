// Three servers over one database, started as an operator starts them: the first one's data directory, copied.
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createApiClient, createTransport, type ApiClient, type Prove, type Transport } from '../../src/api/index.ts';
import type { PostgresConfig } from '../../src/server/config/storage-place.ts';
import { initDataDirectory } from '../../src/server/index.ts';
import { freePort } from '../support/free-port.ts';
import { until, type HaDatabase } from './database.ts';
import { createProgram, type Running } from './processes.ts';
import { writeSecret } from './templates.ts';

export interface Replica {
  readonly name: string;
  client(token?: string, prove?: Prove): ApiClient;
  isReady(): Promise<boolean>;
  /** How often it ended without being told to. */
  ends(): number;
  kill(): Promise<void>;
  /** As systemd does. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Replicas {
  readonly replicas: readonly Replica[];
  readonly operatorToken: string;
  readonly storage: PostgresConfig;
}

const command = join(import.meta.dirname, '../../src/cli/main.ts');
const serverId = 'ha.example';

export async function startReplicas(folder: string, { url, machines }: HaDatabase): Promise<Replicas> {
  const passwordFile = join(folder, 'touchstone.password');
  writeSecret(passwordFile, machines.values['TOUCHSTONE_PASSWORD']!);
  const { certFile, keyFile } = machines.client;
  const postgres = { passwordFile, caFile: machines.authority.certFile, certFile, keyFile };
  const places = ['replica1', 'replica2', 'replica3'].map((name) => join(folder, name));
  const ports = await Promise.all(places.map(freePort));
  const listen = { port: ports[0]! };
  const { operatorToken } = await initDataDirectory(places[0]!, { serverId, storage: url, postgres, listen });
  for (const [index, place] of places.entries()) {
    if (index > 0) cpSync(places[0]!, place, { recursive: true });
    const file = join(place, 'touchstone.yaml');
    writeFileSync(file, readFileSync(file, 'utf8').replace(`"port":${ports[0]}`, `"port":${ports[index]}`));
  }
  const replicas = places.map((place, index) => createReplica(place, ports[index]!));
  for (const replica of replicas) await replica.restart();
  return { replicas, operatorToken, storage: { url, ...postgres, connections: 2 } };
}

function createReplica(place: string, port: number): Replica {
  const logFile = `${place}.log`;
  const args = ['--import=tsx', command, 'server', 'start', '--data', place];
  const env = { PATH: process.env['PATH'] ?? '' };
  const running: Running = createProgram({
    command: process.execPath,
    args,
    env,
    cwd: join(command, '../../..'),
    logFile,
  });
  const transport: Transport = createTransport({ baseUrl: `http://127.0.0.1:${port}` });
  let ends = 0;
  let isWanted = false;
  const client = (token?: string, prove?: Prove): ApiClient =>
    createApiClient({
      baseUrl: `http://127.0.0.1:${port}`,
      transport,
      ...(token === undefined ? {} : { token }),
      ...(prove === undefined ? {} : { prove }),
    });
  const isReady = (): Promise<boolean> =>
    client()
      .call('getReadiness', {})
      .then(
        ({ remembered }) => remembered === undefined,
        () => false,
      );
  return {
    name: place.split('/').at(-1)!,
    client,
    isReady,
    ends: () => ends + (isWanted && !running.isRunning() ? 1 : 0),
    kill: async () => {
      isWanted = false;
      await running.end('SIGKILL');
    },
    restart: async () => {
      if (isWanted && !running.isRunning()) ends += 1;
      isWanted = true;
      running.start();
      await until(isReady, `a server does not become ready: ${logFile}`);
    },
    stop: async () => {
      isWanted = false;
      transport.close();
      await running.end('SIGTERM');
    },
  };
}
