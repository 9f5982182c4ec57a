// A server as a process of its own, whose log is a pipe that somebody should read.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, readSync, rmSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 16 });

/** Each makes a line of some 500 bytes. */
async function askAt(base: string, times: number): Promise<void> {
  const one = () =>
    new Promise<number | undefined>((resolve, reject) => {
      const url = `${base}/v1/${'x'.repeat(250)}`;
      const request = get(url, { agent, timeout: 60_000 }, (response) =>
        response.resume().once('end', () => resolve(response.statusCode)),
      );
      request.once('timeout', () => request.destroy(new Error('no answer'))).once('error', reject);
    });
  const answers = await Promise.all(Array.from({ length: times }, one));
  assert.deepEqual([...new Set(answers)], [404]);
}

describe('the log of a server', function () {
  this.timeout(120_000);
  const { O_RDONLY, O_WRONLY, O_NONBLOCK } = constants;
  let directory: string;
  let fifo: string;
  let reader: number | undefined;
  let server: ServerProcess;
  const open = (): void => void (reader = openSync(fifo, O_RDONLY | O_NONBLOCK));
  const leave = (): void => {
    if (reader !== undefined) closeSync(reader);
    reader = undefined;
  };
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), 'touchstone-log-'));
    fifo = join(directory, 'log');
    execFileSync('mkfifo', [fifo]);
    server = await createServerProcess({ log: { level: 'info' } });
  });
  beforeEach(async () => {
    open();
    const stderr = openSync(fifo, O_WRONLY);
    await server.start({ stderr });
    closeSync(stderr);
  });
  afterEach(async () => {
    await server.end('SIGKILL');
    leave();
  });
  after(async () => {
    await server.remove();
    rmSync(directory, { recursive: true });
  });

  const ask = (times: number): Promise<void> => askAt(server.url, times);
  const lost = async (): Promise<number> => {
    const headers = { authorization: `Bearer ${server.token}` };
    const text = await (await fetch(`${server.url}/metrics`, { headers })).text();
    return Number(/^touchstone_log_lines_lost_total (\d+)$/m.exec(text)?.[1]);
  };
  /** What is in the pipe, until nothing comes for a while. */
  const read = async (): Promise<string[]> => {
    const buffer = Buffer.alloc(65_536);
    let [text, quiet] = ['', 0];
    while (quiet < 20) {
      try {
        const length = readSync(reader!, buffer);
        text += buffer.toString('utf8', 0, length);
        if (length > 0) quiet = 0;
      } catch (error) {
        assert.equal((error as NodeJS.ErrnoException).code, 'EAGAIN');
      }
      quiet += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return text.split('\n').filter((line) => line !== '');
  };

  it('keeps nobody from an answer, nor the server from its end, when its reader hangs', async () => {
    await ask(4000);
    assert.ok((await lost()) > 0);
    assert.equal(await server.end('SIGTERM'), 0);
  });

  it('goes on when its reader does, and says how many lines are missing', async () => {
    await ask(4000);
    const missing = await lost();
    const kept = await read();
    await ask(1);
    const all = [...kept, ...(await read())].map((line) => JSON.parse(line) as { event?: string; lines?: number });
    const notice = all.find(({ event }) => event === 'log.lost');
    // Beside the requests there is the one for the metrics.
    assert.ok(missing <= (notice?.lines ?? 0));
    assert.equal(all.length - 1 + (notice?.lines ?? 0), 4002);
  });

  it('is lost, and counted, while nobody has it open, and whoever opens it is told', async () => {
    leave();
    await ask(500);
    assert.equal(await lost(), 500);
    open();
    await ask(1);
    const [notice = '', ...next] = await read();
    assert.match(notice, /"event":"log.lost","lines":50[01]\b/);
    assert.match(next.at(-1) ?? '', /REQUEST_ROUTE_UNKNOWN/);
    assert.equal(await server.end('SIGTERM'), 0);
  });
});

describe('the log of several processes', function () {
  this.timeout(120_000);
  let server: ServerProcess;
  before(async () => {
    server = await createServerProcess({ log: { level: 'info' }, admission: { listen: { port: 0 } } });
    await server.start({ stderr: 'unread' });
  });
  after(() => server.remove());

  it('keeps none of them from an answer when nobody reads the socket that they share, whoever of them ends', async () => {
    await askAt(server.url, 2000);
    await askAt(server.admissionUrl, 2000);
    const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
    assert.equal(children.length, 2);
    process.kill(Number(children[1]), 'SIGKILL');
    await askAt(server.url, 2000);
    assert.equal(await server.end('SIGTERM'), 0);
  });
});
