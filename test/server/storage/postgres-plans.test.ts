// How PostgreSQL goes about pages of a fleet: whatever plan it takes, a page reads no more than it has.
import assert from 'node:assert/strict';
import pg from 'pg';
import { createStore, openStore, type Store } from '../../../src/server/storage/index.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { recordStatements, type RecordedStatement } from '../../support/recorded-statements.ts';
import { bindTestHost } from '../../support/stored-records.ts';

interface Plan {
  readonly 'Relation Name'?: string;
  /** Whether it is asked once for each row, among others. */
  readonly 'Parent Relationship'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly Plans?: readonly Plan[];
}

const hosts = 1000;

describe('PostgreSQL', () => {
  let store: Store;
  let database: pg.Client;
  before(async () => {
    const url = await createTestDatabase();
    const place = { dataDirectory: '', storage: postgresAt(url) };
    await createStore(place);
    store = await openStore(place);
    database = new pg.Client({ connectionString: url });
    await database.connect();
    await bindTestHost(store, 'hv-0000');
    await database.query(
      `INSERT INTO hosts SELECT (jsonb_populate_record(hosts, jsonb_build_object('id', 'hv-' || lpad(n::text, 4, '0')))).*
       FROM hosts, generate_series(1, ${hosts - 1}) AS n`,
    );
    await database.query(
      `INSERT INTO attestations (host_id, sequence, epoch, document, issued_at, expires_at, quote_verified, attest, signature,
         pcrs, ak_public, qualifying_data, received_at)
       SELECT id, 1, epoch, '{"status":"affirming"}', 1, 2, 1, '', '', '', '', '', 1 FROM hosts`,
    );
    await database.query('UPDATE hosts SET verdict_sequence = 1');
    await database.query('ANALYZE');
  });
  after(async () => {
    await database.end();
    await store.close();
  });

  const page = { after: 'hv-0899', limit: 10 };
  const readings = {
    'of hosts beside their verdicts': () => store.listHosts(page),
    'of hosts beside their evidence': () => store.listFleet(page),
  };
  for (const [name, read] of Object.entries(readings)) {
    it(`reads a page ${name} from where it begins, also where it goes through both in their order`, async () => {
      const { statements } = await recordStatements(async () => assert.equal((await read()).length, page.limit));
      const paged = statements.filter(({ text }) => /JOIN attestations[^]* LIMIT /.test(text));
      assert.equal(paged.length, 1);
      for (const isMerged of [false, true]) {
        await database.query(`SET enable_nestloop = ${isMerged ? 'off' : 'on'}`);
        for (const statement of paged) assert.deepEqual([isMerged, await rowsRead(statement)], [isMerged, page.limit]);
      }
    });
  }

  /** Of attestations that are joined to the page. */
  async function rowsRead({ text, values }: RecordedStatement): Promise<number> {
    const { rows } = await database.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
      `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
      [...values],
    );
    return joinedIn(rows[0]!['QUERY PLAN'][0].Plan);
  }
});

/** What is asked for each row is beside them. */
function joinedIn(plan: Plan): number {
  if (plan['Parent Relationship'] === 'SubPlan') return 0;
  const own = plan['Relation Name'] === 'attestations' ? plan['Actual Rows'] * plan['Actual Loops'] : 0;
  return (plan.Plans ?? []).reduce((sum, part) => sum + joinedIn(part), own);
}
