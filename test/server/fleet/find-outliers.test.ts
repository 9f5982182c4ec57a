import assert from 'node:assert/strict';
import type { components } from '../../../src/api/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import { ordinaryBoot, ordinaryUserspace } from '../../../src/simulator/index.ts';
import { attest, enrol, paperHost } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { createSignal } from '../../support/signal.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { bootFleet, otherKernel, type Fleet } from '../what-if/fleet.ts';

type Page = components['schemas']['OutlierPage'];

describe('outliers of the fleet', function () {
  let server: TestServer;
  let fleet: Fleet;
  let store: Store;
  /** What the store does in the place of what it did. */
  let instead: Partial<Store>;
  beforeEach(async () => {
    instead = {};
    const wrapStore = (real: Store): Store => ({
      ...real,
      listFleet: (...page) => (instead.listFleet ?? real.listFleet)(...page),
      findLog: (...log) => (instead.findLog ?? real.findLog)(...log),
      findEvidence: (...host) => (instead.findEvidence ?? real.findEvidence)(...host),
    });
    server = await startTestServer({ start: { wrapStore: (real) => wrapStore((store = real)) } });
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

  it('names the rarest first', async () => {
    const host = paperHost('odd-1', { boot: { ...otherKernel, commandLine: `${ordinaryBoot.commandLine} single` } });
    await attest(await enrol(server, host), host);
    const page = await ask({ atMost: 4 });
    const seen = page.items.find((item) => item.host === 'odd-1')?.measurements.map(({ seenOn }) => seenOn) ?? [];
    assert.deepEqual(new Set(seen), new Set([1, 4]));
    assert.deepEqual(seen, seen.toSorted());
  });

  it('compares what running systems measured, too', async () => {
    for (const name of ['run-1', 'run-2']) {
      const host = paperHost(name, { userspace: ordinaryUserspace });
      await attest(await enrol(server, host), host);
    }
    const [, measured] = (await ask({ atMost: 2 })).items;
    assert.equal(measured?.host, 'run-1');
    assert.ok(measured.measurements.some(({ pcr, description }) => pcr === 11 && description === 'boot phase ready'));
    // Each register is led to, by one log or the other.
    assert.ok(measured.measurements.every(({ event, seenOn }) => event !== undefined && seenOn === 2));
  });

  it('reads the evidence that a host sent while the fleet is looked at, and compares only what it counted', async () => {
    const before = await ask({ atMost: 3 });
    // The log that stood in the row is swept, and the row names another by now.
    let swept = 0;
    instead.findLog = (name) => ((swept += 1) === 1 ? Promise.resolve(undefined) : store.findLog(name));
    assert.deepEqual(await ask({ atMost: 3 }), before);
    assert.ok(swept > 1);
    delete instead.findLog;
    // After it was counted, one that was rare boots what nobody else did, and one is released.
    const bad = fleet.members.find(({ host }) => host.name === 'bad-1');
    assert.ok(bad);
    instead.findEvidence = async (hostId) => {
      delete instead.findEvidence;
      bad.host.reboot({ boot: { ...ordinaryBoot, commandLine: 'single' } });
      await attest(bad.enrolled, bad.host);
      return store.findEvidence(hostId);
    };
    assert.deepEqual(names(await ask()), []);
    instead.findEvidence = (hostId) => (hostId === 'bad-1' ? Promise.resolve(undefined) : store.findEvidence(hostId));
    assert.deepEqual(names(await ask()), []);
  });

  it('takes what a host sent meanwhile for that host alone, and not for those that booted as it had before', async () => {
    const changed = fleet.members.find(({ host }) => host.name === 'new-1');
    assert.ok(changed);
    // The first log that is asked for is that of bad-1.
    let asked = 0;
    instead.findLog = async (name) => {
      if ((asked += 1) !== 2) return store.findLog(name);
      changed.host.reboot({ boot: { ...ordinaryBoot, commandLine: 'single' } });
      await attest(changed.enrolled, changed.host);
      return undefined;
    };
    const page = await ask();
    assert.deepEqual(names(page), ['bad-1', 'new-1']);
    assert.equal(page.hosts, 9);
  });

  it('tells of evidence that proves nothing by the code of what is wrong, and compares the others', async () => {
    const forged = <T extends { readonly signature: Uint8Array }>(evidence: T): T => {
      const { signature } = evidence;
      return { ...evidence, signature: signature.with(-1, (signature.at(-1) ?? 0) ^ 1) };
    };
    instead.listFleet = async (page) =>
      (await store.listFleet(page)).map((record) =>
        'host' in record && record.host.hostId === 'bad-1' && record.evidence !== undefined
          ? { ...record, evidence: forged(record.evidence) }
          : record,
      );
    const { hosts, items, unread } = await ask();
    assert.deepEqual([hosts, items], [8, []]);
    assert.deepEqual(unread.map(({ code, hosts }) => [code, hosts]), [['HOST_EVIDENCE_NONE', ['mute-1']], ['TPM_SIGNATURE_INVALID', ['bad-1']]]); // prettier-ignore
    instead = { findEvidence: async (hostId) => { const found = await store.findEvidence(hostId); return found && forged(found); } }; // prettier-ignore
    assert.deepEqual(names(await ask()), []);
  });

  it('leaves out a host that measured more than can be compared, says so, and compares the others as without it', async () => {
    const records = Array.from({ length: 4200 }, (_, index) => ({
      ...{ register: { kind: 'pcr', index: 11 } as const, text: `phase ${index}`, eventType: 'phase' },
    }));
    const host = paperHost('much-1', { userspace: [...ordinaryUserspace, ...records] });
    await attest(await enrol(server, host), host);
    const { hosts, items, unread } = await ask();
    assert.deepEqual([hosts, items.map(({ host: name }) => name)], [9, ['bad-1']]);
    const codes = unread.map(({ code, hosts: named }) => [code, named]);
    assert.deepEqual(codes.toSorted(), [['HOST_EVIDENCE_NONE', ['mute-1']], ['HOST_MEASUREMENTS_TOO_MANY', ['much-1']]]); // prettier-ignore
  });

  it('is told to one who asks at a time, and to the next after it', async () => {
    const [held, asked] = [createSignal(), createSignal()];
    instead.listFleet = async (page) => {
      asked.give();
      await held.given;
      return store.listFleet(page);
    };
    const first = ask();
    await asked.given;
    const { retryAfterSeconds } = await refuses(ask(), 'WHAT_IF_BUSY', 429);
    assert.equal(retryAfterSeconds, 5);
    held.give();
    assert.deepEqual([names(await first), names(await ask())], [['bad-1'], ['bad-1']]);
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
