// What the requests of a million hosts ask of the database: so little, and each statement about one host, so that a PostgreSQL that is
// spread over many machines (Citus, YugabyteDB, CockroachDB) asks one of them.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createApiClient, type Prove } from '../../../src/api/index.ts';
import { checkConfig, initDataDirectory, startServer, type RunningServer } from '../../../src/server/index.ts';
import {
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type SentEvidence,
} from '../../support/paper-story.ts';
import { createTestDatabase } from '../../support/postgres.ts';
import { recordStatements, type RecordedStatement } from '../../support/recorded-statements.ts';
import { testStart, type TestServer } from '../../support/test-server.ts';

/** By what a table is spread: a host's rows are together, a log lies where its SHA-256 leads, a token where its id does. */
const keys: Readonly<Record<string, string>> = {
  hosts: 'id',
  challenges: 'host_id',
  attestations: 'host_id',
  verdict_goldens: 'host_id',
  ak_certificates: 'host_id',
  logs: 'sha256',
  tokens: 'id',
};

/** Small, read by everybody and changed by operators alone: a copy on each machine. And the one chain of all audit entries, which
 * an attestation adds to when it changes what is said of its host (decision 16). */
const others = ['meta', 'quarantines', 'audit'];

/** The most that each request may ask: what it does today, so that no change makes it dearer unseen. Who makes it cheaper lowers it. */
const bounds = {
  challenge: { statements: 7, roundTrips: 2 },
  attestation: { statements: 9, roundTrips: 1 },
  'attestation of a host that was elsewhere': { statements: 16, roundTrips: 2 },
  'first attestation': { statements: 24, roundTrips: 2 },
  verdict: { statements: 2, roundTrips: 1 },
  admission: { statements: 2, roundTrips: 2 },
};

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Output?: readonly string[];
  readonly Plans?: readonly Plan[];
}

