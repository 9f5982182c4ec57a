// Readers that go away: `touchstone ... | head`, a log that nobody reads any more. No refusal becomes a success by it, and no
// server ends by it.
import assert from 'node:assert/strict';
import { execFileSync, spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { initDataDirectory } from '../../src/server/index.ts';
import { touchstone } from '../support/program.ts';

const root = join(import.meta.dirname, '../..');
const lab = 'test/fixtures/lab/boot';

function start(args: readonly string[], stdio: SpawnOptions['stdio']): ChildProcess {
  return spawn(process.execPath, [...touchstone, ...args], { cwd: root, stdio });
}

async function statusOf(child: ChildProcess): Promise<number | null> {
  const [status] = (await once(child, 'exit')) as [number | null];
  return status;
}

describe('a reader that goes away', () => {
  const refusals = {
    'a quote for another nonce': ['verify', 'quote', '--attest', `${lab}/sb-on/quote/quote_rsa.msg`]
      .concat(['--signature', `${lab}/sb-on/quote/quote_rsa.sig`, '--public', 'test/fixtures/lab/tpm-quote/ak_rsa.pub'])
      .concat(['--nonce', '00ff']),
    'a file that is no quote': ['inspect', 'quote', 'package.json'],
  };
  for (const [what, args] of Object.entries(refusals)) {
    for (const json of [[], ['--json']]) {
      it(`leaves ${what} refused${json.length > 0 ? ', as JSON' : ''}: exit status 1`, async () => {
        const child = start([...args, ...json], ['ignore', 'pipe', 'pipe']);
        child.stdout?.destroy();
        child.stderr?.destroy();
        assert.equal(await statusOf(child), 1);
      });
    }
  }

  it('leaves a refusal its exit status in a shell: `touchstone ... | head -n 0`', async () => {
    const script = '"$@" inspect quote package.json | head -n 0; exit "${PIPESTATUS[0]}"';
    const args = ['-c', script, 'bash', process.execPath, ...touchstone];
    assert.equal(await statusOf(spawn('bash', args, { cwd: root, stdio: 'ignore' })), 1);
  });

  it('leaves nothing of a demonstration behind: `touchstone demo | head -n 1`', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-pipe-'));
    try {
      const env = { ...process.env, TMPDIR: folder };
      const child = spawn(process.execPath, [...touchstone, 'demo', '--simulated'], { cwd: root, env, stdio: ['ignore', 'pipe', 'ignore'] }); // prettier-ignore
      child.stdout.destroy();
      assert.equal(await statusOf(child), 1);
      assert.deepEqual(
        readdirSync(folder).filter((name) => name.startsWith('touchstone')),
        [],
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('that hangs keeps no server that could not start from its end', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-pipe-'));
    execFileSync('mkfifo', [join(folder, 'log')]);
    const log = openSync(join(folder, 'log'), constants.O_RDWR | constants.O_NONBLOCK);
    try {
      assert.throws(() => {
        for (;;) writeSync(log, 'x');
      }, /EAGAIN/);
      const child = start(['server', 'start', '--data', join(folder, 'missing')], ['ignore', 'ignore', log]);
      assert.equal(await statusOf(child), 1);
    } finally {
      closeSync(log);
      rmSync(folder, { recursive: true });
    }
  });

  it('does not end a server whose log nobody reads any more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'touchstone-pipe-'));
    await initDataDirectory(join(folder, 'data'), { serverId: 'pipe.example', listen: { port: 0 } });
    const child = start(['server', 'start', '--data', join(folder, 'data')], ['ignore', 'pipe', 'pipe']);
    try {
      const [banner] = (await once(child.stderr!, 'data')) as [Buffer];
      const url = /http:\/\/\S+/.exec(banner.toString())?.[0] ?? '';
      child.stderr?.destroy();
      child.stdout?.destroy();
      for (let round = 0; round < 3; round += 1) assert.equal((await fetch(`${url}/healthz`)).status, 200);
      child.kill('SIGTERM');
      assert.equal(await statusOf(child), 0);
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});
