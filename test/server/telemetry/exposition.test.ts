import assert from 'node:assert/strict';
import { writeExposition } from '../../../src/server/telemetry/exposition.ts';

describe('the text that Prometheus reads', () => {
  it('has help, type and a line for each sample [PROM]', () => {
    const text = writeExposition([
      {
        name: 'a_total',
        type: 'counter',
        help: 'What\nit \\ is.',
        samples: [
          { labels: {}, value: 3 },
          { labels: { code: 'a"b\\c\nd', of: 'x' }, value: 0.25 },
        ],
      },
      { name: 'b', type: 'gauge', help: 'Nothing yet.', samples: [] },
    ]);
    assert.equal(
      text,
      '# HELP a_total What\\nit \\\\ is.\n# TYPE a_total counter\na_total 3\na_total{code="a\\"b\\\\c\\nd",of="x"} 0.25\n' +
        '# HELP b Nothing yet.\n# TYPE b gauge\n',
    );
  });

  it('writes what is no number as Prometheus does', () => {
    const samples = [NaN, Infinity, -Infinity, 1e21].map((value) => ({ labels: {}, value }));
    const text = writeExposition([{ name: 'a', type: 'gauge', help: 'x', samples }]);
    assert.deepEqual(text.split('\n').slice(2, -1), ['a NaN', 'a +Inf', 'a -Inf', 'a 1e+21']);
  });
});
