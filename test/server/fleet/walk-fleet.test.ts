// Going through every host of a fleet that is larger than a page, some of whose rows cannot be read.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { idOf, isUnreadable, readFleet, readHosts, walkActiveHosts } from '../../../src/server/fleet/walk-fleet.ts';
import { initDataDirectory } from '../../../src/server/index.ts';
import { openSqliteStore, type Store } from '../../../src/server/storage/index.ts';
import { bindTestHost } from '../../support/stored-records.ts';
import { testStart } from '../../support/test-server.ts';

describe('a walk over the fleet', () => {
  let folder: string;
  const ids = Array.from({ length: 200 }, (_, index) => `hv-${String(index).padStart(3, '0')}`);
  /** At the end of a page, of all and of those that are active. */
  const damaged = ['hv-099', 'hv-100'];
  const released = ['hv-000', 'hv-150'];
  const readable = ids.filter((id) => !damaged.includes(id));
  let store: Store;
  before(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'touchstone-walk-')), 'data');
    await initDataDirectory(folder, { serverId: 'test.example', now: testStart });
    store = openSqliteStore(folder);
    for (const id of ids.toReversed()) await bindTestHost(store, id);
    const database = new Database(join(folder, 'touchstone.db'));
    for (const id of damaged) database.prepare("UPDATE hosts SET labels = '{' WHERE id = ?").run(id);
    for (const id of released) database.prepare("UPDATE hosts SET state = 'released' WHERE id = ?").run(id);
    database.close();
    await store.close();
    store = openSqliteStore(folder);
  });
  after(async () => {
    await store.close();
    rmSync(join(folder, '..'), { recursive: true });
  });

  it('goes through those that are active, page by page, in the order of their ids, and names those that cannot be read', async () => {
    const [seen, unread]: [string[], string[]] = [[], []];
    for await (const record of readFleet({ store })) {
      seen.push(idOf(record));
      if (isUnreadable(record)) unread.push(record.unreadable);
    }
    assert.deepEqual([seen, unread], [ids.filter((id) => !released.includes(id)), damaged]);
  });

  it('goes through those that can be read, whatever their state, and lets others have their turn between the pages', async () => {
    const seen: string[] = [];
    let turns = 0;
    const count = (): void => {
      turns += 1;
      if (seen.length < readable.length) setImmediate(count);
    };
    setImmediate(count);
    for await (const { host } of readHosts({ store })) seen.push(host.hostId);
    assert.deepEqual(seen, readable);
    assert.ok(turns > 0);
  });

  it('hands over those that are active, and says how far it is', async () => {
    const visited: string[] = [];
    const told: { readonly done: number; readonly total: number }[] = [];
    const visit = async ({ host }: { readonly host: { readonly hostId: string } }) => {
      visited.push(host.hostId);
      if (visited.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 12));
    };
    for await (const step of walkActiveHosts({ store }, visit)) told.push(step);
    assert.deepEqual(
      visited,
      readable.filter((id) => !released.includes(id)),
    );
    const total = await store.countActiveHosts();
    assert.ok(told.length >= 3 && told.length < 20, `${told.length} times`);
    assert.ok(told.every((step) => step.total === total));
    // Of what was visited before it was told: each time the one that is at hand is not done with yet.
    for (const after of [51, 101, 151]) assert.ok(told.some(({ done }) => done === after));
    assert.deepEqual(
      told.map(({ done }) => done),
      told.map(({ done }) => done).toSorted((left, right) => left - right),
    );
  });
});
