import assert from 'node:assert/strict';
import { readWholeList } from '../../../src/cli/inputs/whole-list.ts';
import { createQuietSession } from '../../support/quiet-session.ts';

describe('a list that is read in full', () => {
  const thousand = Array.from({ length: 1000 }, (_, index) => index);

  async function read(pages: number, options: { readonly json?: boolean }) {
    const told: string[] = [];
    const stderr = { write: (text: string) => told.push(text) > 0 };
    const items = await readWholeList({ ...createQuietSession(), stderr }, options, 'hosts', ({ after = '0' }) => {
      const next = String(Number(after) + 1);
      return Promise.resolve({ items: thousand, ...(Number(next) < pages ? { next } : {}) });
    });
    assert.equal(items.length, pages * 1000);
    return told.join('');
  }

  it('says that it goes on, where it is long, and unless JSON is asked for', async () => {
    assert.equal(await read(1, {}), '');
    assert.match(await read(3, {}), /^1000 hosts read so far\n/);
    assert.equal(await read(3, { json: true }), '');
  });
});
