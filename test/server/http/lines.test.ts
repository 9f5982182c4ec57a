// Work whose answer comes in lines: it ends with whoever asked, and what is refused at once is refused by the status.
import assert from 'node:assert/strict';
import type { Steps } from '../../../src/server/fleet/progress.ts';
import { answerSteps } from '../../../src/server/http/operations/lines.ts';

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

  async function linesOf(steps: Steps<string>, wire: (result: string) => string | Promise<string>) {
    const answer = await answerSteps(steps, { accept: 'application/x-ndjson', wire });
    assert.ok('lines' in answer);
    return answer.lines;
  }

  it('is progress, and the result as the last line', async () => {
    const lines = await linesOf(work(), (result) => Promise.resolve(result.toUpperCase()));
    const all: unknown[] = [];
    for await (const line of lines) all.push(line);
    assert.deepEqual(all, [{ progress: { done: 1, total: 2 } }, { progress: { done: 2, total: 2 } }, { result: 'RESULT' }]); // prettier-ignore
  });

  it('ends the work when nobody asks further, before it has done anything', async () => {
    for await (const line of await linesOf(work(), (result) => result)) {
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
      linesOf(refused(), (result) => result),
      /refused/,
    );
  });

  it('is one document for who asks for no lines', async () => {
    const wire = (result: string) => ({ result });
    const answer = await answerSteps(work(), { accept: 'application/json', status: 201, wire });
    assert.deepEqual(answer, { status: 201, body: { result: 'result' } });
    assert.deepEqual(told, ['done', 'ended']);
  });
});
