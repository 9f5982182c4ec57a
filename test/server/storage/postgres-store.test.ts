// What only a database that several servers share has to promise.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import { createStore, inspectPostgres, openStore, type Store } from '../../../src/server/storage/index.ts';
import { createCluster, createTestDatabase, postgresAt, type Cluster } from '../../support/postgres.ts';
import { attestationOf, auditDraft, bindTestHost, openTestChallenge } from '../../support/stored-records.ts';

const dataDirectory = '/nowhere';

describe('a PostgreSQL that several servers share', () => {
  let url: string;
  let one: Store;
  let other: Store;
  before(async () => {
    url = await createTestDatabase();
    await createStore({ dataDirectory, storage: postgresAt(url) });
    [one, other] = (await Promise.all([0, 1].map(() => openStore({ dataDirectory, storage: postgresAt(url) })))) as [
      Store,
      Store,
    ];
  });
  after(async () => {
    await one.close();
    await other.close();
  });

  it('is made once, and never by opening it', async () => {
    const empty = postgresAt(await createTestDatabase());
    await assert.rejects(openStore({ dataDirectory, storage: empty }), { code: 'STORAGE_NOT_INITIALISED' });
    await assert.rejects(createStore({ dataDirectory, storage: postgresAt(url) }), { code: 'STORAGE_IN_USE' });
  });

  it('accepts no nonce twice, whichever servers it is shown to at once', async () => {
    await bindTestHost(one, 'hv-1');
    for (let sequence = 0; sequence < 10; sequence += 1) {
      await openTestChallenge(one, 'hv-1', `c${sequence}`);
      const record = await attestationOf(other, 'hv-1', { challengeId: `c${sequence}`, verdictSequence: sequence });
      const outcomes = await Promise.all([one, other, one, other].map((store) => store.recordAttestation(record)));
      assert.deepEqual(outcomes.sort(), ['challenge-spent', 'challenge-spent', 'challenge-spent', 'recorded']);
    }
    await openTestChallenge(one, 'hv-1', 'taken');
    const takers = await Promise.all([one, other, one].map((store) => store.spendChallenge('hv-1', 'taken')));
    assert.deepEqual(takers.filter((isTaken) => isTaken).length, 1);
  });

  it('takes one of two hosts that claim the same TPM at two servers', async () => {
    const outcomes = await Promise.all([
      bindTestHost(one, 'hv-a', { tpm: 'tpm' }),
      bindTestHost(other, 'hv-b', { tpm: 'tpm' }),
    ]);
    assert.deepEqual(outcomes.sort(), ['bound', 'ek-taken']);
  });

  it('keeps one chain of audit entries, whoever writes them at once', async () => {
    const before = await one.lastAuditSequence();
    const writers = Array.from({ length: 30 }, (_, index) => (index % 2 === 0 ? one : other));
    await Promise.all(writers.map((store, index) => store.appendAudit({ ...auditDraft('x'), subject: `s${index}` })));
    const entries = await other.listAudit(0, 1000);
    assert.equal(findBrokenLink(entries), undefined);
    assert.equal(entries.length, before + 30);
  });

  it('lets no attestation through that rested on what another server revokes meanwhile', async () => {
    const end = {
      state: 'revoked',
      reason: 'r',
      cve: undefined,
      revision: undefined,
      audit: auditDraft('golden.revoked'),
    } as const;
    for (let round = 0; round < 10; round += 1) {
      const sequence = (await one.findVerdict('hv-1'))?.sequence ?? 0;
      const golden = { id: `g${round}`, layer: 'kernel', name: 'k', payload: Uint8Array.of(1), at: 1, signatures: [] };
      await one.saveGolden({ ...golden, revision: undefined }, () => {
        return { state: 'active', audit: auditDraft('golden.activated') };
      });
      await openTestChallenge(one, 'hv-1', `r${round}`);
      const answer = { challengeId: `r${round}`, verdictSequence: sequence, goldens: [`g${round}`] };
      const record = await attestationOf(one, 'hv-1', answer);
      const [outcome, ended] = await Promise.all([one.recordAttestation(record), other.endGolden(`g${round}`, end)]);
      const verdict = await one.findVerdict('hv-1');
      if (outcome === 'recorded') assert.equal(ended, 1, 'it was recorded before, so the revocation has to end it');
      assert.ok(outcome === 'outdated' || verdict?.voided !== undefined);
      await one.spendChallenge('hv-1', `r${round}`);
    }
  });

  it('tells every server of new audit entries', async () => {
    const told = new Promise<void>((resolve) => {
      void other.watchAudit(() => {
        void other.lastAuditSequence().then((last) => last > before && resolve());
      });
    });
    const before = await one.lastAuditSequence();
    await one.appendAudit(auditDraft('told'));
    await told;
  });

  it('cannot change or remove an audit entry', async () => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await assert.rejects(client.query("UPDATE audit SET actor = 'nobody'"), /append-only/);
    await assert.rejects(client.query('DELETE FROM audit WHERE sequence = 1'), /append-only/);
    await assert.rejects(client.query('TRUNCATE audit'), /append-only/);
    await client.end();
  });

  it('is looked at by the doctor, who says what can lose what was acknowledged', async () => {
    const { clockAheadMs, description, weaknesses } = await inspectPostgres(postgresAt(url));
    assert.ok(Math.abs(clockAheadMs) < 60_000, 'both are of this machine');
    assert.match(description, /^PostgreSQL \d+/);
    assert.ok(weaknesses.some((one) => one.startsWith('fsync is off')));
    assert.ok(weaknesses.some((one) => one.includes('no synchronous standby')));
  });

  it('is refused where advisory locks lock nothing: two servers would pass each other unseen', async () => {
    const lawless = postgresAt(await createTestDatabase());
    await createStore({ dataDirectory, storage: lawless });
    const client = new pg.Client({ connectionString: lawless.url });
    await client.connect();
    await client.query(`CREATE SCHEMA stubs;
      CREATE FUNCTION stubs.pg_advisory_xact_lock(integer, integer) RETURNS void LANGUAGE sql AS '';
      CREATE FUNCTION stubs.pg_try_advisory_xact_lock(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT true'`);
    const { rows } = await client.query<{ readonly name: string }>('SELECT current_database() AS name');
    await client.query(`ALTER DATABASE ${rows[0]?.name ?? ''} SET search_path = public, stubs, pg_catalog`);
    await client.end();
    await assert.rejects(openStore({ dataDirectory, storage: lawless }), { code: 'STORAGE_REFUSED', message: /locks/ });
  });

  it('refuses what is no way in, by name', async () => {
    const place = new URL(url);
    place.pathname = '/absent';
    await assert.rejects(openStore({ dataDirectory, storage: postgresAt(place.href) }), {
      code: 'STORAGE_REFUSED',
      message: /^PostgreSQL: 3D000 \(database absent at \S+, port \d+\)$/,
    });
    place.searchParams.set('host', '/nowhere');
    await assert.rejects(openStore({ dataDirectory, storage: postgresAt(place.href) }), {
      code: 'STORAGE_UNREACHABLE',
      message: /^PostgreSQL: ENOENT \(database absent at \/nowhere, port \d+\)$/,
    });
  });
});

