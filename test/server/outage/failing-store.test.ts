import assert from 'node:assert/strict';
import { createFailingStore } from '../../../src/server/outage/failing-store.ts';

describe('a store that fails', () => {
  type Line = Readonly<Record<string, unknown>>;
  const setUp = () => {
    const lines: Line[] = [];
    const waiting: { readonly work: () => void; readonly at: number }[] = [];
    let now = 0;
    const log = { error: (line: Line) => lines.push(line), warn: (line: Line) => lines.push(line) } as never;
    const failing = createFailingStore(
      log,
      () => now,
      (work, afterMs) => void waiting.push({ work, at: now + afterMs }),
    );
    const advance = (ms: number) => {
      const end = now + ms;
      for (;;) {
        const next = waiting.findIndex(({ at }) => at <= end);
        if (next < 0) break;
        const [{ work, at }] = waiting.splice(next, 1) as [(typeof waiting)[number]];
        now = at;
        work();
      }
      now = end;
    };
    return { lines, failing, advance };
  };

  it('is told when it begins, with its cause, and when it is over, with the requests it cost', () => {
    const { lines, failing, advance } = setUp();
    const error = new TypeError('away');
    for (let request = 0; request < 500; request += 1) {
      assert.ok(failing.note('STORAGE_UNREACHABLE', error, { id: String(request) }));
      advance(100);
    }
    assert.deepEqual(lines, [{ event: 'storage.failing', code: 'STORAGE_UNREACHABLE', err: error, id: '0' }]);
    advance(20_000);
    assert.deepEqual(lines[1], { event: 'storage.failed', code: 'STORAGE_UNREACHABLE', requests: 500, seconds: 50 });
    assert.ok(failing.note('STORAGE_UNREACHABLE', error, { id: 'next' }));
    assert.equal(lines.length, 3, 'the next outage is told anew');
  });

  it('is told by each code for itself, and what is no outage is not taken', () => {
    const { lines, failing } = setUp();
    assert.ok(failing.note('STORAGE_UNREACHABLE', undefined, {}));
    assert.ok(failing.note('STORAGE_UNAVAILABLE', undefined, {}));
    assert.equal(failing.note('STORAGE_DAMAGED', undefined, {}), false);
    assert.equal(lines.length, 2);
  });
});
