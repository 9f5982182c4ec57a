// Lockout protection by command line: what is held, whom it lets in, and its end.
import assert from 'node:assert/strict';
import { applyPolicy, attest, enrol, paperHost, trustedWorld } from '../support/paper-story.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { cli, cliJson, operatorAt, type CliWorld } from './cli-run.ts';

describe('lockout protection by command line', () => {
  let server: TestServer;
  let world: CliWorld;
  afterEach(() => server.close());
  const start = async (settings: Readonly<Record<string, unknown>>) => {
    server = await startTestServer({ settings });
    world = operatorAt(server);
  };

  it('shows that it is off, and has nothing to end', async () => {
    await start({});
    assert.equal((await cli(['lockout', 'show'], world)).stdout, 'protection  off\n');
    const { status, document } = await cliJson(['lockout', 'end', '--reason', 'x'], world);
    assert.deepEqual([status, document['code']], [1, 'LOCKOUT_NONE']);
  });

  it('counts those that are held apart, where hosts are counted', async () => {
    await start({ lockout: { sharePercent: 5, leastHosts: 1 } });
    const { enrolled, host } = await trustedWorld(server);
    for (let index = 1; index < 10; index += 1) await enrol(server, paperHost(`mute-${index}`));
    await applyPolicy(server, 'fleet', { requireFacts: { kernelCommandLine: { require: ['no-host-has-this'] } } });
    await attest(enrolled, host);
    assert.match((await cli(['host', 'list'], world)).stdout, /^10 hosts: 1 affirming \(of them 1 held\), 9 none\. /m);
  });

  it('shows a hold wherever it counts, and ends it', async () => {
    await start({ lockout: { sharePercent: 50, leastHosts: 1 } });
    const { enrolled, host } = await trustedWorld(server);
    const { items } = await server.operator.call('listGoldenMeasurements', {});
    for (const { id: goldenId } of items.filter(({ layer }) => layer === 'kernel')) {
      await server.operator.call('retireGoldenMeasurement', { path: { goldenId }, body: { reason: 'cleaning up' } });
    }
    await attest(enrolled, host);
    assert.match(
      (await cli(['lockout', 'show'], world)).stdout,
      /protection +on\nbegins with +more than 50 % of the hosts, and 1 at least, within 900 s\nlasts +3600 s at most\nhold +hld_\S+, in force\nfrom .*\nbecause +1 of 1 host had lost trust when it began\n/,
    );
    assert.match((await cli(['host', 'list'], world)).stdout, /hv-1 +fresh +affirming \(held\)/);
    assert.match((await cli(['host', 'show', 'hv-1'], world)).stdout, /\nheld +until 2026-\S+: 1 of 1 host lost trust/);
    const admitted = await cli(['admit', 'hv-1'], world);
    assert.equal(admitted.status, 0);
    assert.match(admitted.stdout, /\nheld +until 2026-/);
    assert.equal((await cli(['admit', 'hv-1', '--refuse-held'], world)).status, 1);
    assert.equal((await cli(['lockout', 'end', '--reason', 'seen'], world)).stdout, 'nothing is held any more\n');
    assert.equal((await cli(['admit', 'hv-1'], world)).status, 1);
  });
});