describe('a PostgreSQL that goes away', () => {
  let cluster: Cluster;
  let store: Store;
  before(async () => {
    cluster = await createCluster();
    const storage = postgresAt(await createTestDatabase(cluster));
    await createStore({ dataDirectory, storage });
    store = await openStore({ dataDirectory, storage });
  });
  after(async () => {
    await store.close();
  });

  it('is said to be away, with the time to come back, and used again when it is back', async () => {
    await bindTestHost(store, 'hv-1');
    await Promise.all(Array.from({ length: 5 }, () => store.ping()));
    await cluster.stop();
    const away = { code: 'STORAGE_UNREACHABLE', headers: { 'retry-after': '5' } };
    await assert.rejects(async () => await store.findHost('hv-1'), away);
    await assert.rejects(store.appendAudit(auditDraft('lost')), away);
    await cluster.start();
    assert.equal((await store.findHost('hv-1'))?.hostId, 'hv-1');
    await store.appendAudit(auditDraft('back'));
    assert.equal(findBrokenLink(await store.listAudit(0, 100)), undefined);
  });

  it('says yes to nothing that was written to one copy alone, because a wait for the standby was cancelled', async () => {
    await requireStandby(cluster);
    const appended = store.appendAudit(auditDraft('alone'));
    const cancelled = administer(cluster, onceWaiting('pg_cancel_backend'));
    await assert.rejects(appended, { code: 'STORAGE_UNREACHABLE' });
    await cancelled;
    await administer(cluster, 'ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()');
    await store.appendAudit(auditDraft('with nobody to wait for'));
  });

  it('records no attestation twice whose answer was lost, and says that nobody knows', async () => {
    await openTestChallenge(store, 'hv-1', 'lost');
    const record = await attestationOf(store, 'hv-1', { challengeId: 'lost', verdictSequence: 0 });
    await requireStandby(cluster);
    const recorded = store.recordAttestation(record);
    const lost = administer(cluster, onceWaiting('pg_terminate_backend'));
    await assert.rejects(recorded, { code: 'STORAGE_UNREACHABLE' });
    await lost;
    await administer(cluster, 'ALTER SYSTEM RESET synchronous_standby_names', 'SELECT pg_reload_conf()');
    assert.equal(await store.recordAttestation(record), 'challenge-spent');
    assert.equal((await store.findVerdict('hv-1'))?.sequence, 1);
  });

  it('writes nothing of what was sent behind a BEGIN that failed', async () => {
    const last = await store.lastAuditSequence();
    const prototype = pg.Client.prototype as unknown as { query: (...args: readonly unknown[]) => unknown };
    const { query } = prototype;
    prototype.query = function (this: unknown, asked, ...rest) {
      const isBeginning = typeof asked === 'string' && asked.startsWith('BEGIN');
      return query.call(this, isBeginning ? 'SELECT 1 / 0' : asked, ...rest);
    };
    try {
      await openTestChallenge(store, 'hv-1', 'unbegun').catch(() => undefined);
      const record = await attestationOf(store, 'hv-1', { challengeId: 'unbegun', verdictSequence: 1 });
      await assert.rejects(store.recordAttestation({ ...record, audit: auditDraft('x') }), { code: '22012' });
    } finally {
      prototype.query = query;
    }
    assert.equal((await store.findVerdict('hv-1'))?.sequence, 1);
    assert.equal(await store.lastAuditSequence(), last);
    assert.equal(await store.findChallenge('hv-1', 'unbegun'), undefined);
  });

  it('is not asked while it is a standby, which may not know yet who was revoked', async () => {
    await cluster.stop();
    writeFileSync(join(cluster.data, 'standby.signal'), '', { mode: 0o644 });
    await cluster.start();
    await assert.rejects(async () => await store.findHost('hv-1'), { code: 'STORAGE_UNREACHABLE', message: /standby/ });
    await cluster.stop();
    rmSync(join(cluster.data, 'standby.signal'));
    await cluster.start();
    assert.equal((await store.findHost('hv-1'))?.hostId, 'hv-1');
  });

  it('is not noticed by reading when it was only restarted', async () => {
    await Promise.all(Array.from({ length: 5 }, () => store.ping()));
    await cluster.stop();
    await cluster.start();
    assert.equal((await store.findHost('hv-1'))?.hostId, 'hv-1');
  });
});

