// A server as a process of its own over a data directory, so that it can be killed, and starved of disk.
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createApiClient, type ApiClient, type Prove } from '../../src/api/index.ts';
import { initDataDirectory } from '../../src/server/index.ts';
import { loader, programFile } from './program.ts';
import type { TestServer } from './test-server.ts';

const script = join(import.meta.dirname, 'serve.mjs');

export interface ServerProcess {
  readonly dataDirectory: string;
  readonly token: string;
  /** Starts, or starts again. With `fileKiB` no file of the process can grow beyond that, with `openFiles` it has no more at once; its log goes to the file descriptor `stderr`, or to a
   * socket that nobody reads. */
  start(limits?: {
    readonly fileKiB?: number;
    readonly openFiles?: number;
    readonly stderr?: number | 'unread';
  }): Promise<void>;
  /** Lets its files grow again, without a start. */
  giveRoom(): void;
  readonly pid: number;
  readonly url: string;
  /** Empty where admission has no address of its own. */
  readonly admissionUrl: string;
  /** Lets its disk fail whenever something is written out. Resolves with the exit status. */
  failDisk(): Promise<number | null>;
  /** Puts its clock forward, from the next moment on; it stays so when it starts again. */
  advance(seconds: number): void;
  /** Resolves with the exit status. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
  client(bearer?: string, prove?: Prove): ApiClient;
  /** As much of a test server as a story needs. */
  world(): TestServer;
  /** Ends the process and removes its data. */
  remove(): Promise<void>;
}

export async function createServerProcess(
  settings: { readonly storage?: string; readonly [name: string]: unknown } = {},
): Promise<ServerProcess> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'touchstone-process-'));
  const { storage } = settings;
  const place = storage === undefined ? {} : { storage };
  const { operatorToken: token } = await initDataDirectory(dataDirectory, { serverId: 'test.example', ...place });
  const clients: ApiClient[] = [];
  let child: ChildProcess | undefined;
  let aheadSeconds = 0;
  let [url, admissionUrl] = ['', ''];
  const client = (bearer?: string, prove?: Prove): ApiClient => {
    const proven = prove === undefined ? {} : { prove };
    const made = createApiClient({ baseUrl: url, ...(bearer === undefined ? {} : { token: bearer }), ...proven });
    clients.push(made);
    return made;
  };
  const end = async (signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null> => {
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exit = once(child, 'exit') as Promise<[number | null]>;
    child.kill(signal);
    return (await exit)[0];
  };
  return {
    dataDirectory,
    token,
    start: async ({ fileKiB, openFiles, stderr = 2 } = {}) => {
      const limit = fileKiB === undefined ? 'unlimited' : String(fileKiB);
      // The shell becomes node: what is killed is the server itself.
      const files = openFiles === undefined ? '' : `ulimit -n ${openFiles}; `;
      const command = `ulimit -S -f ${limit}; ${files}exec "$@"`;
      const args = [
        '-c',
        command,
        'sh',
        process.execPath,
        ...loader,
        script,
        programFile('server/index'),
        dataDirectory,
        JSON.stringify(settings),
        String(aheadSeconds),
      ];
      child = spawn('bash', args, { stdio: ['pipe', 'pipe', stderr === 'unread' ? 'pipe' : stderr] });
      const line = once(createInterface({ input: child.stdout! }), 'line') as Promise<[string]>;
      const dead = once(child, 'exit').then(() => assert.fail('the server ended before it listened'));
      [url = '', admissionUrl = ''] = (await Promise.race([line, dead]))[0].split(' ');
    },
    giveRoom: () => void execFileSync('prlimit', ['--pid', String(child?.pid), '--fsize=unlimited']),
    get pid() {
      return child?.pid ?? 0;
    },
    get url() {
      return url;
    },
    get admissionUrl() {
      return admissionUrl;
    },
    failDisk: async () => {
      const exit = once(child!, 'exit') as Promise<[number | null]>;
      child!.stdin!.write('fail\n');
      return (await exit)[0];
    },
    advance: (seconds) => {
      aheadSeconds += seconds;
      child?.stdin?.write(`${seconds}\n`);
    },
    end,
    client,
    world: () => ({ operator: client(token), client }) as unknown as TestServer,
    remove: async () => {
      clients.forEach((one) => one.close());
      await end('SIGKILL');
      rmSync(dataDirectory, { recursive: true, force: true });
    },
  };
}
