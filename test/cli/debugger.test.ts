// SIGUSR1, at which Node.js opens its debugger: through that, whoever can dial the machine's own address would run what they like in the
// server, with its keys. Many a daemon reads its log or its configuration anew at it, so it is sent by habit.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { createInterface } from 'node:readline';
import { initDataDirectory } from '../../src/server/index.ts';
import { touchstone } from '../support/program.ts';

const root = join(import.meta.dirname, '../..');

describe('SIGUSR1', () => {
  it('opens no debugger in a server, nor in the processes that it starts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-debugger-'));
    const data = join(folder, 'data');
    await initDataDirectory(data, { serverId: 'test.example', listen: { host: '127.0.0.1', port: 0 } });
    appendFileSync(join(data, 'touchstone.yaml'), 'admission: { listen: { host: 127.0.0.1, port: 0 } }\n');
    const args = [...touchstone, 'server', 'start', '--data', data, '--json'];
    const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const exit = once(server, 'exit');
    let said = '';
    server.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
    try {
      const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
      const { url, admissionUrl } = JSON.parse(line) as { readonly url: string; readonly admissionUrl: string };
      const children = readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, 'utf8').trim().split(' ');
      assert.equal(children.length, 2);
      for (const pid of [server.pid, ...children]) process.kill(Number(pid), 'SIGUSR1');
      for (let round = 0; round < 5; round += 1)
        for (const each of [url, admissionUrl]) assert.equal((await fetch(`${each}/healthz`)).status, 200);
    } finally {
      server.kill('SIGTERM');
      assert.deepEqual(await exit, [0, null]);
      rmSync(folder, { recursive: true });
    }
    assert.doesNotMatch(said, /debugger/i);
  });

  it('is heard by every program that Touchstone starts', () => {
    const programs = [
      'cli/main',
      'server/workers/worker',
      'server/fleet/walk-process',
      'server/keys/pkcs11/key-process',
    ];
    for (const program of programs)
      assert.match(readFileSync(join(root, `src/${program}.ts`), 'utf8'), /^process\.on\('SIGUSR1'/m, program);
  });
});
