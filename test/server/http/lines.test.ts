// Work whose answer comes in lines: it ends with whoever asked, and what is refused at once is refused by the status.
import assert from 'node:assert/strict';
import type { Steps } from '../../../src/server/fleet/progress.ts';
import { answerInLines } from '../../../src/server/http/operations/lines.ts';

describe('an answer in lines', () => {
  const told: string[] = [];
  async function* work(): Steps<string> {
    try {
      for (const done of [1, 2]) yield await Promise.resolve({ done, total: 2 });
      told.push('done');
      return 'result';
    } finally {
      told.push('ended');
    }
  }
  beforeEach(() => void told.splice(0));

  it('is progress, and the result as the last line', async () => {
    const { lines } = await answerInLines(work(), (result) => result.toUpperCase());
    const all: unknown[] = [];
    for await (const line of lines) all.push(line);
    assert.deepEqual(all, [{ progress: { done: 1, total: 2 } }, { progress: { done: 2, total: 2 } }, { result: 'RESULT' }]); // prettier-ignore
  });

  it('ends the work when nobody asks further, before it has done anything', async () => {
    const { lines } = await answerInLines(work(), (result) => result);
    for await (const line of lines) {
      assert.deepEqual(line, { progress: { done: 1, total: 2 } });
      break;
    }
    assert.deepEqual(told, ['ended']);
  });

  it('throws what the first step throws, before there is an answer', async () => {
    async function* refused(): Steps<string> {
      await Promise.reject(new TypeError('refused'));
      return '';
    }
    await assert.rejects(
      answerInLines(refused(), (result) => result),
      /refused/,
    );
  });
});
