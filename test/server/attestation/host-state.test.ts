import assert from 'node:assert/strict';
import { attest, challengeFor, enrol, paperHost, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('the state of a host', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const host = async (hostId = 'hv-1') => server.operator.call('getHost', { path: { hostId } });
  const state = async (hostId?: string) => (await host(hostId)).state;
  const reasons = async () =>
    (await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } })).reasons.map(({ code }) => code);

  it('is booting from enrolment to the first attestation, whatever that says', async () => {
    const silent = paperHost('hv-2');
    const enrolled = await enrol(server, silent);
    assert.equal(await state('hv-2'), 'booting');
    silent.reboot({ tampering: ['changed-kernel'] });
    await attest(enrolled, silent);
    assert.deepEqual([await state('hv-2'), (await host('hv-2')).status], ['fresh', 'contraindicated']);
  });

  it('goes from fresh to stale to lost by deadlines alone, and back with the next attestation', async () => {
    const dueAt = Date.parse((await host()).dueAt ?? '');
    const interval = (dueAt - server.now().getTime()) / 1000;
    const staleAfter = interval + Math.max(30, interval / 10);
    const lostAfter = Math.max(600, staleAfter + interval);
    for (let second = 0; second <= 1100; second += 10) {
      const expected = second < staleAfter ? 'fresh' : second < lostAfter ? 'stale' : 'lost';
      assert.equal(await state(), expected, `after ${second} s, due after ${interval} s`);
      server.advance(10);
    }
    await attest(world.enrolled, world.host);
    assert.equal(await state(), 'fresh');
  });

  it('survives a restart, and changes while nobody runs', async () => {
    server.advance(500);
    await server.restart();
    assert.equal(await state(), 'stale');
    server.advance(1000);
    await server.restart();
    assert.equal(await state(), 'lost');
  });

  it('is booting again at the first contact of another boot, which ends the verdict', async () => {
    world.host.reboot();
    assert.deepEqual([await state(), await reasons()], ['fresh', []], 'nobody has heard of it yet');
    await challengeFor(world.enrolled, world.host);
    assert.deepEqual([await state(), await reasons()], ['booting', ['HOST_REBOOTED']]);
    await attest(world.enrolled, world.host);
    assert.deepEqual([await state(), await reasons()], ['fresh', []]);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.equal(items.filter(({ action }) => action === 'verdict.voided').length, 1);
  });

  it('does not change by a challenge of the same boot, or by one that names none', async () => {
    await challengeFor(world.enrolled, world.host);
    await challengeFor(world.enrolled);
    assert.deepEqual([await state(), await reasons()], ['fresh', []]);
  });

  it('is released after its release', async () => {
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'sold' } });
    assert.equal(await state(), 'released');
  });
});
