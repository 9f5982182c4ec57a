import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { deflateRawSync } from 'node:zlib';
import { chainEntry, findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import { checkIntegrity, createDatabase, openSqliteStore } from '../../../src/server/storage/index.ts';
import { openSqliteReader } from '../../../src/server/storage/sqlite/sqlite-store.ts';
import { openDatabase } from '../../../src/server/storage/sqlite/database.ts';
import { migrations } from '../../../src/server/storage/sqlite/migrations.ts';
import { attestationOf, bindTestHost, openTestChallenge } from '../../support/stored-records.ts';

describe('the SQLite store', () => {
  let directory: string;
  const path = () => join(directory, 'touchstone.db');
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'touchstone-store-'));
  });
  afterEach(() => {
    rmSync(directory, { recursive: true });
  });
  const draft = (action: string) => ({ at: 1, actor: 'test', action, subject: 's', details: { n: 1, list: ['a'] } });

  /** The schema as it was in the release that had so many steps. */
  const layOut = (database: Database.Database, version: number): void =>
    database.transaction(() => {
      for (const step of migrations.slice(0, version)) database.exec(step);
      database.pragma(`user_version = ${version}`);
    })();

  /** Some pages of audit log. */
  const fill = async () => {
    const store = openSqliteStore(directory);
    for (const action of ['a', 'b', 'c', 'd', 'e']) {
      await store.appendAudit({ ...draft(action), details: { text: action.repeat(20_000) } });
    }
    await store.close();
  };

  it('is never made by opening it', () => {
    assert.throws(() => openSqliteStore(directory), { code: 'DATA_DIRECTORY_INCOMPLETE' });
    createDatabase(directory);
    assert.throws(() => createDatabase(directory), { code: 'DATA_DIRECTORY_EXISTS' });
  });

  it('belongs to one server at a time', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory);
    assert.throws(() => openSqliteStore(directory), { code: 'DATA_DIRECTORY_LOCKED' });
    await store.close();
    await openSqliteStore(directory).close();
  });

  it('keeps its files to its owner, whatever the umask says, and takes rights back that a copy gave', async () => {
    const files = ['touchstone.db', 'touchstone.db-wal', 'touchstone.db-shm', 'lock.db'];
    const modes = () => files.map((name) => statSync(join(directory, name)).mode & 0o777);
    const umask = process.umask(0);
    try {
      createDatabase(directory);
      const store = openSqliteStore(directory);
      await store.appendAudit(draft('one'));
      assert.deepEqual(modes(), [0o600, 0o600, 0o600, 0o600]);
      await store.close();
      for (const name of ['touchstone.db', 'lock.db']) chmodSync(join(directory, name), 0o644);
      const again = openSqliteStore(directory);
      await again.appendAudit(draft('two'));
      assert.deepEqual(modes(), [0o600, 0o600, 0o600, 0o600]);
      await again.close();
    } finally {
      process.umask(umask);
    }
  });

  it('refuses a database that is empty, cut off or none, and leaves it as it is', async () => {
    createDatabase(directory);
    await fill();
    const whole = readFileSync(path());
    const damaged = {
      empty: Buffer.alloc(0),
      'cut within the header': whole.subarray(0, 50),
      'cut after the first page': whole.subarray(0, 4096),
      text: Buffer.from('this is no database at all, but it is long enough to be one'.repeat(20)),
      zeros: Buffer.alloc(8192),
      'another database': emptyDatabase(join(directory, 'other.db')),
    };
    for (const [name, bytes] of Object.entries(damaged)) {
      writeFileSync(path(), bytes);
      assert.throws(() => openSqliteStore(directory), { code: 'STORAGE_DAMAGED' }, name);
      assert.deepEqual(readFileSync(path()), bytes, `${name} was changed`);
    }
    writeFileSync(path(), whole);
    await openSqliteStore(directory).close();
  });

  it('sees damage within the database when it is told to read all of it', async () => {
    createDatabase(directory);
    await fill();
    checkIntegrity(directory);
    const whole = readFileSync(path());
    writeFileSync(path(), whole.subarray(0, whole.length - 2048));
    assert.throws(() => checkIntegrity(directory), { code: 'STORAGE_DAMAGED' });
    writeFileSync(path(), Buffer.from(whole).fill(0xff, whole.length - 3 * 4096));
    assert.throws(() => checkIntegrity(directory), { code: 'STORAGE_DAMAGED' });
    const store = openSqliteStore(directory);
    await assert.rejects(store.listAudit(0, 1000), { code: 'STORAGE_DAMAGED' });
    await store.close();
  });

  it('calls a directory that cannot be written by its name, not a locked one', () => {
    assert.throws(() => openSqliteStore(join(directory, 'absent')), { code: 'STORAGE_UNAVAILABLE' });
    writeFileSync(join(directory, 'lock.db'), 'no database, and never was one'.repeat(100));
    createDatabase(directory);
    assert.throws(() => openSqliteStore(directory), { code: 'STORAGE_DAMAGED' });
  });

  it('commits durably: WAL with synchronous FULL', () => {
    createDatabase(directory);
    const database = new Database(path());
    assert.equal(database.pragma('journal_mode', { simple: true }), 'wal');
    database.close();
    const opened = openDatabase(directory);
    assert.equal(opened.pragma('synchronous', { simple: true }), 2);
    opened.close();
  });

  it('is read beside the process that holds it, at every moment, and not written', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory);
    const reader = openSqliteReader(directory);
    assert.deepEqual(await reader.listAudit(0, 9), []);
    await store.appendAudit(draft('one'));
    assert.deepEqual((await reader.listAudit(0, 9)).map(({ action }) => action), ['one']); // prettier-ignore
    await assert.rejects(reader.appendAudit(draft('two')), { code: 'STORAGE_UNAVAILABLE' });
    await reader.close();
    await store.appendAudit(draft('three'));
    await store.close();
    const database = new Database(path());
    database.pragma(`user_version = ${migrations.length - 1}`);
    database.close();
    assert.throws(() => openSqliteReader(directory), { code: 'STORAGE_SCHEMA_OLD' }, 'it is not brought up to date');
  });

  it('refuses a schema of a newer release and leaves it alone', () => {
    createDatabase(directory);
    const database = new Database(path());
    database.pragma('user_version = 999');
    database.close();
    assert.throws(() => openSqliteStore(directory), { code: 'STORAGE_SCHEMA_UNKNOWN' });
  });

  it('tells nobody of quarantines that were over before their ends were told, and of those in force when they end', async () => {
    const database = new Database(path());
    const version = migrations.findIndex((step) => step.includes('quarantines ADD COLUMN end_told_at'));
    layOut(database, version);
    database.exec(`
      INSERT INTO audit VALUES (1, 100, 'a', 'a', 'a', '{}', x'00', x'00');
      INSERT INTO quarantines VALUES ('over', '{"all":true}', 'r', 1, 'me', 100, NULL, NULL, NULL);
      INSERT INTO quarantines VALUES ('open', '{"all":true}', 'r', 1, 'me', 200, NULL, NULL, NULL);
      INSERT INTO quarantines VALUES ('endless', '{"all":true}', 'r', 1, 'me', NULL, NULL, NULL, NULL);`);
    database.close();
    const store = openSqliteStore(directory);
    assert.deepEqual([await store.tellQuarantineEnds(150), await store.tellQuarantineEnds(300)], [0, 1]);
    const entries = await store.listAudit(1, 9);
    assert.deepEqual(
      entries.map(({ action, subject }) => [action, subject]),
      [['quarantine.ended', 'open']],
    );
    await store.close();
  });

  it('T11: makes one row of a verdict, its evidence and its circumstances, and a voided one gives its place to one that is not', async () => {
    const database = new Database(path());
    const version = migrations.findIndex((step) => step.includes('CREATE TABLE attestations'));
    layOut(database, version);
    const archive = deflateRawSync('archive').toString('hex');
    database.exec(`
      INSERT INTO hosts (id, state, epoch, labels, ek_digest, ek_public, ek_chain, ak_name, ak_public, ak_certificate,
        enrolled_at, verdict_sequence) VALUES ('hv-1', 'active', 1, '{}', x'01', x'02', '[]', x'03', x'04', x'', 5, 3);
      INSERT INTO verdicts VALUES ('hv-1', 1, 1, '{"boot":{"epoch":"first-boot"}}', 1, 2, 7, 'CODE', 'ended');
      INSERT INTO verdicts VALUES ('hv-1', 3, 1, '{"boot":{"epoch":"same-boot"}}', 3, 4, NULL, NULL, NULL);
      INSERT INTO evidence SELECT 'hv-1', value, 1, 1, x'AA', x'BB', '{}', 'both', NULL, NULL, x'04', x'05', value
        FROM json_each('[1, 2, 3]');
      INSERT INTO verdict_grounds VALUES ('hv-1', 2, 'dropped', 'only', 'both');
      INSERT INTO verdict_grounds VALUES ('hv-1', 3, 'grounds', 'host', 'both');
      INSERT INTO logs VALUES ('both', 5, x'${archive}');
      INSERT INTO logs VALUES ('host', 1, x'${archive}');
      INSERT INTO logs VALUES ('only', 1, x'${archive}');`);
    database.close();
    const store = openSqliteStore(directory);
    const first = await store.findCircumstances('hv-1', 1);
    assert.deepEqual(first?.verdict.voided, { at: 7, code: 'CODE', message: 'ended' });
    assert.deepEqual([first.evidence.receivedAt, first.circumstances], [1, undefined]);
    const last = await store.findCircumstances('hv-1');
    assert.deepEqual([last?.verdict.sequence, last?.verdict.verdict.boot?.epoch], [3, 'same-boot']);
    assert.deepEqual([last?.evidence.attest, last?.circumstances?.attestation], [Uint8Array.of(0xaa), 'grounds']);
    assert.equal(new TextDecoder().decode(last?.circumstances?.trust), 'archive');
    // Its verdict was damaged, and dropped when the host was released.
    assert.deepEqual([await store.findCircumstances('hv-1', 2), await store.hasLog('only')], [undefined, false]);
    await openTestChallenge(store, 'hv-1', 'c');
    const record = await attestationOf(store, 'hv-1', { challengeId: 'c', verdictSequence: 3 });
    const basis = { ...record.basis, enrolledAt: 5 };
    assert.equal(await store.recordAttestation({ ...record, basis }), 'recorded');
    const kept = await store.listVerdicts('hv-1');
    assert.deepEqual(kept.map(({ sequence, voided }) => [sequence, voided]), [[4, undefined], [3, undefined]]); // prettier-ignore
    assert.deepEqual((await store.findCircumstances('hv-1'))?.circumstances, undefined);
    await store.close();
    const after = new Database(path());
    const uses = "SELECT uses FROM logs WHERE sha256 IN ('both', 'host') ORDER BY sha256";
    assert.deepEqual(after.prepare(uses).pluck().all(), [2, 1]);
    after.close();
  });

  it('T11: is brought up to date as a whole or not at all', () => {
    const last = migrations.findIndex((step) => step.includes('signers ADD COLUMN removed_at'));
    const database = new Database(path());
    layOut(database, last - 1);
    // So that of the two steps that are missing the second one fails.
    database.exec(migrations[last] ?? '');
    database.close();
    assert.throws(() => openDatabase(directory), { code: 'STORAGE_UNAVAILABLE' });
    const after = new Database(path());
    assert.equal(after.pragma('user_version', { simple: true }), last - 1);
    const columns = after.prepare("SELECT name FROM pragma_table_info('break_glass')").pluck().all();
    assert.ok(columns.length > 0 && !columns.includes('end_told_at'));
    after.close();
  });

  for (const version of migrations.keys()) {
    if (version === 0) continue;
    it(`T11: brings a database of schema ${version} to its own, with what is in it`, async () => {
      const database = new Database(path());
      layOut(database, version);
      database
        .prepare(
          `INSERT INTO challenges (id, host_id, epoch, nonce, held_ima_log, expires_at)
           VALUES ('old', 'hv-1', 1, x'00', 'name', 9)`,
        )
        .run();
      database
        .prepare(
          "INSERT INTO anchors (id, name, scope, certificate, created_at) VALUES ('a', 'root', 'vendor', x'30', 5)",
        )
        .run();
      database
        .prepare(
          `INSERT INTO enrolments (id, secret_hash, host_id, ek_digest, ek_public, ek_chain, ak_name, ak_public, expires_at)
           VALUES ('enr_2', x'00', 'hv-2', x'05', x'02', '[]', x'03', x'04', 9)`,
        )
        .run();
      database
        .prepare(
          `INSERT INTO hosts (id, state, epoch, labels, ek_digest, ek_public, ek_chain, ak_name, ak_public, ak_certificate,
           enrolled_at, verdict_sequence) VALUES ('hv-1', 'released', 1, '{}', x'01', x'02', '[]', x'03', x'04', x'', 5, 0)`,
        )
        .run();
      database.exec("INSERT INTO endorsement_keys (ek_digest, host_id) VALUES (x'01', 'hv-1')");
      database.close();
      const store = openSqliteStore(directory);
      const stored = await store.findHost('hv-1');
      assert.deepEqual([stored?.platformCertificates, stored?.deviceIdentity], [[], undefined]);
      const old = await store.findChallenge('hv-1', 'old');
      assert.deepEqual([old?.heldImaLog, old?.heldUserspaceLog, old?.expiresAt], ['name', undefined, 9]);
      assert.deepEqual([old?.drawnAt, old?.rides], [9 - 300_000, false]);
      assert.ok(old);
      await store.openChallenge(
        { ...old, id: 'new', heldUserspaceLog: 'another' },
        { now: 0, maxOpen: 8, boot: undefined },
      );
      assert.equal((await store.findChallenge('hv-1', 'new'))?.heldUserspaceLog, 'another');
      const [anchor] = await store.listAnchors();
      assert.deepEqual([anchor?.name, anchor?.revocation, anchor?.staged], ['root', 'if-present', false]);
      assert.deepEqual(await store.listRevocationLists(), []);
      assert.deepEqual(await store.listIntermediates(), []);
      assert.deepEqual(await store.listPendingHosts({ after: undefined, limit: 9 }, 0), []);
      const host = await store.findHost('hv-1');
      assert.deepEqual([host?.state, host?.replaceUntil, await store.listConflicts()], ['released', undefined, []]);
      assert.equal(await store.endBinding('hv-1', { kind: 'retired', until: undefined, audit: draft('x') }), true);
      assert.equal((await store.findHost('hv-1'))?.state, 'retired');
      const enrolment = await store.takeEnrolment('enr_2');
      assert.deepEqual([enrolment?.binding.hostId, enrolment?.byOperator], ['hv-2', false]);
      assert.deepEqual(await store.listAkIssuers(), []);
      await store.close();
    });
  }

  it('answers nothing from memory that another connection has changed', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory, { rememberedHosts: 10, rememberedLogs: 0 });
    assert.equal(await bindTestHost(store, 'hv-1'), 'bound');
    const [token] = await store.listTokens({ after: undefined, limit: 1 });
    assert.ok(token);
    assert.equal((await store.findToken(token.id))?.revokedAt, undefined);
    assert.equal((await store.findHost('hv-1'))?.state, 'active');
    const other = new Database(path());
    other.exec("UPDATE tokens SET revoked_at = 7; UPDATE hosts SET state = 'released'");
    // Asked every few milliseconds.
    const isRevoked = async () => (await store.findToken(token.id))?.revokedAt === 7;
    for (let tries = 0; tries < 1000 && !(await isRevoked()); tries += 1) await pause(5);
    assert.ok(await isRevoked());
    assert.equal((await store.findHost('hv-1'))?.state, 'released');
    other.close();
    await store.close();
  });

  it('remembers after a challenge was opened which ones are open', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory, { rememberedHosts: 10, rememberedLogs: 0 });
    await bindTestHost(store, 'hv-1');
    await openTestChallenge(store, 'hv-1', 'asked');
    const next = { id: 'rides', nonce: Uint8Array.of(2), drawnAt: 1, expiresAt: 9e12 };
    const answer = await attestationOf(store, 'hv-1', { challengeId: 'asked', verdictSequence: 0, next });
    assert.equal(await store.recordAttestation(answer), 'recorded');
    assert.equal((await store.findChallenge('hv-1', 'rides'))?.rides, true);
    const held = { heldPcrs: undefined, heldEventLog: 'log', heldImaLog: undefined, heldUserspaceLog: undefined };
    const common = { hostId: 'hv-1', epoch: 1, nonce: Uint8Array.of(1), ...held, drawnAt: 0, rides: false };
    const ends = { long: 5e12, b: 2e12, a: 2e12, c: 2e12, ago: 300_000, last: 1e12, later: 3e12 };
    const database = new Database(path(), { readonly: true });
    for (const [id, expiresAt] of Object.entries(ends)) {
      const challenge = { ...common, id, expiresAt };
      await store.openChallenge(challenge, { now: 1_000_000, maxOpen: 3, boot: undefined });
      assert.equal(await store.findChallenge('hv-1', id), challenge, 'it was read again');
      const ids = ['rides', ...Object.keys(ends)];
      const open = await Promise.all(ids.map(async (each) => (await store.findChallenge('hv-1', each))?.id));
      const rows = database.prepare("SELECT id FROM challenges WHERE host_id = 'hv-1'").pluck().all();
      assert.deepEqual(open.filter((each) => each !== undefined).sort(), rows.sort());
    }
    database.close();
    await store.close();
  });

  it('remembers after an attestation what would be read again', async () => {
    createDatabase(directory);
    const open = (rememberedHosts: number) => openSqliteStore(directory, { rememberedHosts, rememberedLogs: 0 });
    const store = open(10);
    await bindTestHost(store, 'hv-1');
    await openTestChallenge(store, 'hv-1', 'c');
    const before = await store.findHost('hv-1');
    assert.equal(await store.findVerdict('hv-1'), undefined);
    assert.equal((await store.findStanding('hv-1'))?.verdict, undefined);
    const akCertificate = { der: Uint8Array.of(9), serial: '01', issuer: 'ca', notAfter: 9e12 };
    const clock = { clockMs: 5n, resetCount: 1, restartCount: 2, safe: true };
    const answer = await attestationOf(store, 'hv-1', { challengeId: 'c', verdictSequence: 0 });
    const verdict = { ...answer.verdict, challengedAt: answer.verdict.issuedAt };
    const record = { ...answer, verdict, akCertificate, boot: { clock, firmwareVersion: 7n } };
    assert.equal(await store.recordAttestation(record), 'recorded');
    const all = async (from: typeof store) => [
      await from.findHost('hv-1'),
      await from.findVerdict('hv-1'),
      await from.findStanding('hv-1'),
    ];
    const remembered = await all(store);
    const { ekPublic } = (await store.findHost('hv-1')) ?? {};
    assert.ok(ekPublic !== undefined && ekPublic === before?.ekPublic, 'it was read again');
    assert.equal(await store.findStanding('hv-1'), remembered[2], 'it was read again');
    await store.close();
    const again = open(0);
    const read = await all(again);
    const plain = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value, (_key, part: unknown) => (typeof part === 'bigint' ? String(part) : part)));
    assert.deepEqual(plain(remembered), plain(read));
    await again.close();
  });

  it('writes the same of many attestations whether it remembers what is kept or reads it', async () => {
    const story = async (rememberedHosts: number) => {
      rmSync(directory, { recursive: true });
      mkdirSync(directory);
      createDatabase(directory);
      const store = openSqliteStore(directory, { rememberedHosts, rememberedLogs: 0 });
      await bindTestHost(store, 'hv-1');
      await openTestChallenge(store, 'hv-1', 'c0');
      const found: unknown[] = [];
      for (let sequence = 0; sequence < 8; sequence += 1) {
        const next = { id: `c${sequence + 1}`, nonce: Uint8Array.of(sequence), drawnAt: 5, expiresAt: 9e12 };
        // The log stays, changes, comes back; golden measurements come and go.
        const [log, goldens] = [`log ${sequence % 3 === 2 ? 'b' : 'a'}`, [`g${sequence % 2}`, 'always']];
        const answer = { challengeId: `c${sequence}`, verdictSequence: sequence, log, goldens, next };
        const record = await attestationOf(store, 'hv-1', answer);
        assert.equal(await store.recordAttestation(record), 'recorded');
        // What was remembered is over then, and is read again.
        if (sequence === 2) assert.equal(await store.recordAttestation(record), 'challenge-spent');
        found.push([await store.findChallenge('hv-1', `c${sequence}`), await store.findChallenge('hv-1', next.id)]);
        // Another one that is asked for ends the one that rides, until it is given back by the next answer.
        if (sequence === 5) await openTestChallenge(store, 'hv-1', 'c6');
      }
      assert.equal(await store.spendChallenge('hv-1', 'c8'), true);
      found.push(await store.findChallenge('hv-1', 'c8'));
      await store.close();
      const database = new Database(path(), { readonly: true });
      const rows = ['attestations', 'verdict_goldens', 'challenges'].map((table) =>
        database.prepare(`SELECT * FROM ${table}`).all(),
      );
      const logs = database.prepare('SELECT sha256, uses FROM logs').all();
      database.close();
      return { found, rows, logs };
    };
    const remembered = await story(10);
    assert.deepEqual(remembered, await story(0));
    assert.deepEqual([remembered.rows[0]?.length, remembered.logs.length], [2, 1]);
  });

  it('chains the audit log, and cannot change or remove an entry', async () => {
    createDatabase(directory);
    const store = openSqliteStore(directory);
    for (const action of ['one', 'two', 'three']) await store.appendAudit(draft(action));
    const entries = await store.listAudit(0, 10);
    assert.deepEqual(
      entries.map(({ sequence, action }) => [sequence, action]),
      [
        [1, 'one'],
        [2, 'two'],
        [3, 'three'],
      ],
    );
    assert.equal(findBrokenLink(entries), undefined);
    assert.equal(findBrokenLink(await store.listAudit(1, 10), entries[0]), undefined);
    await store.close();
    const database = new Database(path());
    assert.throws(() => database.exec("UPDATE audit SET actor = 'nobody'"), /append-only/);
    assert.throws(() => database.exec('DELETE FROM audit WHERE sequence = 3'), /append-only/);
    database.close();
  });

  it('shows a changed, removed or moved audit entry as a broken link', () => {
    const one = chainEntry(draft('one'), undefined);
    const two = chainEntry(draft('two'), one);
    const three = chainEntry(draft('three'), two);
    assert.equal(findBrokenLink([one, two, three]), undefined);
    assert.equal(findBrokenLink([]), undefined);
    assert.equal(findBrokenLink([{ ...one, actor: 'nobody' }, two, three]), 1);
    assert.equal(findBrokenLink([one, three]), 3);
    assert.equal(findBrokenLink([two, three]), 2);
    assert.equal(findBrokenLink([one, { ...two, details: {} }, three]), 2);
  });
});

/** A database of somebody else: valid, with a table, without our schema. */
function emptyDatabase(path: string): Buffer {
  const database = new Database(path);
  database.exec('CREATE TABLE other (x)');
  database.close();
  return readFileSync(path);
}
