// Real-time scheduling for the process of admission, as the kernel tells it.
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { takeRealtime } from '../../../src/server/workers/realtime.ts';
import { policiesOf } from '../../support/scheduling.ts';

describe('real-time scheduling', () => {
  let child: ChildProcess;
  let pid: number;
  beforeEach(() => {
    child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { stdio: 'ignore' });
    pid = child.pid ?? 0;
  });
  afterEach(() => child.kill('SIGKILL'));

  it('is had by every thread, or what keeps it away is said', async () => {
    const isAllowed = spawnSync('chrt', ['--rr', '1', 'true']).status === 0;
    const shortcomings = await takeRealtime('chrt', pid);
    if (isAllowed) assert.deepEqual([shortcomings, policiesOf(pid)], [[], ['round-robin']]);
    else assert.match(shortcomings[0]?.message ?? '', /Operation not permitted/);
  });

  it('is refused in the words of the program that asked for it, and all goes on as before', async () => {
    const nobody = 2 ** 22 + 1;
    const [refused] = await takeRealtime('chrt', nobody);
    assert.match(refused?.message ?? '', /^admission has no real-time scheduling .+: chrt: .*No such/);
    assert.deepEqual([refused?.ok, refused?.severity], [false, 'warning']);
  });

  it('is missing where the program is', async () => {
    const [missing] = await takeRealtime('/nowhere/chrt', pid);
    assert.match(missing?.message ?? '', /ENOENT/);
    assert.match(missing?.remedy ?? '', /LimitRTPRIO=1/);
    assert.deepEqual(policiesOf(pid), ['ordinary']);
  });
});
