import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cpus } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { startStopwatch } from './stopwatch.ts';

/** Keeps this thread busy for so much of its own processor time. */
function work(ms: number): void {
  const begun = process.cpuUsage();
  for (let used = 0; used < ms;) {
    const { user, system } = process.cpuUsage(begun);
    used = (user + system) / 1000;
  }
}

describe('the stopwatch of tests', () => {
  it('counts what passes while nothing is done, and what is worked', () => {
    const elapsed = startStopwatch();
    // The thread itself waits: in a turn of the event loop it would have to come to a core in between.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
    const waited = elapsed();
    assert.ok(waited >= 190, `${waited} ms`);
    work(100);
    assert.ok(elapsed() - waited >= 50, `${elapsed()} ms`);
  });

  it('does not count the time without a core', async () => {
    // Few and for a moment: other tests run beside this one.
    const others = Array.from({ length: 2 * cpus().length }, () => spawn('sh', ['-c', 'while :; do :; done']));
    try {
      await Promise.all(others.map((one) => new Promise((resolve) => one.once('spawn', resolve))));
      await sleep(50);
      const [begun, elapsed] = [performance.now(), startStopwatch()];
      work(50);
      const [counted, passed] = [elapsed(), performance.now() - begun];
      assert.ok(counted < passed / 1.3, `${counted} of ${passed} ms`);
    } finally {
      for (const one of others) one.kill('SIGKILL');
    }
  });
});
