import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeBase64 } from '../../../src/core/encoding/index.ts';
import { goldenPayloadType } from '../../../src/core/golden/index.ts';
import { collectEntries } from '../../../src/cli/inputs/audit-look.ts';
import { readInPieces, type PageSlice } from '../../../src/server/http/operations/page.ts';
import { goldenOfFiles } from '../../support/golden-of-files.ts';
import { authorise, propose } from '../../support/paper-story.ts';
import { startTestServer } from '../../support/test-server.ts';

interface Row {
  readonly id: string;
  readonly weight: number;
}

const idAt = (index: number): string => String(index).padStart(4, '0');

function pageOf(rows: readonly Row[], after: string | undefined, limit: number, heaviest: number | undefined) {
  return readInPieces<Row>({
    after,
    limit,
    read: ({ after: from, limit: most }) =>
      Promise.resolve(rows.filter(({ id }) => from === undefined || id > from).slice(0, most)),
    idOf: ({ id }) => id,
    ...(heaviest === undefined ? {} : { weight: { most: heaviest, of: ({ weight }: Row) => weight } }),
  });
}

describe('a page that is read in pieces', () => {
  it('brings every row once, in order, and is no longer and no heavier than it may be', async () => {
    const weights = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 90 });
    await fc.assert(
      fc.asyncProperty(
        weights,
        fc.integer({ min: 1, max: 60 }),
        fc.option(fc.integer({ min: 1, max: 100 }), { nil: undefined }),
        async (all, limit, heaviest) => {
          // prettier-ignore
          const rows = all.map((weight, index) => ({ id: idAt(index), weight }));
          const read: Row[] = [];
          let page: PageSlice<Row> | undefined;
          do {
            page = await pageOf(rows, page?.next, limit, heaviest);
            assert.ok(page.items.length <= limit && (rows.length === 0 || page.items.length > 0));
            if (heaviest === undefined && page.next !== undefined) assert.equal(page.items.length, limit);
            const weight = page.items.reduce((sum, row) => sum + row.weight, 0);
            assert.ok(heaviest === undefined || weight <= heaviest || page.items.length === 1);
            read.push(...page.items);
          } while (page.next !== undefined);
          assert.deepEqual(read, rows);
        },
      ),
    );
  });

  it('is that of quarantines that name many hosts', async () => {
    const server = await startTestServer();
    try {
      for (const part of ['a', 'b', 'c']) {
        const names = Array.from({ length: 9000 }, (_, index) => `${part}-${index}`);
        await server.operator.call('createQuarantine', { body: { hosts: { names }, reason: part } });
      }
      const first = await server.operator.call('listQuarantines', { query: { limit: 1000 } });
      assert.equal(first.items.length, 2);
      const second = await server.operator.call('listQuarantines', { query: { limit: 1000, after: first.next ?? '' } });
      assert.deepEqual([second.items.length, second.next], [1, undefined]);
      const reasons = [...first.items, ...second.items].map(({ reason }) => reason).sort();
      assert.deepEqual(reasons, ['a', 'b', 'c']);
    } finally {
      await server.close();
    }
  });

  it('is that of the audit log, which tells of such quarantines in full, in either order', async () => {
    const server = await startTestServer();
    try {
      for (let part = 0; part < 9; part += 1) {
        const names = Array.from({ length: 10_000 }, (_, index) => `${'h'.repeat(50)}-${part}-${index}`);
        await server.operator.call('createQuarantine', { body: { hosts: { names }, reason: String(part) } });
      }
      const told: number[][] = [];
      for (let after = 0; ;) {
        const page = await server.operator.call('listAudit', { query: { after, limit: 1000 } });
        assert.ok(JSON.stringify(page).length < 7 * 1024 * 1024, `${JSON.stringify(page).length} bytes`);
        told.push(page.items.map(({ sequence }) => sequence));
        if (page.next === undefined) break;
        after = page.next;
      }
      const last = told.at(-1)?.at(-1) ?? 0;
      const whole = Array.from({ length: last }, (_, index) => index + 1);
      assert.deepEqual([told.length, told.flat()], [2, whole]);
      const { items } = await collectEntries(server.operator, { actions: 'quarantine.opened' }, 1000);
      assert.equal(items.length, 9);
    } finally {
      await server.close();
    }
  });

  it('is that of golden measurements with the files of a host, between two of which others are answered', async () => {
    const server = await startTestServer();
    try {
      const operators = [await authorise(server, 'ada')];
      for (let part = 0; part < 5; part += 1)
        await propose(
          server,
          { payloadType: goldenPayloadType, payload: encodeBase64(goldenOfFiles(part)) },
          operators,
        );
      const turns: number[] = [];
      const watch = setInterval(() => turns.push(performance.now()), 1);
      const first = await server.operator.call('listGoldenMeasurements', { query: { limit: 1000 } });
      clearInterval(watch);
      assert.ok(first.items.length > 1 && first.items.length < 5, `${first.items.length} of 5`);
      assert.ok(turns.length >= first.items.length, `${turns.length} turns for others`);
      const rest = await server.operator.call('listGoldenMeasurements', {
        query: { limit: 1000, after: first.next ?? '' },
      });
      assert.equal(new Set([...first.items, ...rest.items].map(({ id }) => id)).size, 5);
      assert.equal(rest.next, undefined);
    } finally {
      await server.close();
    }
  });
});
