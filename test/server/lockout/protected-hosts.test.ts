import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfig, initDataDirectory, type ServerConfig } from '../../../src/server/index.ts';
import { resultOf } from '../../../src/server/fleet/progress.ts';
import { walkProtectedHosts } from '../../../src/server/lockout/protected-hosts.ts';
import { openSqliteStore, type Store } from '../../../src/server/storage/index.ts';
import { auditDraft, bindTestHost } from '../../support/stored-records.ts';
import { testStart } from '../../support/test-server.ts';

describe('the hosts that are protected', () => {
  let folder: string;
  let store: Store;
  before(async () => {
    folder = join(mkdtempSync(join(tmpdir(), 'touchstone-protected-')), 'data');
    await initDataDirectory(folder, { serverId: 'test.example', now: testStart });
    store = openSqliteStore(folder);
    for (const name of ['hv-1', 'hv-2', 'hv-3']) await bindTestHost(store, name);
    await store.setHostLabels('hv-3', { tier: 'control', rack: '3' }, auditDraft('host.labelled'));
  });
  after(async () => {
    await store.close();
    rmSync(join(folder, '..'), { recursive: true });
  });

  const configOf = (chosen: readonly object[]): ServerConfig =>
    checkConfig({ serverId: 'test.example', lockout: { protected: chosen } }, folder);
  const read = async (chosen: readonly object[], isOver = () => false, from: Store = store) => {
    const names: string[] = [];
    const context = { config: configOf(chosen), store: from };
    await resultOf(walkProtectedHosts(context, isOver, ({ host }) => void names.push(host.hostId)));
    return names;
  };

  it('are those that one of the entries selects, and nobody where there is none', async () => {
    assert.deepEqual(await read([]), []);
    assert.deepEqual(await read([{ names: ['hv-2', 'ghost'] }, { labels: { tier: 'control' } }]), ['hv-2', 'hv-3']);
    assert.deepEqual(await read([{ labels: { tier: 'control', rack: '4' } }]), []);
  });

  it('are read alone where names select them, each once', async () => {
    const without: Store = { ...store, listFleet: () => assert.fail('the fleet is not read') };
    const chosen = [{ names: ['hv-2', 'hv-1'] }, { names: ['hv-2'] }];
    assert.deepEqual(await read(chosen, () => false, without), ['hv-2', 'hv-1']);
  });

  it('are those that were found by then, where the time is over', async () => {
    const names = [{ names: ['hv-1', 'hv-2'] }];
    const labels = [...names, { labels: { tier: 'control' } }];
    for (const chosen of [names, labels]) {
      let looks = 0;
      assert.deepEqual(await read(chosen, () => (looks += 1) > 1), ['hv-1']);
      assert.deepEqual(await read(chosen, () => true), []);
    }
  });

  it('are told by how many of all who may be such were read: those that are named, or the fleet', async () => {
    const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 15));
    const told = async (chosen: readonly object[]) => {
      const all: string[] = [];
      const context = { config: configOf(chosen), store };
      for await (const { done, total } of walkProtectedHosts(context, () => false, slowly))
        all.push(`${done}/${total}`);
      return all;
    };
    assert.deepEqual(await told([{ names: ['hv-1', 'hv-2', 'ghost'] }]), ['1/3', '2/3']);
    assert.deepEqual(await told([{ labels: { tier: 'control' } }]), ['3/3']);
  });

  it('are chosen by names or by labels, and an entry that chooses nobody is a mistake', () => {
    for (const wrong of [{}, { names: [] }, { labels: {} }, { names: ['hv-1'], labels: { a: 'b' } }, { all: true }]) {
      assert.throws(() => configOf([wrong]), { code: 'CONFIG_INVALID' }, JSON.stringify(wrong));
    }
    assert.throws(
      () => configOf([{ names: ['HV 1'] }]),
      /lockout\.protected\.0\.names\.0: must be at most 63 small letters/,
    );
  });
});
