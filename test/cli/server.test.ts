import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig, startServer } from '../../src/server/index.ts';
import { touchstone } from '../support/program.ts';
import { cli, cliJson } from './cli-run.ts';

describe('touchstone server', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'touchstone-server-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const data = () => join(folder, 'data');
  const init = (...more: string[]) =>
    cliJson(['server', 'init', '--data', data(), '--server-id', 'test.example', ...more]);

  it('init makes a private data directory, shows the operator token once, and never overwrites', async () => {
    const { document, status } = await init();
    assert.equal(status, 0);
    assert.match(String(document['operatorToken']), /\S{20,}/);
    assert.equal(statSync(data()).mode & 0o777, 0o700);
    const again = await init();
    assert.equal(again.status, 1);
    assert.equal(again.document['code'], 'DATA_DIRECTORY_EXISTS');
  });

  it('init writes the token to a file that only its owner can read, and then does not show it', async () => {
    const file = join(folder, 'operator.token');
    const { stdout } = await init('--token-file', file);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!stdout.includes(readFileSync(file, 'utf8').trim()));
  });

  it('init does not begin when the token file exists already', async () => {
    const file = join(folder, 'operator.token');
    await init('--token-file', file);
    rmSync(data(), { recursive: true });
    const { document } = await init('--token-file', file);
    assert.equal(document['code'], 'CLI_FILE_EXISTS');
    assert.equal(existsSync(data()), false);
  });

  it('init writes the token into the very directory, too', async () => {
    const { status, document } = await init('--token-file', join(data(), 'operator.token'));
    assert.deepEqual([status, document['operatorTokenFile']], [0, join(data(), 'operator.token')]);
    assert.equal(statSync(join(data(), 'operator.token')).mode & 0o777, 0o600);
  });

  it('init makes nothing where the token could not be written, and leaves no file where nothing was made', async () => {
    const { document } = await init('--token-file', '/proc/operator.token');
    assert.equal(document['code'], 'CLI_FILE_UNWRITABLE');
    assert.ok(!existsSync(data()));
    const file = join(folder, 'operator.token');
    assert.equal((await init('--token-file', file, '--server-id', 'a b')).document['code'], 'CONFIG_INVALID');
    assert.ok(!existsSync(file));
  });

  it('init names the database that it does not reach, and speaks of no request', async () => {
    const { document, status } = await init('--storage', 'postgres://touchstone@127.0.0.1:1/fleet?sslmode=disable');
    assert.deepEqual([status, document['code']], [1, 'STORAGE_UNREACHABLE']);
    assert.equal(document['message'], 'PostgreSQL: ECONNREFUSED (database fleet at 127.0.0.1, port 1)');
    assert.match(String(document['remedy']), /^Check host and port of `storage`.*run the command again\.$/);
  });

  it('operator makes a token where every one is lost, beside no server, and says so in the audit log', async () => {
    await init();
    const file = join(folder, 'again.token');
    const operator = ['server', 'operator', '--data', data(), '--token-file', file, '--name', 'ada'];
    const { stdout, status } = await cli(operator, {});
    assert.equal(status, 0, stdout);
    const token = readFileSync(file, 'utf8').trim();
    assert.deepEqual([statSync(file).mode & 0o777, stdout.includes(token)], [0o600, false]);
    assert.equal((await cliJson(operator)).document['code'], 'CLI_FILE_EXISTS');
    const announce = (): void => undefined;
    const config = { ...loadConfig(data()), listen: { host: '127.0.0.1', port: 0 }, log: { level: 'silent' } } as const;
    const running = await startServer(config, { announce });
    try {
      const world = { env: { TOUCHSTONE_SERVER: running.url, TOUCHSTONE_TOKEN: token } };
      const { items } = (await cliJson(['token', 'list'], world)).document as {
        items: { name: string; role: string }[];
      };
      assert.deepEqual(items.map(({ name, role }) => `${name}: ${role}`).sort(), [
        'ada: operator',
        'first operator: operator',
      ]);
      const actors = (await cli(['events', '--json'], world)).stdout;
      assert.match(actors, /server operator/);
      const beside = [...operator.slice(0, 5), join(folder, 'beside.token')];
      assert.equal((await cliJson(beside)).document['code'], 'DATA_DIRECTORY_LOCKED');
      assert.equal(existsSync(join(folder, 'beside.token')), false);
    } finally {
      await running.close();
    }
  });

  it('doctor names what is missing, and ends with 0 while nothing is wrong', async () => {
    await init();
    // The real time: it is compared with when the program was installed.
    const { stdout, status } = await cli(['server', 'doctor', '--data', data()], { now: () => new Date() });
    assert.match(stdout, /note +policies +no policy: every host is denied/);
    assert.equal(status, 0, stdout);
  });

  it('doctor ends with 1 when there is no server in the folder', async () => {
    const { document, status } = await cliJson(['server', 'doctor', '--data', data()]);
    assert.equal(status, 1);
    assert.equal(document['code'], 'CLI_DOCTOR_PROBLEMS');
  });

  it('start and doctor refuse a database that is cut off, with exit 1, and leave it as it is', async () => {
    await init();
    const database = join(data(), 'touchstone.db');
    for (const length of [0, 100, 4096]) {
      truncateSync(database, 8192);
      truncateSync(database, length);
      const before = readFileSync(database);
      const { document, status } = await cliJson(['server', 'start', '--data', data()]);
      assert.deepEqual([status, document['code']], [1, 'STORAGE_DAMAGED']);
      assert.match(String(document['remedy']), /backup/);
      const looked = await cli(['server', 'doctor', '--data', data()]);
      assert.equal(looked.status, 1);
      assert.match(looked.stdout, /wrong +store +STORAGE_DAMAGED/);
      assert.deepEqual(readFileSync(database), before);
    }
  });

  it('start refuses a folder that is no data directory', async () => {
    const { document, status } = await cliJson(['server', 'start', '--data', data()]);
    assert.equal(status, 1);
    assert.equal(document['code'], 'CONFIG_NOT_FOUND');
  });

  it('start prints one line, serves, and ends in order with 0 on SIGTERM', async () => {
    await init('--listen', '127.0.0.1:0');
    const args = [...touchstone, 'server', 'start', '--data', data(), '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
    const lines: string[] = [];
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        lines.push(line);
        resolve();
      });
    });
    const { url } = JSON.parse(lines[0] ?? '') as { url: string };
    assert.equal((await fetch(`${url}/healthz`)).status, 200);
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
    assert.equal(lines.length, 1);
  });
});
