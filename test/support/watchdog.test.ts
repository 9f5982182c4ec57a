import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(args: readonly string[]): Promise<Ended> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [out, err] = [child.stdout, child.stderr].map((stream) => stream.setEncoding('utf8').toArray());
  const [status, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return { status, signal, stdout: ((await out) as string[]).join(''), stderr: ((await err) as string[]).join('') };
}

describe('the watchdog of tests', () => {
  /** A process that is watched, says which test it is in, and then does that. */
  const stand = (script: string, secondsStill = 2): Promise<Ended> => {
    const watched = `
      import { spawnSync } from 'node:child_process';
      import { watchOver } from ${JSON.stringify(join(import.meta.dirname, 'watch-over.mjs'))};
      const stop = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
      watchOver({ secondsStill: ${secondsStill}, secondsWithoutTest: 5 })('a.test.ts: a test');
      setTimeout(() => { ${script} }, 200);`;
    return run(['--input-type=module', '-e', watched]);
  };
  // All at once: they wait most of the time.
  const waits = `
    const { signal } = spawnSync('sh', ['-c', 'sleep 1000; true']);
    console.log(signal);
    process.exit(3);`;
  let ends: Readonly<Record<'waiting' | 'still' | 'exiting' | 'alive' | 'well', Promise<Ended>>>;
  before(() => {
    ends = {
      waiting: stand(waits),
      still: stand('stop();'),
      exiting: stand("process.once('exit', stop); process.exit(0);"),
      alive: stand('setInterval(() => undefined, 1000);', 3),
      well: stand('setTimeout(() => process.exit(0), 4000);', 4),
    };
  });

  it('ends the child that a process waits for, which goes on, and says where it was', async () => {
    const { status, stdout, stderr } = await ends.waiting;
    assert.deepEqual([status, stdout], [3, 'SIGKILL\n']);
    assert.match(stderr, /^\nA process of tests stood still for too long, in a\.test\.ts: a test\n {2}its state: S /);
    assert.match(stderr, /below it, and ended now: 2\n {2}\d+ sh -c sleep 1000; true *\n {2}\d+ sleep 1000 *\n$/);
  });

  it('ends a process that waits for nobody', async () => {
    const { signal, stderr } = await ends.still;
    assert.equal(signal, 'SIGKILL');
    assert.match(stderr, /in a\.test\.ts: a test\n.* ended now: 0\n$/);
  });

  it('ends a process that is stuck in its exit', async () => {
    const { signal, stderr } = await ends.exiting;
    assert.equal(signal, 'SIGKILL');
    assert.match(stderr, /stood still for too long, in its exit\n/);
  });

  it('ends a process in which no test begins any more, although it lives', async () => {
    const { signal, stderr } = await ends.alive;
    assert.equal(signal, 'SIGKILL');
    assert.match(stderr, /began no test for too long, in a\.test\.ts: a test\n/);
  });

  it('says nothing of a process that goes on, and ends with it', async () => {
    assert.deepEqual(await ends.well, { status: 0, signal: null, stdout: '', stderr: '' });
  });
});

describe('the reporter of the gate', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'touchstone-reporter-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const report = async (files: Readonly<Record<string, string>>): Promise<Ended> => {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    const mocha = join(import.meta.dirname, '../../node_modules/mocha/bin/mocha.js');
    const reporter = join(import.meta.dirname, 'reporter.mjs');
    const options = ['--no-config', '--parallel', '--jobs', '2', '--reporter', reporter];
    return run([mocha, ...options, ...Object.keys(files).map((name) => join(folder, name))]);
  };
  const slow = "it('is slow', (done) => void setTimeout(done, 1500));";

  it('ends with the line that is read', async () => {
    const { status, stdout } = await report({ 'a.cjs': "it('is quick', () => undefined);", 'b.cjs': slow });
    assert.equal(status, 0);
    assert.match(stdout, /\n2 passed, 0 failed, 0 skipped\n$/);
  });

  it('fails, and says so, where a process died when it had nothing to run: the runner ends without a word', async () => {
    const dies = "it('is quick', () => void setTimeout(() => process.exit(0), 300));";
    const { status, stdout } = await report({ 'a.cjs': dies, 'b.cjs': slow });
    assert.equal(status, 1);
    assert.match(stdout, /A process of tests died with nothing to run.*\n\n2 passed, 1 failed, 0 skipped\n$/);
  });
});
