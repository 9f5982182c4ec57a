// Whom a quarantine would set aside: asked first, so that nobody empties a fleet by a label.
import assert from 'node:assert/strict';
import { trustedWorld, enrol, paperHost } from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('a quarantine that nobody has opened yet', () => {
  let server: TestServer;
  before(async () => {
    server = await startTestServer();
    await trustedWorld(server);
    await enrol(server, paperHost('hv-2'));
    for (const hostId of ['hv-1', 'hv-2']) {
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels: { rack: '3' } } });
    }
  });
  after(() => server.close());

  it('names the hosts and the verdicts that would no longer count, to auditors too, and changes nothing', async () => {
    const sequence = (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length;
    const auditor = server.client(await server.token('auditor'));
    const preview = await auditor.call('previewQuarantine', { body: { hosts: { labels: { rack: '3' } } } });
    const { verdict } = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.deepEqual(preview, {
      selected: 2,
      trusted: 1,
      items: [
        { host: 'hv-1', state: 'fresh', status: 'affirming', verdictExpiresAt: verdict?.expiresAt },
        { host: 'hv-2', state: 'booting', status: 'none' },
      ],
    });
    // The token of the auditor is the one entry that follows.
    assert.equal((await server.operator.call('listAudit', { query: { limit: 1000 } })).items.length, sequence + 1);
    assert.equal((await server.operator.call('listQuarantines', {})).items.length, 0);
  });

  it('says what would be believed of them if others were lifted: of one that nothing else sets aside', async () => {
    const hosts = { names: ['hv-1'] };
    const open = (reason: string) => server.operator.call('createQuarantine', { body: { hosts, reason } });
    const [first, second] = [await open('a search'), await open('another')];
    const trusted = async (...lifted: string[]) =>
      (await server.operator.call('previewQuarantine', { body: { hosts, lifted } })).trusted;
    assert.deepEqual([await trusted(), await trusted(first.id), await trusted(first.id, second.id)], [0, 0, 1]);
    for (const { id } of [first, second])
      await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'found' } });
  });

  it('names nobody where the selector selects nobody, and none that were released', async () => {
    const nobody = await server.operator.call('previewQuarantine', { body: { hosts: { labels: { rack: '4' } } } });
    assert.deepEqual(nobody, { selected: 0, trusted: 0, items: [] });
    await server.operator.call('releaseHost', { path: { hostId: 'hv-2' }, body: { reason: 'x' } });
    const { items } = await server.operator.call('previewQuarantine', { body: { hosts: { all: true } } });
    assert.deepEqual(
      items.map(({ host }) => host),
      ['hv-1'],
    );
  });
});
