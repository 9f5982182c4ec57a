// One page looks at so many entries, and says where to go on; nothing is missed and nothing told twice.
import assert from 'node:assert/strict';
import { looked, searchAudit, type AuditQuestion } from '../../../src/server/audit/search-audit.ts';
import type { AuditFilter, AuditRecord, AuditSearch } from '../../../src/server/storage/index.ts';

const filter: AuditFilter = {
  ...{ subject: undefined, actor: undefined, actions: [], since: 0, until: Infinity, byPeople: false },
};

/** A log of which every 7000th entry is as asked for. Of them the store reads so many at once: heavy ones are fewer. */
function logOf(length: number, atOnce = Infinity) {
  const stretches: number[] = [];
  const store = {
    lastAuditSequence: () => Promise.resolve(length),
    searchAudit: ({ after, before, order }: AuditSearch, limit: number) => {
      stretches.push(before - after - 1);
      const found = Array.from({ length: Math.floor(length / 7000) }, (_, index) => (index + 1) * 7000).filter(
        (sequence) => sequence > after && sequence < before,
      );
      if (order === 'newest') found.reverse();
      const entries = found.slice(0, Math.min(limit, atOnce)).map((sequence) => ({ sequence }) as AuditRecord);
      return Promise.resolve({ entries, isCut: entries.length === atOnce });
    },
  };
  const readAll = async (order: AuditQuestion['order'], limit: number) => {
    const sequences: number[] = [];
    let next: number | undefined;
    do {
      const place = order === 'newest' ? { before: next, after: undefined } : { after: next, before: undefined };
      const page = await searchAudit(store, { order, filter, ...place }, limit);
      sequences.push(...page.entries.map(({ sequence }) => sequence));
      next = page.next;
    } while (next !== undefined);
    return sequences;
  };
  return { stretches, store, readAll };
}

describe('looking for entries of the audit log', () => {
  it('finds each once, in either order, whatever the pages', async () => {
    const { readAll, stretches } = logOf(35_000);
    const all = [7000, 14_000, 21_000, 28_000, 35_000];
    for (const limit of [1, 2, 100]) {
      assert.deepEqual(await readAll('oldest', limit), all);
      assert.deepEqual(await readAll('newest', limit), all.toReversed());
    }
    assert.equal(Math.max(...stretches), looked);
  });

  it('goes on behind entries that are so heavy that a page ends with them', async () => {
    const { readAll } = logOf(35_000, 1);
    assert.deepEqual(await readAll('oldest', 100), [7000, 14_000, 21_000, 28_000, 35_000]);
    assert.deepEqual(await readAll('newest', 100), [35_000, 28_000, 21_000, 14_000, 7000]);
  });

  it('ends at the ends of the log, also of an empty one, and of one that is as long as a page', async () => {
    for (const length of [0, 1, looked - 1, looked, looked + 1]) {
      const { readAll, stretches } = logOf(length);
      const found = length >= 7000 ? [7000] : [];
      assert.deepEqual([await readAll('oldest', 5), await readAll('newest', 5)], [found, found]);
      assert.equal(stretches.length, length > looked ? 4 : 2);
    }
  });

  it('looks at all of the log about one subject, by its index', async () => {
    const { store, stretches } = logOf(35_000);
    const question = { order: 'newest', after: undefined, before: undefined } as const;
    const page = await searchAudit(store, { ...question, filter: { ...filter, subject: 'hv-1' } }, 100);
    assert.deepEqual([page.entries.length, page.next, stretches], [5, undefined, [35_000]]);
  });
});
