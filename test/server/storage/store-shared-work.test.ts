// What every store promises to several servers that share work: deliveries, leases, looks that are taken once.
import assert from 'node:assert/strict';
import type { RolloutRecord } from '../../../src/server/storage/index.ts';
import { auditDraft } from '../../support/stored-records.ts';
import { describeStore } from './describe-store.ts';

describeStore('work that servers share by a store', (under) => {
  it('moves a delivery only from where it stands', async () => {
    const filter = { kinds: [], labels: {}, batch: false, format: 'text', rate: undefined } as const;
    const made = { createdAt: 1, createdBy: 'operator', pausedAt: undefined };
    const subscription = { id: 'r', url: 'https://receiver.example', ...filter, ...made };
    const start = { after: undefined, maximum: 1, audit: auditDraft('subscription.added') };
    assert.equal(await under.store.addSubscription(subscription, start), true);
    assert.equal(await under.store.addSubscription({ ...subscription, id: 's' }, start), false);
    const cursor = await under.store.lastAuditSequence();
    assert.deepEqual(await under.store.findDelivery('r'), { cursor, replays: 0, failing: undefined });
    assert.equal(await under.store.moveDelivery('r', { cursor: cursor + 1, replays: 0 }, cursor + 2), false);
    assert.equal(await under.store.noteFailure('r', { since: 5, failure: 'away' }), 5);
    assert.equal(await under.store.noteFailure('r', { since: 9, failure: 'away' }), 5);
    assert.equal(await under.store.moveDelivery('r', { cursor, replays: 0 }, cursor + 1), true);
    assert.deepEqual(await under.store.findDelivery('r'), { cursor: cursor + 1, replays: 0, failing: undefined });
  });

  it('takes no acknowledgement of what was under way before a replay, wherever the delivery stands by then', async () => {
    const underWay = (await under.store.findDelivery('r'))!;
    const { cursor } = underWay;
    const audit = auditDraft('subscription.replayed');
    await under.store.replaySubscription('r', { after: cursor, audit });
    assert.equal(await under.store.moveDelivery('r', underWay, cursor + 9), false, 'it was replayed to where it stood');
    await under.store.replaySubscription('r', { after: cursor - 1, audit });
    // Another server brings what is between, and the delivery stands where it stood before.
    const elsewhere = (await under.store.findDelivery('r'))!;
    assert.equal(await under.store.moveDelivery('r', elsewhere, cursor), true);
    assert.equal(
      await under.store.moveDelivery('r', underWay, cursor + 9),
      false,
      'what the replay is to bring again is left out',
    );
    assert.deepEqual(await under.store.findDelivery('r'), { cursor, replays: 2, failing: undefined });
  });

  it('lets only the holder of its lease bring a delivery, until it is paused, replayed or removed', async () => {
    const findsErrand = async (holder: string) => (await under.store.findErrand('r', holder)) !== undefined;
    assert.equal(await findsErrand('one'), false);
    await under.store.takeLease('one', 'r', 60_000);
    assert.deepEqual([await findsErrand('one'), await findsErrand('other')], [true, false]);
    await under.store.pauseSubscription('r', auditDraft('subscription.paused'));
    assert.equal(await findsErrand('one'), false);
    await under.store.replaySubscription('r', { after: undefined, audit: auditDraft('subscription.replayed') });
    assert.equal(await findsErrand('one'), false, 'whoever is asked next takes it');
    await under.store.takeLease('other', 'r', 60_000);
    assert.deepEqual([await findsErrand('one'), await findsErrand('other')], [false, true]);
    await under.store.removeSubscription('r', auditDraft('subscription.removed'));
    assert.equal(await findsErrand('other'), false);
  });

  it('gives a lease to one server, until it ends or is given back', async () => {
    assert.equal(await under.store.takeLease('one', 'job', 60_000), true);
    assert.equal(await under.store.takeLease('one', 'job', 60_000), true, 'it renews its own');
    assert.equal(await under.store.takeLease('other', 'job', 60_000), false);
    await under.store.releaseLeases('one');
    assert.equal(await under.store.takeLease('other', 'job', 0), true);
    assert.equal(await under.store.takeLease('one', 'job', 60_000), true, 'that of the other has run out');
    await under.store.releaseLeases('one');
  });

  it('gives away a lease that ends later than any that is taken now: the clock of the database was set back', async () => {
    const ahead = 86_400_000;
    await under.store.takeLease('dead', 'job', ahead);
    assert.equal(await under.store.takeLease('one', 'job', 60_000), true);
    assert.equal(await under.store.takeLease('dead', 'job', 60_000), false);
    await under.store.shareLeases('dead', ['a', 'b'], ahead);
    assert.deepEqual([...(await under.store.shareLeases('one', ['a', 'b'], 60_000))].sort(), ['a', 'b']);
    for (const holder of ['one', 'dead']) await under.store.releaseLeases(holder);
  });

  it('shares leases out among the servers that live', async () => {
    const names = ['a', 'b', 'c', 'd', 'e'];
    const share = async (holder: string, forMs = 60_000) =>
      [...(await under.store.shareLeases(holder, names, forMs))].sort();
    assert.deepEqual(await share('one'), names);
    assert.deepEqual(await share('other'), [], 'all are held');
    assert.deepEqual(await share('one'), ['a', 'b', 'c'], 'no more than half for one of two');
    assert.deepEqual(await share('other'), ['d', 'e']);
    assert.deepEqual(await share('other', 0), ['d', 'e'], 'from here on it is dead');
    assert.deepEqual(await share('one'), names);
    await under.store.releaseLeases('one');
    await under.store.releaseLeases('other');
  });

  it('lets a rollout be looked at again when the last look lies ahead: the clock was set back', async () => {
    const rollout: RolloutRecord = {
      name: 'ahead',
      goldens: ['g'],
      predecessors: [],
      stages: [],
      advance: 'operator',
      state: 'running',
      stage: 0,
      stageOpenedAt: 1,
      createdAt: 1,
      endedAt: undefined,
      endReason: undefined,
    };
    assert.equal(await under.store.openRollout(rollout, auditDraft('rollout.started')), 'opened');
    const look = (now: number) => under.store.claimRolloutCheck('ahead', now, 1000);
    assert.deepEqual([await look(90_000), await look(90_999), await look(91_000)], [true, false, true]);
    assert.deepEqual([await look(90_500), await look(10_000), await look(10_999)], [false, true, false]);
  });
});
