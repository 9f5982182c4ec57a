import assert from 'node:assert/strict';
import type { components } from '../../../src/api/index.ts';
import { ordinaryBoot } from '../../../src/simulator/index.ts';
import { attest, enrol, paperHost } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { bootFleet, type Fleet } from '../what-if/fleet.ts';

type Page = components['schemas']['OutlierPage'];

describe('outliers of the fleet', function () {
  let server: TestServer;
  let fleet: Fleet;
  beforeEach(async () => {
    server = await startTestServer();
    fleet = await bootFleet(server);
  });
  afterEach(() => server.close());

  const ask = (query: { atMost?: number; labels?: string; limit?: number; after?: string } = {}): Promise<Page> =>
    server.operator.call('listOutliers', { query });
  const registersOf = ({ items }: Page, index: number) =>
    (items[index]?.measurements ?? []).map(({ pcr, event, description }) => [pcr, event, description]);
  const names = ({ items }: Page): string[] => items.map(({ host }) => host);

  it('names the host that measured what no other did, in words where the digest covers them', async () => {
    const page = await ask();
    assert.deepEqual(names(page), ['bad-1']);
    const measurements = page.items[0]?.measurements ?? [];
    assert.deepEqual([...new Set(measurements.map(({ layer }) => layer))], ['kernel-command-line']);
    assert.ok(measurements.every(({ seenOn, pcr }) => seenOn === 1 && [8, 9].includes(pcr)));
    const bound = measurements.filter(({ description }) => !description.startsWith('(unverified)'));
    assert.ok(bound.some(({ description }) => description.includes('init=/bin/sh')));
    // A file's path is no part of its digest, so it is no fact.
    const file = measurements.find(
      ({ description }) => description.includes('grub.cfg') && description.startsWith('('),
    );
    assert.match(file?.description ?? '', /^\(unverified\) /);
    assert.equal(page.hosts, 9);
    assert.deepEqual(page.unread, [{ code: 'HOST_EVIDENCE_NONE', count: 1, hosts: ['mute-1'] }]);
  });

  it('counts as rare what at most so many hosts have', async () => {
    const page = await ask({ atMost: 3 });
    assert.deepEqual(names(page), ['bad-1', 'new-1', 'new-2', 'new-3']);
    const kernel = page.items[1]?.measurements ?? [];
    assert.ok(kernel.length > 0 && kernel.every(({ seenOn }) => seenOn === 3));
    assert.equal(names(await ask({ atMost: 9 })).length, 9);
  });

  it('goes page by page to the same end', async () => {
    const first = await ask({ atMost: 3, limit: 2 });
    assert.deepEqual([names(first), first.next], [['bad-1', 'new-1'], 'new-1']);
    const second = await ask({ atMost: 3, limit: 2, after: first.next ?? '' });
    assert.deepEqual([names(second), second.next], [['new-2', 'new-3'], undefined]);
  });

  it('compares only hosts that carry the labels', async () => {
    for (const hostId of ['new-1', 'old-1']) {
      await server.operator.call('setHostLabels', { path: { hostId }, body: { labels: { rack: '3', row: 'a=b' } } });
    }
    const page = await ask({ labels: 'rack=3,row=a=b' });
    assert.deepEqual([page.hosts, names(page), page.unread], [2, ['new-1', 'old-1'], []]);
    assert.equal((await ask({ labels: 'rack=4' })).hosts, 0);
    await refuses(ask({ labels: 'rack' }), 'REQUEST_INVALID');
  });

  it('is not misled by what differs on every machine', async () => {
    const host = paperHost('own-1', { boot: { ...ordinaryBoot, ownBootEntry: 'PXE of own-1' } });
    await attest(await enrol(server, host), host);
    assert.deepEqual(names(await ask()), ['bad-1']);
  });

  it('lets registers speak for themselves where the log does not lead to them, or is missing', async () => {
    const [first, second] = fleet.members;
    assert.ok(first !== undefined && second !== undefined);
    first.host.tamper('dropped-event');
    await attest(first.enrolled, first.host);
    const dropped = await ask();
    assert.deepEqual(names(dropped), ['bad-1', 'old-1']);
    assert.deepEqual(registersOf(dropped, 1), [[8, undefined, 'value of a register that no log leads to']]);
    second.host.tamper('no-log');
    await attest(second.enrolled, second.host);
    const silent = await ask();
    assert.deepEqual(names(silent), ['bad-1', 'old-2']);
    // Both have PCR 8 without a log that leads to it.
    assert.deepEqual(registersOf(silent, 1).map(([pcr]) => pcr), [0, 2, 4, 7, 9, 14]); // prettier-ignore
  });
});
