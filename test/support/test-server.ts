// A whole server over a data directory of its own, with a clock that only tests move.
import { readFileSync, rmSync } from 'node:fs';
import { createApiClient, type ApiClient, type Prove } from '../../src/api/index.ts';
import {
  checkConfig,
  initDataDirectory,
  loadConfig,
  startServer,
  type RunningServer,
  type ServerConfig,
  type StartOptions,
} from '../../src/server/index.ts';
import { makeQuickFolder } from './quick-folder.ts';

export const testStart = new Date('2026-11-25T12:00:00Z');

export type TokenRole = 'joiner' | 'orchestrator' | 'operator' | 'auditor' | 'monitor';

export interface TestServer {
  readonly url: string;
  readonly dataDirectory: string;
  readonly config: ServerConfig;
  readonly operatorToken: string;
  readonly operator: ApiClient;
  readonly running: RunningServer;
  now(): Date;
  advance(seconds: number): void;
  client(token?: string, prove?: Prove): ApiClient;
  token(role: TokenRole): Promise<string>;
  /** Stops and starts over the same data directory; the clock goes on. `meanwhile` is done between. */
  restart(options?: StartOptions, meanwhile?: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface TestServerOptions {
  /** On top of `serverId`, an ephemeral port and a silent log. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly start?: StartOptions;
  /** URL of an empty PostgreSQL; SQLite in its data directory unless told. */
  readonly storage?: string | undefined;
  /** Reads touchstone.yaml of the data directory at each start, as the command line does; `settings` are not used. */
  readonly fromFile?: boolean;
  /** PEM file of the authority that its clients trust, where `settings` name a certificate. */
  readonly ca?: string;
  /** Where the clock stands at first: `testStart`, but the real time where a software TPM's own certificates are checked. */
  readonly at?: Date;
}

export async function startTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const dataDirectory = makeQuickFolder('touchstone-test-');
  const at = options.at ?? testStart;
  const { storage } = options;
  const place = storage === undefined ? {} : { storage };
  const { operatorToken } = await initDataDirectory(dataDirectory, { serverId: 'test.example', now: at, ...place });
  const configOf = (): ServerConfig => {
    const own = { listen: { host: '127.0.0.1', port: 0 }, log: { level: 'silent' } } as const;
    if (options.fromFile === true) return { ...loadConfig(dataDirectory), ...own };
    return checkConfig({ serverId: 'test.example', ...own, ...place, ...options.settings }, dataDirectory);
  };
  let time = at.getTime();
  const now = (): Date => new Date(time);
  const start = (more: StartOptions = {}) =>
    startServer(configOf(), { now, announce: () => undefined, ...options.start, ...more });
  let running = await start();
  const clients: ApiClient[] = [];
  const client = (token?: string, prove?: Prove): ApiClient => {
    const ca = options.ca === undefined ? {} : { ca: readFileSync(options.ca, 'utf8') };
    const credentials = { ...ca, ...(token === undefined ? {} : { token }), ...(prove === undefined ? {} : { prove }) };
    const made = createApiClient({ baseUrl: running.url, ...credentials });
    clients.push(made);
    return made;
  };
  const closeClients = (): void => clients.splice(0).forEach((one) => one.close());
  let operator = client(operatorToken);
  return {
    get url() {
      return running.url;
    },
    get operator() {
      return operator;
    },
    get running() {
      return running;
    },
    dataDirectory,
    get config() {
      return configOf();
    },
    operatorToken,
    now,
    advance: (seconds) => {
      time += seconds * 1000;
    },
    client,
    token: async (role) => (await operator.call('createToken', { body: { name: `test ${role}`, role } })).token,
    restart: async (more, meanwhile) => {
      closeClients();
      await running.close(0);
      await meanwhile?.();
      running = await start(more);
      operator = client(operatorToken);
    },
    close: async () => {
      closeClients();
      await running.close(0);
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
