// A row that cannot be read is its own host's misfortune.
import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { denyPayloadType, encodeDenyList } from '../../../src/core/deny/index.ts';
import { encodeBase64 } from '../../../src/core/encoding/index.ts';
import { attest, enrol, paperHost, signStatement, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { cli, cliJson, operatorAt } from '../../cli/cli-run.ts';

describe('a damaged row', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
    const second = paperHost('hv-2');
    const enrolled = await enrol(server, second);
    const path = { hostId: 'hv-2' };
    await server.operator.call('setHostLabels', { path, body: { labels: { rack: '3' } } });
    await attest(enrolled, second);
  });
  afterEach(() => server.close());

  const damage = async (...statements: readonly string[]): Promise<void> => {
    await server.running.close(0);
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    for (const statement of statements) assert.ok(database.prepare(statement).run().changes > 0);
    database.close();
    await server.restart();
  };
  const admission = async (host: string) => {
    const { decision, reasons } = await server.operator.call('createAdmissionDecision', { body: { host } });
    return [decision, ...reasons.map(({ code }) => code)];
  };
  const cliWorld = () => operatorAt(server);

  it('T11: gives its own host no yes, and keeps no other host from being trusted or from attesting', async () => {
    await damage("UPDATE hosts SET labels = '{' WHERE id = 'hv-2'");
    assert.deepEqual(await admission('hv-2'), ['deny', 'HOST_UNREADABLE']);
    assert.deepEqual(await admission('hv-1'), ['allow']);
    const requests = [{ hosts: ['hv-2', 'hv-1', 'hv-2'] }];
    const { items } = await server.operator.call('createAdmissionBatch', { body: { requests } });
    assert.deepEqual(
      items[0]?.map((one) => one.decision),
      ['deny', 'allow', 'deny'],
    );
    await refuses(server.operator.call('getHost', { path: { hostId: 'hv-2' } }), 'STORAGE_ROW_UNREADABLE', 500);
    const client = server.client(world.enrolled.token, world.enrolled.prove);
    assert.equal((await attest({ ...world.enrolled, client }, world.host)).verdict.status, 'affirming');
  });

  for (const [what, statement] of [
    ['labels', "UPDATE hosts SET labels = '{' WHERE id = 'hv-2'"],
    ['certificates', "UPDATE hosts SET ek_chain = '' WHERE id = 'hv-2'"],
    ['verdict', "UPDATE attestations SET document = substr(document, 2) WHERE host_id = 'hv-2'"],
  ] as const) {
    it(`T11: of which the ${what} cannot be read, is named in every answer about the fleet, which holds for the others`, async () => {
      await damage(statement);
      const list = await server.operator.call('listHosts', {});
      assert.deepEqual([list.items.map(({ id }) => id), list.unreadable], [['hv-1'], ['hv-2']]);
      const pages = await server.operator.call('listHosts', { query: { limit: 1, after: 'hv-1' } });
      assert.deepEqual([pages.items, pages.unreadable, pages.next], [[], ['hv-2'], undefined]);
      const named = [{ code: 'HOST_UNREADABLE', count: 1, hosts: ['hv-2'] }];
      const whatIf = await server.operator.call('askWhatIf', { body: { revoke: world.goldens.slice(0, 1) } });
      assert.deepEqual([whatIf.lost, whatIf.unknown], [1, named]);
      const outliers = await server.operator.call('listOutliers', { query: { labels: 'rack=3' } });
      assert.deepEqual([outliers.hosts, outliers.unread], [0, named]);
      const denies = encodeBase64(denyList(server.now()));
      const denied = await server.operator.call('findDeniedHosts', { body: { list: denies } });
      assert.deepEqual([denied.hosts, denied.unread], [2, named]);
      assert.equal((await server.operator.call('explainHost', { path: { hostId: 'hv-1' } })).host, 'hv-1');
    });
  }

  it('T11: is in the table and in the document of `host list`, with what to do', async () => {
    await damage("UPDATE hosts SET labels = '{' WHERE id = 'hv-2'");
    const { status, stdout } = await cli(['host', 'list'], cliWorld());
    assert.equal(status, 0);
    assert.match(stdout, /^hv-1 +/m);
    assert.match(stdout, /^unreadable hv-2: what is stored of it is damaged, and it is denied\n.*host release hv-2/m);
    const { document } = await cliJson(['host', 'list'], cliWorld());
    assert.deepEqual(document['unreadable'], ['hv-2']);
  });

  it('T11: stops no quarantine, and whoever could be meant by its labels is set aside', async () => {
    await damage("UPDATE hosts SET labels = '{' WHERE id = 'hv-2'");
    const reason = 'an incident';
    const open = (hosts: { all: true } | { labels: Record<string, string> }) =>
      server.operator.call('createQuarantine', { body: { hosts, reason } });
    const { id } = await open({ labels: { rack: '4' } });
    assert.deepEqual(await admission('hv-1'), ['allow']);
    assert.deepEqual(await admission('hv-2'), ['deny', 'HOST_UNREADABLE']);
    const audit = await server.operator.call('listAudit', { query: { limit: 1000 } });
    const told = audit.items.filter(
      ({ action, details }) => action === 'host.quarantined' && details['quarantine'] === id,
    );
    assert.deepEqual(
      told.map(({ subject }) => subject),
      ['hv-2'],
    );
    await open({ all: true });
    assert.equal((await admission('hv-1'))[0], 'deny');
  });

  it('T11: does not stop the events about others; without labels it belongs to nobody who asks by labels', async () => {
    await damage("UPDATE hosts SET labels = '{' WHERE id = 'hv-2'");
    const all = await server.operator.call('listEvents', { query: { kinds: 'host.enrolled' } });
    assert.deepEqual(
      all.items.map((event) => 'subject' in event && event.subject),
      ['hv-1', 'hv-2'],
    );
    const some = await server.operator.call('listEvents', { query: { kinds: 'host.enrolled', labels: 'rack=3' } });
    assert.deepEqual(some.items, []);
  });

  it('T11: does not stop a deny list: the verdict that nobody could hold against it ends, and no other', async () => {
    await damage("UPDATE hosts SET labels = '{' WHERE id = 'hv-2'");
    const document = { payloadType: denyPayloadType, payload: encodeBase64(denyList(server.now())) };
    const signatures = world.operators.map((operator) => ({ sig: signStatement(operator, document) }));
    const { hosts } = await server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
    assert.equal(hosts, 1);
    assert.deepEqual(await admission('hv-1'), ['allow']);
  });

  it('T11: is had back by release and another enrolment, whatever of it is damaged', async () => {
    const columns = ['labels', 'ek_chain', 'platform_certificates', 'device_identity', 'boot'];
    const hostOf = (column: string) => column.replaceAll('_', '-');
    for (const column of columns) {
      const host = paperHost(hostOf(column));
      await attest(await enrol(server, host), host);
    }
    const statements = columns.map((column) => `UPDATE hosts SET ${column} = '{' WHERE id = '${hostOf(column)}'`);
    await damage(...statements, "UPDATE attestations SET document = 'x' WHERE host_id IN ('labels', 'boot')");
    assert.deepEqual((await server.operator.call('listHosts', {})).unreadable?.length, columns.length);
    for (const hostId of columns.map(hostOf)) {
      const path = { hostId };
      const { state } = await server.operator.call('releaseHost', { path, body: { reason: 'damaged' } });
      assert.equal(state, 'released');
      const again = paperHost(hostId);
      assert.equal((await attest(await enrol(server, again), again)).verdict.status, 'affirming');
      assert.deepEqual(await admission(hostId), ['allow']);
      assert.equal((await server.operator.call('explainHost', { path })).host, hostId);
    }
    assert.equal((await server.operator.call('listHosts', {})).unreadable, undefined);
  });
});

/** Denies what nobody has. */
function denyList(issuedAt: Date): Uint8Array {
  const denies = { kind: 'endorsement', sha256: '00'.repeat(32) } as const;
  const entries = [{ id: 'e-1', reason: 'BootHole', cves: [], denies }];
  return encodeDenyList({ name: 'fleet', version: 1, issuedAt, entries });
}