/** From now on each commit waits for a standby that never comes. A reload is done when the checkpointer gets round to it, and not
 * when it was asked for: so something is written again and again until it waits, and its wait is cancelled. */
async function requireStandby(cluster: Cluster): Promise<void> {
  await administer(cluster, "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", 'SELECT pg_reload_conf()');
  const cancelled = administer(cluster, onceWaiting('pg_cancel_backend'));
  const write = "SELECT pg_logical_emit_message(true, 'probe', '')";
  while (!(await administer(cluster, write)).includes('canceling wait for synchronous replication')) continue;
  await cancelled;
}

/** Waits until a backend waits for its standby, and does that to it. */
const onceWaiting = (act: 'pg_cancel_backend' | 'pg_terminate_backend') => `DO $$ BEGIN
  FOR attempt IN 1..1000 LOOP
    PERFORM pg_stat_clear_snapshot();
    PERFORM ${act}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep';
    EXIT WHEN FOUND;
    PERFORM pg_sleep(0.02);
  END LOOP;
END $$`;

/** Returns the warnings. */
async function administer({ socket, port }: Cluster, ...statements: readonly string[]): Promise<string> {
  const client = new pg.Client({ host: socket, port, user: 'app', database: 'postgres' });
  const warnings: string[] = [];
  client.on('notice', ({ message }) => warnings.push(message ?? ''));
  await client.connect();
  for (const each of statements) await client.query(each);
  await client.end();
  return warnings.join('\n');
}
