import assert from 'node:assert/strict';
import { bootFleet } from '../server/what-if/fleet.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('touchstone host outliers', () => {
  let server: TestServer;
  let world: CliWorld;
  before(async () => {
    server = await startTestServer();
    await bootFleet(server, { old: 4, new: 2 });
    await server.operator.call('setHostLabels', { path: { hostId: 'old-1' }, body: { labels: { rack: '3' } } });
    world = operatorAt(server);
  });
  after(() => server.close());

  it('is a table: host, layer, register, on how many hosts, and the measurement in words', async () => {
    const { status, stdout, stderr } = await cli(['host', 'outliers'], world);
    assert.deepEqual([status, stderr], [0, '']);
    assert.match(stdout, /^host +layer +PCR +seen on +digest +measurement$/m);
    assert.match(stdout, /^bad-1 +kernel-command-line +8 +1 of 7 +[0-9a-f]{12}… +.*init=\/bin\/sh$/m);
    assert.match(stdout, /^1 not compared \(HOST_EVIDENCE_NONE\): mute-1$/m);
    assert.doesNotMatch(stdout, /^(old|new)-/m);
  });

  it('takes a bound and labels, and prints one document', async () => {
    const rare = await cliJson(['host', 'outliers', '--at-most', '2'], world);
    const items = rare.document['items'] as { readonly host: string }[];
    assert.deepEqual([rare.status, items.map(({ host }) => host)], [0, ['bad-1', 'new-1', 'new-2']]);
    const rack = await cli(['host', 'outliers', '--label', 'rack=4'], world);
    assert.equal(rack.stdout, '0 hosts compared, and none stands out\n');
    assert.equal((await cli(['host', 'outliers', '--at-most', '0'], world)).status, 2);
  });
});
