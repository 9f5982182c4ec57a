// A store over each engine, for tests of what both promise.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { createStore, openStore, type Store, type UnreadableHost } from '../../../src/server/storage/index.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { makeQuickFolder } from '../../support/quick-folder.ts';

export const everything = { after: undefined, limit: 100 };

export function readable<T extends object>(listed: T | UnreadableHost | undefined): T {
  assert.ok(listed !== undefined && !('unreadable' in listed));
  return listed;
}

export interface StoreUnderTest {
  readonly engine: 'sqlite' | 'postgres';
  readonly store: Store;
}

/** Once for each engine: one store, empty at first, which the tests of `tell` share in their order. */
export function describeStore(title: string, tell: (under: StoreUnderTest) => void): void {
  for (const engine of ['sqlite', 'postgres'] as const) {
    describe(`${title} over ${engine}`, () => {
      let dataDirectory: string;
      let store: Store;
      before(async () => {
        dataDirectory = makeQuickFolder('touchstone-store-');
        const storage = engine === 'sqlite' ? engine : postgresAt(await createTestDatabase());
        await createStore({ dataDirectory, storage });
        store = await openStore({ dataDirectory, storage, attestation: { rememberedHosts: 100, rememberedLogs: 10 } });
      });
      after(async () => {
        await store.close();
        rmSync(dataDirectory, { recursive: true, force: true });
      });

      tell({
        engine,
        get store() {
          return store;
        },
      });
    });
  }
}
