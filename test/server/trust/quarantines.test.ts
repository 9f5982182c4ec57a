import assert from 'node:assert/strict';
import {
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('quarantine', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const open = async (hosts: object, more: object = {}) =>
    server.operator.call('createQuarantine', { body: { hosts, reason: 'ticket 4711', ...more } });
  const lift = async (quarantineId: string) =>
    server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'patched' } });
  const reasons = async (host = 'hv-1') =>
    (await server.operator.call('createAdmissionDecision', { body: { host } })).reasons.map(({ code }) => code);
  const state = async (hostId = 'hv-1') => (await server.operator.call('getHost', { path: { hostId } })).state;
  const label = async (hostId: string, labels: Record<string, string>) =>
    server.operator.call('setHostLabels', { path: { hostId }, body: { labels } });
  const audit = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items;

  it('denies a trusted host at once, and says why and until when', async () => {
    const { id, selected, until } = await open({ names: ['hv-1'] }, { expiresInSeconds: 3600 });
    assert.equal(selected, 1);
    const { status, reasons: why } = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.equal(status, 'none');
    assert.deepEqual(why, [
      {
        code: 'HOST_QUARANTINED',
        message: `operators have put the host into quarantine: ticket 4711 (${id}, until ${until})`,
      },
    ]);
    assert.deepEqual([await reasons(), await state()], [['HOST_QUARANTINED'], 'quarantined']);
  });

  it('is not ended by an attestation, and keeps what the host attests', async () => {
    const { id } = await open({ names: ['hv-1'] });
    server.advance(300);
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'none');
    assert.deepEqual(await reasons(), ['HOST_QUARANTINED']);
    server.advance(550);
    await lift(id);
    assert.deepEqual([await reasons(), await state()], [[], 'stale'], 'the verdict of 550 s ago counts again');
  });

  it('denies also when an answer was under way', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    await open({ names: ['hv-1'] });
    await submit(world.enrolled, evidence);
    assert.deepEqual(await reasons(), ['HOST_QUARANTINED']);
  });

  it('does not make an untrusted host trusted when it ends', async () => {
    const { id } = await open({ names: ['hv-1'] });
    server.advance(600);
    await lift(id);
    assert.deepEqual(await reasons(), ['VERDICT_EXPIRED']);
  });

  it('ends by itself at its time', async () => {
    await attest(world.enrolled, world.host);
    await open({ names: ['hv-1'] }, { expiresInSeconds: 100 });
    server.advance(99);
    assert.deepEqual(await reasons(), ['HOST_QUARANTINED']);
    server.advance(1);
    assert.deepEqual(await reasons(), []);
    const { items } = await server.operator.call('listQuarantines', {});
    assert.deepEqual(
      items.map(({ state: one }) => one),
      ['ended'],
    );
    await refuses(lift(items[0]?.id ?? ''), 'QUARANTINE_ENDED', 409);
  });

  it('holds a whole group by label: those that have it, those that get it, and no others', async () => {
    const other = paperHost('hv-2');
    const enrolled = await enrol(server, other);
    await attest(enrolled, other);
    await label('hv-1', { rack: '3' });
    const { selected } = await open({ labels: { rack: '3' } });
    assert.equal(selected, 1);
    assert.deepEqual([await reasons('hv-1'), await reasons('hv-2')], [['HOST_QUARANTINED'], []]);
    await label('hv-2', { rack: '3', zone: 'north' });
    await label('hv-1', { rack: '4' });
    assert.deepEqual([await reasons('hv-1'), await reasons('hv-2')], [[], ['HOST_QUARANTINED']]);
  });

  it('holds until the last of several is lifted', async () => {
    const one = await open({ names: ['hv-1'] });
    const two = await open({ all: true });
    await lift(one.id);
    assert.deepEqual(await reasons(), ['HOST_QUARANTINED']);
    const { items } = await server.operator.call('listQuarantines', {});
    const states = Object.fromEntries(items.map(({ id, state: told }) => [id, told]));
    assert.deepEqual(states, { [one.id]: 'lifted', [two.id]: 'in-force' });
    await lift(two.id);
    assert.deepEqual(await reasons(), []);
    await refuses(lift(two.id), 'QUARANTINE_ENDED', 409);
    await refuses(lift(`qua_${'A'.repeat(16)}`), 'QUARANTINE_NOT_FOUND', 404);
  });

  it('survives a restart, and a release with a new enrolment', async () => {
    await open({ names: ['hv-1'] });
    await server.restart();
    assert.deepEqual(await reasons(), ['HOST_QUARANTINED']);
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'again' } });
    assert.equal(await state(), 'released');
    const enrolled = await enrol(server, world.host);
    await attest(enrolled, world.host);
    assert.deepEqual(await reasons(), ['HOST_QUARANTINED']);
  });

  it('rejects a selector that selects nobody, or in two ways', async () => {
    for (const hosts of [{}, { names: [] }, { labels: {} }, { names: ['hv-1'], all: true }, { all: false }]) {
      await refuses(open(hosts), 'REQUEST_INVALID', 400);
    }
  });

  it('leaves one audit entry for itself and one for each host, when it begins and when it is lifted', async () => {
    const { id } = await open({ all: true });
    await lift(id);
    const entries = (await audit()).filter(({ action }) => action.includes('quarantine'));
    assert.deepEqual(
      entries.map(({ action, subject }) => [action, subject]),
      [
        ['quarantine.opened', id],
        ['host.quarantined', 'hv-1'],
        ['quarantine.lifted', id],
        ['host.quarantine-lifted', 'hv-1'],
      ],
    );
    assert.equal(entries[1]?.details['reason'], 'ticket 4711');
  });

  it('tells of an end by time once, each host in order, before what was opened after it, and never of what was lifted', async () => {
    await server.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels: { rack: '3' } } });
    const first = await open({ labels: { rack: '3' } }, { expiresInSeconds: 60 });
    const lifted = await open({ all: true }, { expiresInSeconds: 60 });
    await lift(lifted.id);
    server.advance(60);
    const second = await open({ names: ['hv-1'] }, { expiresInSeconds: 60 });
    const ended = async () =>
      (await audit())
        .filter(({ action }) => action.includes('quarantine'))
        .map(({ action, subject }) => [action, subject]);
    const before = (await ended()).slice(6);
    const story = [
      ['quarantine.ended', first.id],
      ['host.quarantine-ended', 'hv-1'],
      ['quarantine.opened', second.id],
      ['host.quarantined', 'hv-1'],
    ];
    assert.deepEqual(before, story);
    await server.restart();
    server.advance(60);
    const query = { kinds: 'host.quarantine-ended', after: (await audit()).length, wait: 10 };
    const { items } = await server.operator.call('listEvents', { query });
    const { subject, time, data } = items[0] as { subject: string; time: string; data: Record<string, unknown> };
    assert.deepEqual(
      [subject, data['quarantine'], data['reason'], data['until'], Date.parse(time) >= Date.parse(second.until ?? '')],
      ['hv-1', second.id, 'ticket 4711', second.until, true],
    );
    assert.deepEqual((await ended()).slice(10), [
      ['quarantine.ended', second.id],
      ['host.quarantine-ended', 'hv-1'],
    ]);
  });

  it('does not write a changed verdict for each attestation of a steady host in quarantine', async () => {
    await open({ names: ['hv-1'] });
    const before = (await audit()).length;
    await attest(world.enrolled, world.host);
    await attest(world.enrolled, world.host);
    assert.equal((await audit()).length, before);
  });
});
