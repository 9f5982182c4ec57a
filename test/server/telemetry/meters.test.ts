import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createCounter, createHistogram } from '../../../src/server/telemetry/meters.ts';

describe('meters', () => {
  it('count each combination of labels by itself', () => {
    const counter = createCounter({ name: 'a_total', help: 'x', labels: ['one', 'two'] });
    counter.add({ one: 'p', two: 'q' });
    counter.add({ two: 'q', one: 'p' });
    counter.add({ one: 'q', two: 'p' });
    assert.deepEqual(counter.collect().samples, [
      { labels: { one: 'p', two: 'q' }, value: 2 },
      { labels: { one: 'q', two: 'p' }, value: 1 },
    ]);
  });

  it('show those that are expected before they are counted', () => {
    const counter = createCounter({ name: 'a_total', help: 'x', labels: ['of'], from: [{ of: 'p' }, { of: 'q' }] });
    counter.add({ of: 'q' });
    assert.deepEqual(
      counter.collect().samples.map(({ value }) => value),
      [0, 1],
    );
  });

  it('have nothing to show before anything was seen', () => {
    assert.deepEqual(createCounter({ name: 'a', help: 'x', labels: [] }).collect().samples, []);
    assert.deepEqual(createHistogram({ name: 'a', help: 'x', labels: [], bounds: [1] }).collect().samples, []);
  });

  it('put a value that is a bound into its bucket, and count what is above all of them', () => {
    const histogram = createHistogram({ name: 'a', help: 'x', labels: ['of'], bounds: [1, 2] });
    for (const value of [1, 1.5, 3]) histogram.observe(value, { of: 'p' });
    assert.deepEqual(
      histogram.collect().samples.map(({ part, labels, value }) => [part, labels['le'], value]),
      [
        ['bucket', '1', 1],
        ['bucket', '2', 2],
        ['bucket', '+Inf', 3],
        ['sum', undefined, 5.5],
        ['count', undefined, 3],
      ],
    );
  });

  it('have buckets that never fall and end with all, whatever was measured', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true })), (values) => {
        const histogram = createHistogram({ name: 'a', help: 'x', labels: [], bounds: [-1, 0, 1, 1000] });
        for (const value of values) histogram.observe(value, {});
        const { samples } = histogram.collect();
        const buckets = samples.filter(({ part }) => part === 'bucket').map(({ value }) => value);
        assert.deepEqual(
          buckets,
          buckets.toSorted((left, right) => left - right),
        );
        assert.equal(buckets.at(-1) ?? 0, values.length);
      }),
    );
  });
});
