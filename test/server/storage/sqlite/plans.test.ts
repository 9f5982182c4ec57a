// What is asked of a whole fleet again and again is answered by an index: SQLite reads in the turn in which it is asked.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import SqliteDatabase from 'better-sqlite3';
import { createStore, openStore, type Store } from '../../../../src/server/storage/index.ts';
import { makeQuickFolder } from '../../../support/quick-folder.ts';
import { auditDraft } from '../../../support/stored-records.ts';

describe('SQLite', () => {
  let folder: string;
  let store: Store;
  before(async () => {
    folder = makeQuickFolder('touchstone-plans-');
    await createStore({ dataDirectory: folder, storage: 'sqlite' });
    store = await openStore({ dataDirectory: folder, storage: 'sqlite' });
  });
  after(async () => {
    await store.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** How it goes about what is prepared for the first time while `work` runs, as far as its text is wanted. */
  async function plansOf(work: () => Promise<unknown>, wanted = /^/): Promise<readonly string[]> {
    const texts: string[] = [];
    const prototype = SqliteDatabase.prototype as { prepare: (text: string) => unknown };
    const { prepare } = prototype;
    prototype.prepare = function (text) {
      texts.push(text);
      return prepare.call(this, text);
    };
    await work().finally(() => (prototype.prepare = prepare));
    const database = new SqliteDatabase(join(folder, 'touchstone.db'), { readonly: true });
    const plans = texts
      .filter((text) => wanted.test(text))
      .flatMap((text) => {
        const asked = database.prepare(`EXPLAIN QUERY PLAN ${text}`);
        const named = [...text.matchAll(/\$(\w+)/g)].map(([, name = '']) => [name, null] as const);
        const values: unknown[] = Array.from(text.matchAll(/\?/g), () => null);
        if (named.length > 0) values.push(Object.fromEntries(named));
        return (asked.all(...values) as { readonly detail: string }[]).map(({ detail }) => detail);
      });
    database.close();
    return plans;
  }

  it('counts hosts, and finds the certificates that were revoked, without a look at all others', async () => {
    assert.deepEqual(await plansOf(() => store.countActiveHosts()), [
      'SEARCH hosts USING COVERING INDEX hosts_by_state (state=?)',
    ]);
    assert.deepEqual(await plansOf(() => store.listRevokedAkCertificates('issuer', 0)), [
      'SEARCH ak_certificates USING INDEX ak_certificates_revoked (revoked_at>?)',
    ]);
  });

  it('reads each page of the fleet by the ids of its hosts, and sorts nothing', async () => {
    const [at, audit] = [1, auditDraft('test')];
    const quarantine = { id: 'q', hosts: { all: true }, reason: 'x', createdAt: at, createdBy: 'me' } as const;
    const list = { name: 'n', version: 1, envelope: new Uint8Array(1), storedAt: at, storedBy: 'me' };
    const denied = { judged: new Map(), denied: new Map(), disowned: new Set<string>(), voidUnjudged: true };
    const revoked = { id: 'r', issuer: new Uint8Array(1), list: new Uint8Array(1), thisUpdate: at };
    const judgement = { judged: new Map(), revoked: new Set<string>(), endUnjudged: true };
    const asked: readonly (() => Promise<unknown>)[] = [
      () => store.listFleet({ after: undefined, limit: 1 }),
      () => store.listHosts({ after: undefined, limit: 1 }),
      () =>
        store.openQuarantine({ ...quarantine, until: undefined, lifted: undefined }, { revision: undefined, audit }),
      () => store.saveDenyList(list, { ...denied, revision: undefined, audit }),
      () => store.saveRevocationList({ ...revoked, url: undefined, storedAt: at }, { judgement, renews: false, audit }),
    ];
    for (const work of asked) {
      const [first, ...others] = await plansOf(work, /FROM hosts\b[^]*ORDER BY/);
      assert.equal(first, 'SEARCH hosts USING INDEX sqlite_autoindex_hosts_1 (id>?)', String(work));
      assert.ok(!others.some((plan) => plan.includes('TEMP B-TREE')), others.join());
    }
  });
});
