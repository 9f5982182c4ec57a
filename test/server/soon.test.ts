import assert from 'node:assert/strict';
import { isLater, soon } from '../../src/server/soon.ts';

describe('what is here is not waited for', () => {
  it('goes on at once with what is here', () => {
    assert.equal(
      soon(2, (value) => value + 1),
      3,
    );
    assert.throws(
      () =>
        soon(2, () => {
          throw new TypeError('at once');
        }),
      { message: 'at once' },
    );
  });

  it('goes on later with what comes later, also from what was here', async () => {
    const later = soon(Promise.resolve(2), (value) => value + 1);
    assert.ok(isLater(later));
    assert.equal(await later, 3);
    assert.equal(await soon(2, (value) => Promise.resolve(value + 1)), 3);
  });

  it('hands on what failed later, and what fails behind it', async () => {
    const failing = async (): Promise<number> => Promise.reject(new TypeError('later'));
    await assert.rejects(async () => await soon(failing(), (value) => value), { message: 'later' });
    const fails = (): number => {
      throw new TypeError('behind');
    };
    await assert.rejects(async () => await soon(Promise.resolve(2), fails), { message: 'behind' });
  });
});
