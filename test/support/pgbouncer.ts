// A real PgBouncer before a database of the tests.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { untilListening } from './until-listening.ts';

export interface PgBouncer {
  /** The same database, through it. */
  readonly url: string;
  stop(): Promise<void>;
}

/** Whether it can keep prepared statements in transaction mode. */
export function keepsStatements(): boolean {
  const [, major, minor] =
    /PgBouncer (\d+)\.(\d+)/.exec(execFileSync('pgbouncer', ['--version'], { encoding: 'utf8' })) ?? [];
  return Number(major) > 1 || Number(minor) >= 21;
}

/** What a server needs of it, beside the mode. */
const ignored =
  'ignore_startup_parameters = statement_timeout, lock_timeout, idle_in_transaction_session_timeout, options';

/** `url`: of a database that is reached by a socket. `settings`: lines of its section. */
export async function startPgBouncer(url: string, ...settings: readonly string[]): Promise<PgBouncer> {
  const to = new URL(url);
  const database = to.pathname.slice(1);
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-pgbouncer-'));
  chmodSync(folder, 0o755);
  const [port, file] = [await freePort(), join(folder, 'pgbouncer.ini')];
  const lines = [
    '[databases]',
    `${database} = host=${to.searchParams.get('host')} port=${to.port} dbname=${database} user=${to.username}`,
    '[pgbouncer]',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    ...settings,
  ];
  writeFileSync(file, `${lines.join('\n')}\n`);
  // It refuses to run as root.
  const [program, args] =
    process.getuid?.() === 0 ? ['runuser', ['-u', 'nobody', '--', 'pgbouncer']] : ['pgbouncer', []];
  const child = spawn(program, [...args, '--quiet', file], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  await untilListening(port);
  return {
    url: `postgres://${to.username}@127.0.0.1:${port}/${database}`,
    stop: async () => {
      child.kill('SIGTERM');
      await exit;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export const inSessions = ['pool_mode = session', ignored] as const;
/** As it comes before release 1.24: prepared statements belong to whichever connection it gave. */
export const inTransactions = [
  'pool_mode = transaction',
  ignored,
  ...(keepsStatements() ? ['max_prepared_statements = 0'] : []),
] as const;
