import assert from 'node:assert/strict';
import fc from 'fast-check';
import { isoTime } from '../../../src/core/encoding/index.ts';

const firstMoment = -8.64e15;
const lastMoment = 8.64e15;
const today = Date.UTC(2026, 10, 26);

describe('isoTime', () => {
  const assertSame = (milliseconds: number): void =>
    assert.equal(isoTime(milliseconds), new Date(milliseconds).toISOString());

  it('writes any moment as a date writes itself, from the first to the last that there is', () => {
    fc.assert(fc.property(fc.integer({ min: firstMoment, max: lastMoment }), assertSame), { numRuns: 2000 });
    for (const milliseconds of [firstMoment, -1, -0.5, -0, 0, 0.9, 1, lastMoment]) assertSame(milliseconds);
  });

  it('writes moments of few days in any order, and those at the ends of a day', () => {
    const near = fc.integer({ min: today - 200_000_000, max: today + 200_000_000 });
    fc.assert(fc.property(fc.array(near), (moments) => moments.forEach(assertSame)));
    for (let day = -3; day < 3; day += 1) for (const edge of [-1, 0, 1]) assertSame(today + day * 86_400_000 + edge);
  });

  it('refuses what is no moment, whatever was written before', () => {
    for (const before of [0, firstMoment, lastMoment]) {
      for (const milliseconds of [NaN, Infinity, -Infinity, firstMoment - 1, lastMoment + 1]) {
        isoTime(before);
        assert.throws(() => isoTime(milliseconds), RangeError);
      }
      assertSame(before);
    }
  });
});
