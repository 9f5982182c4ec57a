import assert from 'node:assert/strict';
import { createOnward, nextCursor, readAllPages } from '../../src/api/index.ts';

describe('a list in pages', () => {
  const endless = { name: 'ApiUnreachable', code: 'API_PAGES_ENDLESS' };

  /** A server that answers every place with the one that `places` has for it; asked too often it gives up. */
  async function read(places: Readonly<Record<string, string | undefined>>): Promise<readonly string[]> {
    let asked = 0;
    return readAllPages(({ after = 'begin' }) => {
      if ((asked += 1) > 20) throw new Error('asked without end');
      return Promise.resolve({ items: [after], next: places[after] });
    });
  }

  it('is read to its end', async () => {
    assert.deepEqual(await read({}), ['begin']);
    assert.deepEqual(await read({ begin: 'a', a: 'b' }), ['begin', 'a', 'b']);
  });

  it('is refused where it goes on at a place where it went on before, at once or in turns', async () => {
    await assert.rejects(read({ begin: 'a', a: 'a' }), endless);
    await assert.rejects(read({ begin: 'a', a: 'b', b: 'c', c: 'b' }), endless);
  });

  it('is refused where it goes on where it began', () => {
    assert.throws(() => createOnward<number>({ from: 7 })(7), endless);
    const onward = createOnward<number>({ from: 7 });
    assert.deepEqual([onward(9), onward(8), onward(undefined)], [9, 8, undefined]);
    assert.throws(() => onward(8), endless);
  });

  it('is refused where each page names a new place, behind more pages than any list has', async () => {
    let asked = 0;
    const reading = readAllPages<never>(() => {
      if ((asked += 1) > 20_000) throw new Error('asked without end');
      return Promise.resolve({ items: [], next: `place ${asked}` });
    });
    await assert.rejects(reading, { ...endless, message: 'the list goes on behind 10000 pages' });
    assert.equal(asked, 10_000);
    const onward = createOnward<number>({ most: 3 });
    assert.deepEqual([onward(1), onward(2), onward(undefined)], [1, 2, undefined]);
    assert.throws(() => onward(3), endless);
  });

  it('of events stays where nothing happened yet, and neither stands before more nor goes back', () => {
    assert.equal(nextCursor(undefined, { next: 0, end: false }), 0);
    assert.equal(nextCursor(4, { next: 4, end: true }), 4);
    assert.equal(nextCursor(4, { next: 5, end: false }), 5);
    assert.throws(() => nextCursor(4, { next: 4, end: false }), endless);
    assert.throws(() => nextCursor(4, { next: 3, end: true }), endless);
  });
});
