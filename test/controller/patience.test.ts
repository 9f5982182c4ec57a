import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { ApiProblem } from '../../src/api/index.ts';
import { ControllerError } from '../../src/controller/errors.ts';
import {
  backOff,
  createBell,
  createPace,
  orAborted,
  pauseAskedFor,
  pauseUnlessWaited,
} from '../../src/controller/patience.ts';

const { signal } = new AbortController();

/** A clock that stands until somebody sleeps, and then is later at once. */
function createSleeper() {
  let now = 0;
  return {
    monotonic: () => now,
    sleep: (milliseconds: number) => {
      now += milliseconds;
      return Promise.resolve();
    },
  };
}

describe('the pace of a controller', () => {
  it('lets permits through one after the other, and what is urgent at once', async () => {
    const clock = createSleeper();
    const pace = createPace(2, clock);
    for (const at of [0, 500, 1000]) {
      await pace.next(signal);
      assert.equal(clock.monotonic(), at);
      await pace.urgent(signal);
      assert.equal(clock.monotonic(), at);
    }
  });

  it('holds both as long as a pause was asked for', async () => {
    const clock = createSleeper();
    const pace = createPace(2, clock);
    pace.pause(3000);
    pace.pause(100);
    await pace.urgent(signal);
    assert.equal(clock.monotonic(), 3000);
    pace.pause(3000);
    await pace.next(signal);
    assert.equal(clock.monotonic(), 6000);
  });
});

const problem = (retryAfterSeconds?: number) =>
  new ApiProblem(
    { type: 'about:blank', title: 'busy', status: 503, instance: '', code: 'SERVER_BUSY' },
    retryAfterSeconds,
  );
const refusal = (retryAfterSeconds?: number) =>
  new ControllerError('CONTROLLER_PLATFORM_REFUSED', 'too many requests', {
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });

describe('the pause of a controller after failures', () => {
  const draws = (failures: number, error?: unknown) => Array.from({ length: 200 }, () => backOff(failures, error));

  it('grows from half a second to half a minute, half of it by chance', () => {
    for (const [failures, ceiling] of [
      [1, 500],
      [2, 1000],
      [3, 2000],
      [6, 16_000],
      [7, 30_000],
      [5000, 30_000],
    ] as const) {
      const pauses = draws(failures);
      assert.ok(
        pauses.every((ms) => ms >= ceiling / 2 && ms <= ceiling),
        `${failures}`,
      );
      assert.ok(Math.max(...pauses) - Math.min(...pauses) > ceiling / 10, `${failures}: by chance`);
    }
  });

  it('is no shorter than whoever refused has asked for, up to half a minute', () => {
    for (const failed of [problem, refusal]) {
      assert.deepEqual([7, 30, 31, 3600].map((seconds) => pauseAskedFor(failed(seconds))), [7000, 30_000, 30_000, 30_000]); // prettier-ignore
      assert.deepEqual(new Set(draws(1, failed(7))), new Set([7000]));
      assert.ok(draws(7, failed(7)).every((ms) => ms >= 15_000));
    }
  });

  it('is its own where nobody asked for one', () => {
    for (const error of [problem(), refusal(), new Error('lost'), undefined]) assert.equal(pauseAskedFor(error), 0);
  });

  it('follows an answer that came at once with nothing, and none that somebody waited for', async () => {
    const paused = async (waitedMs: number) => {
      const pauses: number[] = [];
      const sleep = (ms: number) => Promise.resolve(void pauses.push(ms));
      await pauseUnlessWaited(5000, { monotonic: () => 5000 + waitedMs, sleep }, signal);
      return pauses;
    };
    assert.deepEqual(
      [await paused(0), await paused(300), await paused(1000), await paused(9000)],
      [[1000], [700], [], []],
    );
  });
});

describe('work that ends with a signal', () => {
  it('comes to what it comes to, and leaves nothing at the signal', async () => {
    const stopping = new AbortController();
    assert.equal(await orAborted(Promise.resolve('done'), stopping.signal), 'done');
    await assert.rejects(orAborted(Promise.reject(new Error('lost')), stopping.signal), /lost/);
    assert.equal(getEventListeners(stopping.signal, 'abort').length, 0);
  });

  it('comes to nothing as soon as the signal is given, whatever becomes of it later', async () => {
    const stopping = new AbortController();
    let fail = (): void => undefined;
    const work = new Promise<string>((_, reject) => (fail = () => reject(new Error('too late'))));
    const waiting = orAborted(work, stopping.signal);
    stopping.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await orAborted(new Promise(() => undefined), stopping.signal), undefined);
    fail();
  });
});

describe('the bell of a controller', () => {
  /** A clock by which a sleep is over when its signal is given, or at once where it has no length. */
  const world = () => {
    const sleeps: number[] = [];
    const stopping = new AbortController();
    const sleep = (ms: number, until: AbortSignal) => {
      sleeps.push(ms);
      return new Promise<void>((resolve) => (ms === 0 ? resolve() : until.addEventListener('abort', () => resolve())));
    };
    return { bell: createBell({ monotonic: () => 0, sleep }), sleeps, stopping };
  };

  it('ends the wait that it interrupts, and the next one where nobody waits: once, however often it rings', async () => {
    const { bell, sleeps, stopping } = world();
    const waiting = bell.wait(5000, stopping.signal);
    bell.ring();
    await waiting;
    assert.deepEqual(sleeps, [5000]);
    bell.ring();
    bell.ring();
    await bell.wait(6000, stopping.signal);
    assert.deepEqual(sleeps, [5000]);
    const again = bell.wait(7000, stopping.signal);
    assert.deepEqual(sleeps, [5000, 7000]);
    bell.ring();
    await again;
    assert.equal(getEventListeners(stopping.signal, 'abort').length, 0);
  });

  it('does not ring for who is to stop: that wait ends as well', async () => {
    const { bell, sleeps, stopping } = world();
    const waiting = bell.wait(5000, stopping.signal);
    stopping.abort();
    await waiting;
    await bell.wait(6000, stopping.signal);
    assert.deepEqual(sleeps, [5000, 0]);
  });
});
