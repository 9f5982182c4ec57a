import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { nextSweepAt, sweepWhenDue } from '../../../src/server/retention/sweep.ts';
import { checkConfig } from '../../../src/server/index.ts';
import { createStore, openStore, type Store } from '../../../src/server/storage/index.ts';
import { bindTestHost } from '../../support/stored-records.ts';

const day = 86_400_000;

describe('the sweep of a server', () => {
  let dataDirectory: string;
  let store: Store;
  let at: number;
  const hosts = Array.from({ length: 250 }, (_, index) => `hv-${String(index).padStart(3, '0')}`);
  const config = checkConfig({ serverId: 's', retention: { sweepSeconds: 3600 } }, '/nowhere');
  const sweep = (more: { replica?: string; signal?: AbortSignal; store?: Store } = {}) => {
    const { replica = 'one', signal = new AbortController().signal, store: over = store } = more;
    const context = { config, store: over, replica, now: () => new Date(at), log: pino({ level: 'silent' }) };
    return sweepWhenDue(context, signal, () => Promise.resolve());
  };
  const end = () => store.releaseLeases('one');

  before(async () => {
    dataDirectory = mkdtempSync(join(tmpdir(), 'touchstone-sweep-'));
    await createStore({ dataDirectory, storage: 'sqlite' });
    store = await openStore({ dataDirectory, storage: 'sqlite' });
    for (const host of hosts) await bindTestHost(store, host);
    at = Date.parse('2026-11-26T12:00:00Z');
  });
  after(async () => {
    await store.close();
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  const loseTrust = () => Promise.all(hosts.map((host) => store.noteFlip(host, at)));

  it('goes on where it was interrupted, whether it was stopped or failed, and counts what went', async () => {
    await loseTrust();
    at += day + 1;
    const stopping = new AbortController();
    const counting: Store = {
      ...store,
      saveSweep: async (record) => {
        await store.saveSweep(record);
        stopping.abort();
      },
    };
    await sweep({ store: counting, signal: stopping.signal });
    const first = await store.findSweep();
    assert.deepEqual([first?.through, first?.endedAt, first?.swept.flips], ['hv-099', undefined, 100]);
    await end();

    let pages = 0;
    const failing: Store = {
      ...store,
      sweepHosts: (...asked) => ((pages += 1) > 1 ? Promise.reject(new TypeError('torn')) : store.sweepHosts(...asked)),
    };
    await assert.rejects(sweep({ store: failing }), { message: 'torn' });
    assert.equal((await store.findSweep())?.through, 'hv-199');
    await end();

    await sweep();
    const { endedAt, swept, total } = (await store.findSweep())!;
    assert.deepEqual([endedAt, swept.flips, total.flips, await store.countFlips(0)], [at, 250, 250, 0]);
    await end();
  });

  it('waits until it is due, and begins at once where the clock was set back', async () => {
    const last = await store.findSweep();
    await loseTrust();
    at += 3_599_999;
    await sweep();
    assert.deepEqual(await store.findSweep(), last);
    assert.deepEqual(nextSweepAt(last, config, new Date(at)), new Date(at + 1));
    at -= day;
    await sweep();
    const again = (await store.findSweep())!;
    assert.deepEqual(
      [again.begunAt, again.swept.flips],
      [at, 0],
      'and drops nothing that is young by the clock of then',
    );
    await end();
  });

  it('leaves it to the server that holds the lease', async () => {
    at += 3 * day;
    await store.takeLease('other', 'sweep', 60_000);
    const last = await store.findSweep();
    await sweep();
    assert.deepEqual(await store.findSweep(), last);
    await store.releaseLeases('other');
    await sweep();
    assert.deepEqual([(await store.findSweep())?.swept.flips, (await store.findSweep())?.total.flips], [250, 500]);
  });
});