describe('the hot path over PostgreSQL', function () {
  this.timeout(120_000);
  let dataDirectory: string;
  let running: RunningServer;
  let database: pg.Client;
  let asked: Record<keyof typeof bounds, Awaited<ReturnType<typeof recordStatements>>>;

  before(async () => {
    const storage = await createTestDatabase();
    dataDirectory = mkdtempSync(join(tmpdir(), 'touchstone-hot-'));
    const { operatorToken } = await initDataDirectory(dataDirectory, {
      serverId: 'test.example',
      storage,
      now: testStart,
    });
    const more = { listen: { port: 0 }, log: { level: 'silent' }, lockout: { sharePercent: 20 } };
    const settings = { serverId: 'test.example', storage, ...more };
    running = await startServer(checkConfig(settings, dataDirectory), {
      now: () => testStart,
      announce: () => undefined,
    });
    const client = (token?: string, prove?: Prove) =>
      createApiClient({ baseUrl: running.url, ...(token && { token }), ...(prove && { prove }) });
    const operator = client(operatorToken);
    const server = { operator, client } as unknown as TestServer;
    const { enrolled, host } = await trustedWorld(server);
    /** What the answer to the last challenge brings, again and again: until nothing is asked for the first time, and as often as is kept. */
    const steady = async (times: number): Promise<SentEvidence> => {
      let { nextChallenge } = await attest(enrolled, host);
      for (let turn = 0; turn < times; turn += 1)
        ({ nextChallenge } = await submit(enrolled, await evidenceFor(host, nextChallenge!)));
      return evidenceFor(host, nextChallenge!);
    };
    database = new pg.Client({ connectionString: storage });
    await database.connect();
    await database.query('SET enable_seqscan = off; SET enable_bitmapscan = off');

    await operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    // Of another machine: it gets its certificate, and what it rests on is written for the first time.
    const another = paperHost('hv-2');
    const enrolledToo = await enrol(server, another);
    const first = await evidenceFor(another, await challengeFor(enrolledToo, another));
    const evidence = await steady(12);
    const attestation = await recordStatements(() => submit(enrolled, evidence));
    const challenge = await recordStatements(() => challengeFor(enrolled, host));
    // What is remembered of a host is for the challenge that came with its last answer: this one may have come from another server.
    const elsewhere = await evidenceFor(host, await challengeFor(enrolled, host));
    asked = {
      challenge,
      attestation,
      'attestation of a host that was elsewhere': await recordStatements(() => submit(enrolled, elsewhere)),
      'first attestation': await recordStatements(() => submit(enrolledToo, first)),
      verdict: await recordStatements(() => operator.call('getVerdict', { path: { hostId: 'hv-1' } })),
      admission: await recordStatements(() => operator.call('createAdmissionDecision', { body: { host: 'hv-1' } })),
    };
  });
  after(async () => {
    await database.end();
    await running.close(0);
    rmSync(dataDirectory, { recursive: true, force: true });
  });

  for (const request of Object.keys(bounds) as (keyof typeof bounds)[]) {
    it(`asks no more of the database for ${request} than it did`, () => {
      const { statements, roundTrips } = asked[request];
      const texts = statements.map(({ text }) => text).join('\n');
      assert.ok(statements.length > 0);
      assert.ok(statements.length <= bounds[request].statements, `${statements.length} statements:\n${texts}`);
      assert.ok(roundTrips <= bounds[request].roundTrips, `${roundTrips} round trips:\n${texts}`);
    });

    it(`names one host, log or token in each statement of ${request}, by which its table is spread`, async () => {
      const wrong: string[] = [];
      for (const statement of asked[request].statements.filter(isAboutTables)) {
        for (const node of await planOf(statement)) {
          const table = node['Relation Name'] ?? '';
          if (!others.includes(table) && !namesOne(node, keys[table])) wrong.push(`${table}: ${statement.text}`);
        }
      }
      assert.deepEqual(wrong, []);
    });
  }

  it('leads the key of each of these tables with what it is spread by', async () => {
    const { rows } = await database.query<{ readonly table: string; readonly first: string }>(
      `SELECT conrelid::regclass::text AS table, attname AS first FROM pg_constraint
       JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1] WHERE contype = 'p'`,
    );
    const leading = new Map(rows.map(({ table, first }) => [table, first]));
    assert.deepEqual(Object.fromEntries(Object.keys(keys).map((table) => [table, leading.get(table)])), keys);
  });

  it('sees a statement that goes over all hosts', async () => {
    const [node] = await planOf({ text: 'DELETE FROM ak_certificates WHERE not_after < $1', values: [1] });
    assert.equal(namesOne(node!, 'host_id'), false);
  });

  /** The parts of a plan that read a table, or put a row into it. */
  async function planOf({ text, values }: RecordedStatement): Promise<readonly Plan[]> {
    const { rows } = await database.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(
      `EXPLAIN (VERBOSE, FORMAT JSON) ${text}`,
      [...values],
    );
    return scansOf(rows[0]!['QUERY PLAN'][0].Plan);
  }
});

/** Beginnings, ends, and locks of transactions. */
function isAboutTables({ text }: RecordedStatement): boolean {
  return !/^(?:BEGIN|COMMIT|ROLLBACK|SELECT pg_advisory_xact_lock)/.test(text);
}

function scansOf(plan: Plan): readonly Plan[] {
  const { Plans: parts = [], ...node } = plan;
  const [source] = parts;
  // What is inserted stands in the row that is made for it.
  const isInsert = node['Node Type'] === 'ModifyTable' && source?.['Node Type'] === 'Result';
  if (isInsert) return [{ ...node, Output: source.Output ?? [] }];
  const own = node['Relation Name'] === undefined || node['Node Type'] === 'ModifyTable' ? [] : [node];
  return [...own, ...parts.flatMap(scansOf)];
}

function namesOne(node: Plan, key: string | undefined): boolean {
  if (key === undefined) return false;
  const condition = node['Index Cond'];
  if (condition !== undefined) return new RegExp(`\\b${key} = '[^']+'::text`).test(condition);
  return node.Output?.some((output) => /^'(?:hv-\d|[0-9a-f]{64})'::text$/.test(output)) ?? false;
}
