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
    const states: string[] = [];
    for (let second = 0; second <= 700; second += 10) {
      states.push(await state());
      server.advance(10);
    }
    const fresh = states.filter((name) => name === 'fresh').length * 10;
    const untilDue = (dueAt - Date.parse('2026-11-25T12:00:00Z')) / 1000;
    assert.ok(fresh >= untilDue + 30 && fresh <= untilDue + 40, `fresh for ${fresh} s, due after ${untilDue} s`);
    assert.equal(states[59], 'stale');
    assert.deepEqual(states.slice(64), ['lost', 'lost', 'lost', 'lost', 'lost', 'lost', 'lost']);
    assert.deepEqual([...new Set(states)], ['fresh', 'stale', 'lost']);
    await attest(world.enrolled, world.host);
    assert.equal(await state(), 'fresh');
  });

  it('survives a restart, and changes while nobody runs', async () => {
    server.advance(400);
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

  it('is retired after its release', async () => {
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'sold' } });
    assert.equal(await state(), 'retired');
  });
});
