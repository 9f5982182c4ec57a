// Questions of several requests over one connection: each with its own answer, and none that another one's failure takes along.
import assert from 'node:assert/strict';
import { setImmediate, setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { createAsking } from '../../../src/server/storage/postgres/asking.ts';
import { openPostgresEngine } from '../../../src/server/storage/postgres/postgres-engine.ts';
import { call, statement, type Call, type Sql } from '../../../src/server/storage/sql/sql.ts';
import { createTestDatabase } from '../../support/postgres.ts';

const number = statement('SELECT ?::int AS number');
const quotient = statement('SELECT 1 / ?::int AS quotient');
const pause = statement('SELECT pg_sleep(0.5)');
const backend = statement<{ readonly pid: number }>('SELECT pg_backend_pid() AS pid');

describe('questions that are asked at once', () => {
  let url: string;
  let pool: pg.Pool;
  let ask: (calls: readonly Call[]) => Promise<readonly (readonly unknown[])[]>;
  beforeEach(async () => {
    url = await createTestDatabase();
    pool = new pg.Pool({ connectionString: url, pipeline: true, max: 4 });
    pool.on('error', () => undefined);
    pool.on('connect', (client) => client.on('error', () => undefined));
    const { ask: asked } = openPostgresEngine(pool);
    assert.ok(asked);
    ask = asked;
  });
  afterEach(() => pool.end());

  const connectionsOf = async (count: number): Promise<number> => {
    const answers = await Promise.all(Array.from({ length: count }, () => ask([call(backend)])));
    return new Set(answers.map(([rows]) => (rows?.[0] as { readonly pid: number }).pid)).size;
  };

  it('go over one connection, each with its own answers', async () => {
    const answers = await Promise.all([1, 2, 3].map((one) => ask([call(number, one), call(number, one * 10)])));
    assert.deepEqual(
      answers.map((each) => each.map(([row]) => ({ ...(row as object) }))),
      [1, 2, 3].map((one) => [{ number: one }, { number: one * 10 }]),
    );
    assert.equal(pool.totalCount, 1);
  });

  it('share it with seven others and no more, so that a database with many cores uses them', async () => {
    assert.equal(await connectionsOf(8), 1);
    assert.equal(await connectionsOf(9), 2);
    assert.equal(await connectionsOf(32), 4);
  });

  it('are answered where another one fails, and its connection goes on', async () => {
    const [before, refused, behind] = await Promise.allSettled([
      ask([call(number, 1)]),
      ask([call(number, 2), call(quotient, 0)]),
      ask([call(number, 3)]),
    ]);
    assert.deepEqual([before.status, refused.status, behind.status], ['fulfilled', 'rejected', 'fulfilled']);
    assert.equal(codeOf(refused), '22012');
    while (pool.idleCount === 0) await setImmediate();
    await ask([call(number, 4)]);
    assert.equal(pool.totalCount, 1);
  });

  it('hear nothing of one that fails before they are answered', async () => {
    const answersApart: Pick<Sql, 'all'> = {
      all: async (...[question]) => {
        if (question === quotient) throw new RangeError('division by zero');
        await setTimeout(5);
        return [];
      },
    };
    const askApart = createAsking((work) =>
      work({ ...answersApart, get: () => assert.fail(), run: () => assert.fail() }),
    );
    const [refused, behind] = await Promise.allSettled([askApart([call(quotient, 0)]), askApart([call(number, 3)])]);
    assert.deepEqual([refused.status, behind.status], ['rejected', 'fulfilled']);
  });

  it('are asked again where their connection ends under them', async () => {
    const answered = Promise.all([ask([call(pause)]), ask([call(number, 1)]), ask([call(number, 2), call(backend)])]);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    let isEnded = false;
    while (!isEnded) {
      const { rowCount } = await other.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query = 'SELECT pg_sleep(0.5)' AND state = 'active'`,
      );
      isEnded = (rowCount ?? 0) > 0;
    }
    await other.end();
    const [, one, two] = await answered;
    assert.deepEqual([one[0]?.length, two[0]?.length, two[1]?.length], [1, 1, 1]);
  });

  it('are all refused where no connection can be had', async () => {
    const nowhere = new pg.Pool({ host: '127.0.0.1', port: 1, connectionTimeoutMillis: 1000 });
    const { ask: askNobody } = openPostgresEngine(nowhere);
    assert.ok(askNobody);
    const outcomes = await Promise.allSettled([1, 2].map((one) => askNobody([call(number, one)])));
    assert.deepEqual(outcomes.map(codeOf), ['STORAGE_UNREACHABLE', 'STORAGE_UNREACHABLE']);
    await nowhere.end();
  });
});

function codeOf(outcome: PromiseSettledResult<unknown>): unknown {
  return outcome.status === 'rejected' ? (outcome.reason as { readonly code?: unknown }).code : undefined;
}
