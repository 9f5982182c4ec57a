import assert from 'node:assert/strict';
import fc from 'fast-check';
import { endsSoon, isValidAt, validityAround, type ApprovedGolden } from '../../../src/core/golden/index.ts';
import { approve, noon, statementOf, expectEvent } from './material.ts';

const day = 86_400_000;
const inDays = (days: number) => noon.getTime() + days * day;
const golden = (notBefore: number | undefined, notAfter: number | undefined): ApprovedGolden =>
  approve(
    statementOf('kernel', [expectEvent(4, 'vmlinuz')], {
      ...(notBefore === undefined ? {} : { notBefore: new Date(inDays(notBefore)) }),
      ...(notAfter === undefined ? {} : { notAfter: new Date(inDays(notAfter)) }),
    }),
  );

describe('the time in which golden measurements say the same', () => {
  it('is all time where none begins or ends', () => {
    assert.deepEqual(validityAround([], noon), { from: -Infinity, until: Infinity });
    assert.deepEqual(validityAround([golden(undefined, undefined)], noon), { from: -Infinity, until: Infinity });
  });

  it('lies between what came last and what comes next: a begin, two weeks before an end, an end, or another time', () => {
    const goldens = [golden(-3, 40), golden(2, 20), golden(-9, 1)];
    const window = (days: number, others: readonly number[] = []) => {
      const { from, until } = validityAround(goldens, new Date(inDays(days)), others);
      return [(from - noon.getTime()) / day, (until - noon.getTime()) / day];
    };
    assert.deepEqual(window(0), [-3, 1]);
    assert.deepEqual(window(1), [1, 2]);
    assert.deepEqual(window(1.5), [1, 2]);
    assert.deepEqual(window(7), [6, 20]);
    assert.deepEqual(window(7, [inDays(7), inDays(12)]), [7, 12]);
    assert.deepEqual(window(50), [40, Infinity]);
    assert.deepEqual(window(-30), [-Infinity, -13]);
  });

  it('holds: within it each golden measurement answers the same (property)', () => {
    const moment = fc.integer({ min: -40, max: 40 });
    const end = fc.option(moment, { nil: undefined });
    const some = fc.array(fc.tuple(end, end), { maxLength: 4 });
    fc.assert(
      fc.property(some, moment, moment, (ends, at, other) => {
        const goldens = ends
          .filter(([from, to]) => from === undefined || to === undefined || from < to)
          .map(([from, to]) => golden(from, to));
        const { from, until } = validityAround(goldens, new Date(inDays(at)));
        fc.pre(from <= inDays(other) && inDays(other) < until);
        const answers = (days: number) =>
          goldens.map(({ statement }) => [isValidAt, endsSoon].map((ask) => ask(statement, new Date(inDays(days)))));
        assert.deepEqual(answers(other), answers(at));
      }),
    );
  });
});
