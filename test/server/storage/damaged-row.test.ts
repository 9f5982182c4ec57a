// A row that cannot be read is its own host's misfortune.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { attest, enrol, paperHost, trustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer } from '../../support/test-server.ts';

describe('a damaged row', () => {
  it('T11: gives its own host no yes, and keeps no other host from being trusted or from attesting', async () => {
    const server = await startTestServer();
    const world = await trustedWorld(server);
    await enrol(server, paperHost('hv-2'));
    await server.running.close(0);
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    assert.equal(database.prepare("UPDATE hosts SET labels = '{' WHERE id = 'hv-2'").run().changes, 1);
    database.close();
    await server.restart();
    const ask = (host: string) => server.operator.call('createAdmissionDecision', { body: { host } });
    const { decision, reasons } = await ask('hv-2');
    assert.deepEqual([decision, reasons.map(({ code }) => code)], ['deny', ['HOST_UNREADABLE']]);
    assert.equal((await ask('hv-1')).decision, 'allow');
    const requests = [{ hosts: ['hv-2', 'hv-1', 'hv-2'] }];
    const { items } = await server.operator.call('createAdmissionBatch', { body: { requests } });
    assert.deepEqual(
      items[0]?.map((one) => one.decision),
      ['deny', 'allow', 'deny'],
    );
    await refuses(server.operator.call('getHost', { path: { hostId: 'hv-2' } }), 'STORAGE_ROW_UNREADABLE', 500);
    const client = server.client(world.enrolled.token, world.enrolled.prove);
    assert.equal((await attest({ ...world.enrolled, client }, world.host)).verdict.status, 'affirming');
    await server.close();
  });
});
