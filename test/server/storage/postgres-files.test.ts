// A real PostgreSQL whose files take nothing, by another cause than a full disk: it has no SQLSTATE for that, and its words may be of any
// language.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ServerError } from '../../../src/server/errors.ts';
import { postgresError } from '../../../src/server/storage/postgres/postgres-error.ts';
import { createCluster, createTestDatabase, type Cluster } from '../../support/postgres.ts';

describe('a PostgreSQL that cannot write to its files', () => {
  let cluster: Cluster;
  let url: string;
  before(async () => {
    cluster = await createCluster();
    url = await createTestDatabase(cluster);
    await ask(['CREATE TABLE t (a text)']);
  });
  after(() => cluster.stop());

  async function ask(statements: readonly string[], prepare?: (pid: number) => void) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      prepare?.(rows[0]?.pid ?? 0);
      const answers: pg.QueryResult<Record<string, string>>[] = [];
      for (const statement of statements) answers.push(await client.query<Record<string, string>>(statement));
      return answers;
    } finally {
      await client.end();
    }
  }
  /** Without the words of the system, which are those of its language. */
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    const error = await work.then(
      () => assert.fail('it was taken'),
      (thrown: unknown) => thrown as Error,
    );
    const told = postgresError(Object.assign(error, { message: 'in another language' }));
    return told instanceof ServerError ? `${told.code} ${told.message}` : 'passed on';
  };

  it('is one that takes nothing, where a file or what is sorted beside it can grow no further', async () => {
    const limit = (pid: number): void => {
      const args = ['--pid', String(pid), '--fsize=65536:65536'];
      if (process.getuid?.() === 0) execFileSync('runuser', ['-u', 'nobody', '--', 'prlimit', ...args]);
      else execFileSync('prlimit', args);
    };
    const grow = "INSERT INTO t SELECT repeat('x', 500) FROM generate_series(1, 1000)";
    const sort = "SELECT count(*) FROM (SELECT repeat('x', 50) || g FROM generate_series(1, 300000) g ORDER BY 1) s";
    for (const statement of [grow, sort])
      assert.equal(await codeOf(ask([statement], limit)), 'STORAGE_UNAVAILABLE PostgreSQL: XX000');
  });

  it('is one that takes nothing, where a file may not be opened; a missing privilege of a role is none of it', async () => {
    const [found] = await ask(["SELECT pg_relation_filepath('t') AS path"]);
    const path = join(cluster.data, found?.rows[0]?.['path'] ?? '');
    const forbidden = ['CREATE ROLE nobody_here', 'SET ROLE nobody_here', "INSERT INTO t VALUES ('x')"];
    assert.equal(await codeOf(ask(forbidden)), 'STORAGE_REFUSED PostgreSQL: 42501');
    chmodSync(path, 0);
    try {
      const work = ask(["INSERT INTO t VALUES ('x')"]);
      assert.equal(await codeOf(work), 'STORAGE_UNAVAILABLE PostgreSQL: 42501');
    } finally {
      chmodSync(path, 0o600);
    }
  });
});
