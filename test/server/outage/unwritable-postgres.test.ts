// A PostgreSQL that takes nothing that is written: what still is answered, what everybody is told, and that it goes on by itself.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import { openReader } from '../../../src/server/storage/index.ts';
import { attest, challengeFor, trustedWorld, type EnrolledHost } from '../../support/paper-story.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

/** What PostgreSQL says then. */
const refusals = { 'whose disk is full': '53100', 'that is read-only': '25006' } as const;

describe('a server over a PostgreSQL', function () {
  this.timeout(120_000);
  let url: string;
  let database: pg.Client;
  let server: ServerProcess;
  let enrolled: EnrolledHost;
  let host: PaperHost;
  let monitor: string;
  /** Verdicts that were acknowledged. */
  let acknowledged = 0;
  const path = { hostId: 'hv-1' };

  before(async () => {
    url = await createTestDatabase();
    database = new pg.Client(url);
    await database.connect();
    server = await createServerProcess({ storage: url });
    await server.start();
    ({ enrolled, host } = await trustedWorld(server.world()));
    acknowledged = 2;
    const body = { name: 'm', role: 'monitor' } as const;
    monitor = (await server.client(server.token).call('createToken', { body })).token;
  });
  after(async () => {
    await database.end();
    await server.remove();
  });

  /** From here on the database itself refuses each change, with this code. */
  async function refuseChanges(code: string): Promise<void> {
    await database.query(
      `CREATE OR REPLACE FUNCTION takes_nothing() RETURNS trigger LANGUAGE plpgsql AS
         $$ BEGIN RAISE EXCEPTION 'nothing is written' USING ERRCODE = '${code}'; END $$`,
    );
    await eachTable(
      (table) => `CREATE TRIGGER takes_nothing BEFORE INSERT OR UPDATE OR DELETE ON ${table}
        FOR EACH STATEMENT EXECUTE FUNCTION takes_nothing()`,
    );
    // A small row in the place of another one fits in what a full database has: a server that tries just that is not told.
    if (code === refusals['whose disk is full']) await database.query('DROP TRIGGER takes_nothing ON meta');
  }

  const takeChanges = () => eachTable((table) => `DROP TRIGGER IF EXISTS takes_nothing ON ${table}`);

  async function eachTable(change: (table: string) => string): Promise<void> {
    const { rows } = await database.query<{ readonly name: string }>(
      'SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()',
    );
    await database.query(rows.map(({ name }) => change(name)).join(';'));
  }

  async function ready(): Promise<Readonly<Record<string, unknown>>> {
    const answer = await fetch(`${server.url}/readyz`);
    assert.equal(answer.status, 200);
    return (await answer.json()) as Readonly<Record<string, unknown>>;
  }

  async function untilReady(expected: object): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const said = await ready();
      if (JSON.stringify(said) === JSON.stringify(expected)) return;
      assert.ok(Date.now() < deadline, JSON.stringify(said));
      await sleep(100);
    }
  }

  async function metric(name: string): Promise<string | undefined> {
    const answer = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${monitor}` } });
    return new RegExp(`^${name} (\\d+)$`, 'm').exec(await answer.text())?.[1];
  }

  const asHost = (): EnrolledHost => ({ ...enrolled, client: server.client(enrolled.token, enrolled.prove) });

  async function answersWhatItKnows(): Promise<void> {
    const operator = server.client(server.token);
    const verdict = await operator.call('getVerdict', { path });
    assert.deepEqual([verdict.status, verdict.remembered], ['affirming', undefined]);
    const { decision, remembered } = await operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.deepEqual([decision, remembered], ['allow', undefined]);
    assert.equal((await operator.call('listHosts', {})).items.length, 1);
  }

  async function takesNothing(): Promise<void> {
    const body = { name: 'o', role: 'orchestrator' } as const;
    await refuses(server.client(server.token).call('createToken', { body }), 'STORAGE_UNAVAILABLE', 503);
    await refuses(challengeFor(asHost()), 'STORAGE_UNAVAILABLE', 503);
    await refuses(attest(asHost(), host), 'STORAGE_UNAVAILABLE', 503);
  }

  for (const [kind, code] of Object.entries(refusals)) {
    it(`${kind} answers by what is stored, and acknowledges nothing`, async () => {
      assert.equal(await metric('touchstone_store_writable'), '1');
      await refuseChanges(code);
      await takesNothing();
      await answersWhatItKnows();
      await untilReady({ status: 'ok', readOnly: true });
      assert.equal(await metric('touchstone_store_writable'), '0');
      assert.equal(await metric('touchstone_store_up'), '1');
    });

    it(`${kind} is one that it can be started over`, async () => {
      await server.end('SIGKILL');
      await server.start();
      await answersWhatItKnows();
      await takesNothing();
      await untilReady({ status: 'ok', readOnly: true });
    });

    it(`${kind} is one that it writes to again by itself, with all that was acknowledged and nothing else`, async () => {
      await takeChanges();
      assert.equal((await attest(asHost(), host)).verdict.status, 'affirming');
      acknowledged += 1;
      // For a minute it heeds who was refused.
      server.advance(61);
      await untilReady({ status: 'ok' });
      const reader = await openReader({ dataDirectory: server.dataDirectory, storage: postgresAt(url) });
      try {
        assert.equal((await reader.findVerdict('hv-1'))?.sequence, acknowledged);
        assert.equal(findBrokenLink(await reader.listAudit(0, 1000)), undefined);
      } finally {
        await reader.close();
      }
    });
  }

  it('is not kept from writing by a default, which whoever sets up PgBouncer may have to set', async () => {
    const { rows } = await database.query<{ readonly name: string }>('SELECT current_database() AS name');
    await database.query(`ALTER DATABASE ${rows[0]?.name ?? ''} SET default_transaction_read_only = on`);
    await database.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    assert.equal((await attest(asHost(), host)).verdict.status, 'affirming');
    await untilReady({ status: 'ok' });
  });
});
