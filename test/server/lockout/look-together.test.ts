import assert from 'node:assert/strict';
import { lookTogether } from '../../../src/server/lockout/look-together.ts';

describe('one look for all who ask at once', () => {
  it('serves whoever asks while one is under way by the next, which begins after they asked', async () => {
    const begun: number[] = [];
    const ends: (() => void)[] = [];
    let asked = 0;
    const look = lookTogether(() => {
      begun.push(asked);
      return new Promise((resolve) => ends.push(resolve));
    });
    const ask = () => {
      asked += 1;
      return look();
    };
    const first = ask();
    const others = [ask(), ask(), ask()];
    ends[0]!();
    await first;
    await new Promise(setImmediate);
    const late = ask();
    assert.deepEqual(begun, [1, 4], 'three share one look');
    ends[1]!();
    await Promise.all(others);
    await new Promise(setImmediate);
    ends[2]!();
    await late;
    assert.deepEqual(begun, [1, 4, 5]);
  });

  it('tells those who asked of a failure, and looks again', async () => {
    let looks = 0;
    const look = lookTogether(() => ((looks += 1) === 1 ? Promise.reject(new TypeError('away')) : Promise.resolve()));
    const [first, second] = await Promise.allSettled([look(), look()]);
    assert.deepEqual([first.status, second.status, looks], ['rejected', 'fulfilled', 2]);
  });
});
