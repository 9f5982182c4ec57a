// Work that says how far it is, and what is done after it.
import assert from 'node:assert/strict';
import { resultOf, thenDo, type Steps } from '../../../src/server/fleet/progress.ts';

describe('what is done after a look at the fleet', () => {
  async function* look(): Steps<string> {
    yield await Promise.resolve({ done: 1, total: 2 });
    return 'found';
  }

  it('has what was found, and its own result is the last', async () => {
    const steps = thenDo(look(), (found) => Promise.resolve(found.length));
    assert.deepEqual(await steps.next(), { done: false, value: { done: 1, total: 2 } });
    assert.deepEqual(await steps.next(), { done: true, value: 5 });
    assert.equal(await resultOf(thenDo(look(), (found) => Promise.resolve(`${found} so`))), 'found so');
  });

  it('is not done when nobody asks further, nor when the look fails', async () => {
    const act = () => Promise.reject(new TypeError('it was done'));
    const steps = thenDo(look(), act);
    await steps.next();
    assert.equal((await steps.return(undefined as never)).done, true);
    assert.equal((await steps.next()).done, true);
    async function* refused(): Steps<string> {
      await Promise.reject(new TypeError('refused'));
      return '';
    }
    await assert.rejects(resultOf(thenDo(refused(), act)), { message: 'refused' });
  });
});
