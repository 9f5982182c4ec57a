import assert from 'node:assert/strict';
import { createPace } from '../../../src/server/load/pace.ts';

describe('the pace of a server', () => {
  let now = 0;
  const work = (pace: ReturnType<typeof createPace>, perSecond: number, seconds: number, full: boolean): void => {
    for (let done = 0; done < perSecond * seconds; done += 1) {
      if (full) pace.saturated();
      pace.finished();
      now += 1000 / perSecond;
    }
  };

  it('is what it finishes in a second while more waits', () => {
    const pace = createPace(() => now);
    work(pace, 900, 3, true);
    assert.ok(Math.abs(pace.perSecond() - 900) < 10, String(pace.perSecond()));
    work(pace, 8, 3, true);
    assert.ok(pace.perSecond() > 600, 'a bad moment is no measure');
    work(pace, 8, 60, true);
    assert.ok(Math.abs(pace.perSecond() - 8) < 1, String(pace.perSecond()));
  });

  it('is not learnt from an idle server, nor from a pause', () => {
    const pace = createPace(() => now);
    const before = pace.perSecond();
    work(pace, 2, 20, false);
    assert.equal(pace.perSecond(), before);
    pace.saturated();
    now += 60_000;
    pace.saturated();
    assert.equal(pace.perSecond(), before);
  });

  it('is known at the end of a full second, whether anybody else is sent away or not', () => {
    const pace = createPace(() => now);
    pace.saturated();
    work(pace, 900, 1.1, false);
    assert.ok(Math.abs(pace.perSecond() - 900) < 10, String(pace.perSecond()));
  });

  it('is never less than one', () => {
    const pace = createPace(() => now);
    for (let second = 0; second < 100; second += 1) {
      pace.saturated();
      now += 1000;
    }
    assert.equal(pace.perSecond(), 1);
  });
});
