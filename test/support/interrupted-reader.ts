// A store that only reads, and what others commit between two of its statements: each of them has a snapshot of its own.
import assert from 'node:assert/strict';
import pg from 'pg';
import type { Store } from '../../src/server/storage/index.ts';
import { clientConfigOf } from '../../src/server/storage/postgres/connection.ts';
import { openPostgresEngine } from '../../src/server/storage/postgres/postgres-engine.ts';
import { openSqlStore } from '../../src/server/storage/sql/sql-store.ts';
import type { Engine } from '../../src/server/storage/sql/sql.ts';
import { openReadOnly } from '../../src/server/storage/sqlite/database.ts';
import { openConnection } from '../../src/server/storage/sqlite/sqlite-engine.ts';
import { postgresAt } from './postgres.ts';

export type ReadingEngine = Pick<Engine, 'all' | 'get' | 'ask' | 'close'>;

/** Of the database at this URL, or of the SQLite file of the data directory. */
export function openReadingEngine(dataDirectory: string, url: string | undefined): ReadingEngine {
  if (url !== undefined) {
    const pool = new pg.Pool({ ...clientConfigOf(postgresAt(url)), max: 2 });
    return { ...openPostgresEngine(pool), close: () => pool.end() };
  }
  const database = openReadOnly(dataDirectory);
  const close = () => Promise.resolve(void database.close());
  return { ...openConnection(database, dataDirectory), ask: undefined, close };
}

/** `before` is told which statement it is that comes next, from 1. */
export function openInterruptedReader(
  engine: ReadingEngine,
  before: (position: number) => Promise<void>,
): { readonly reader: Store; readonly asked: () => number } {
  let asked = 0;
  const all: Engine['all'] = async (question, ...values) => {
    asked += 1;
    await before(asked);
    return engine.all(question, ...values);
  };
  const ask: Engine['ask'] = async (calls) => {
    const answers: (readonly unknown[])[] = [];
    for (const { statement, values } of calls) answers.push(await all(statement, ...values));
    return answers;
  };
  const refuse = () => assert.fail('it only reads');
  const reader = openSqlStore(
    {
      ...{ all, get: async (question, ...values) => (await all(question, ...values))[0] },
      ...{ ask: engine.ask && ask, orderAudit: undefined, watchOthers: () => undefined, isAsWeLeftIt: () => false },
      ...{ run: refuse, returning: refuse, transact: refuse, change: refuse, close: () => Promise.resolve() },
    },
    { rememberedHosts: 0, rememberedLogs: 0 },
  );
  return { reader, asked: () => asked };
}
