// A server over PostgreSQL, as its users meet it: enrolment, attestation, admission, a second server, and an end without warning.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import pg from 'pg';
import { findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import { doctor } from '../../../src/server/index.ts';
import { openReader, openStore } from '../../../src/server/storage/index.ts';
import { migrations } from '../../../src/server/storage/sqlite/migrations.ts';
import { attest, challengeFor, evidenceFor, submit, trustedWorld } from '../../support/paper-story.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

describe('a server over PostgreSQL', function () {
  this.timeout(120_000);
  let url: string;
  let server: ServerProcess;
  before(async () => {
    url = await createTestDatabase();
    server = await createServerProcess({ storage: url });
    await server.start();
  });
  after(() => server.remove());

  async function query(text: string, ...values: readonly string[]): Promise<readonly object[]> {
    const client = new pg.Client(url);
    await client.connect();
    return (await client.query<object>(text, [...values]).finally(() => client.end())).rows;
  }

  it('enrols, attests and admits; nothing acknowledged is lost when it is killed, and no nonce works again', async () => {
    const { enrolled, host } = await trustedWorld(server.world());
    const spent = await evidenceFor(host, await challengeFor(enrolled));
    assert.equal((await submit(enrolled, spent)).verdict.status, 'affirming');
    const path = { hostId: 'hv-1' };
    const before = await server.client(server.token).call('getVerdict', { path });
    await server.end('SIGKILL');

    await server.start();
    const operator = server.client(server.token);
    assert.deepEqual(await operator.call('getVerdict', { path }), before);
    assert.equal((await operator.call('createAdmissionDecision', { body: { host: 'hv-1' } })).decision, 'allow');
    const again = { ...enrolled, client: server.client(enrolled.token, enrolled.prove) };
    await refuses(submit(again, spent), 'CHALLENGE_NOT_FOUND', 409);
    assert.equal((await attest(again, host)).verdict.status, 'affirming');

    const store = await openStore({ dataDirectory: server.dataDirectory, storage: postgresAt(url) });
    assert.equal(findBrokenLink(await store.listAudit(0, 1000)), undefined);
    await store.close();
    assert.equal(await server.end('SIGTERM'), 0);
  });

  it('keeps nothing of it in the data directory, and lets the doctor look', async () => {
    assert.equal(existsSync(`${server.dataDirectory}/touchstone.db`), false);
    const checks = await doctor(server.dataDirectory);
    const store = checks.filter(({ name }) => name === 'store');
    assert.match(store[0]?.message ?? '', /^PostgreSQL \d+/);
    assert.ok(store.some(({ message }) => message.startsWith('fsync is off')));
    assert.equal(checks.find(({ name }) => name === 'audit')?.ok, true);
  });

  it('stays as it is when a doctor of a newer release looks', async () => {
    const older = String(migrations.length - 1);
    await query("UPDATE meta SET value = $1 WHERE key = 'schema'", older);
    await assert.rejects(openReader({ dataDirectory: '', storage: postgresAt(url) }), { code: 'STORAGE_SCHEMA_OLD' });
    assert.deepEqual(await query("SELECT value FROM meta WHERE key = 'schema'"), [{ value: older }]);
    await query("UPDATE meta SET value = $1 WHERE key = 'schema'", String(migrations.length));
    const reader = await openReader({ dataDirectory: '', storage: postgresAt(url) });
    assert.notEqual(await reader.findHost('hv-1'), undefined);
    await reader.close();
  });
});
