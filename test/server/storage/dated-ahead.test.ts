// What was dated while a clock was ahead, and would be waited for until that time comes, whatever database keeps it.
import assert from 'node:assert/strict';
import type { RolloutRecord } from '../../../src/server/storage/index.ts';
import { auditDraft, bindTestHost } from '../../support/stored-records.ts';
import { describeStore, everything } from './describe-store.ts';

// The clock of a database is one of those that count.
const now = Date.now();
const year = 365 * 86_400_000;
const ahead = now + year;
const [hour, minute] = [3_600_000, 60_000];

describeStore('what is dated ahead of every clock', (under) => {
  const draft = (action: string, at: number) => ({ ...auditDraft(action), at });
  const bindingOf = (name: string) => {
    const key = new TextEncoder().encode(name);
    return {
      ...{ hostId: name, ekDigest: key, ekPublic: key, ekCertificate: undefined, ekChain: [] },
      ...{ platformCertificates: [], deviceIdentity: undefined, endorser: undefined, akName: key, akPublic: key },
    };
  };
  const enrol = (id: string, at: number) => {
    const secretHash = Uint8Array.of(1);
    const pending = { id, secretHash, joinToken: undefined, byOperator: true, expiresAt: at + minute };
    return under.store.openEnrolment({ ...pending, binding: bindingOf(id) }, { now: at, maxPending: 2 });
  };
  const ask = (name: string, at: number) => {
    const request = { id: `q-${name}`, expiresAt: at + hour, places: 9, audit: draft('host.pending', at) };
    return under.store.askApproval({ binding: bindingOf(name), joinToken: undefined, request, at });
  };
  const decide = (name: string, state: 'approved' | 'rejected', at: number) =>
    under.store.decidePendingHost(`q-${name}`, {
      ...{ state, reason: 'x', expiresAt: at + hour, places: 9 },
      audit: draft(`host.${state}`, at),
    });
  const claim = (hostId: string, at: number) =>
    under.store.recordConflict(
      { hostId, ekDigest: Uint8Array.of(9), code: 'EK_TAKEN' },
      { quietMs: hour, mostTold: 2, maximum: 9, audit: draft('identity.conflict', at) },
    );
  const told = async (action: string) =>
    (await under.store.listAudit(0, 1000)).filter((entry) => entry.action === action).length;
  const quarantine = (id: string, createdAt: number, until: number) =>
    under.store.openQuarantine(
      { id, hosts: { all: true }, reason: 'x', createdAt, createdBy: 'me', until, lifted: undefined },
      { revision: undefined, audit: draft('quarantine.opened', createdAt) },
    );
  const stage = (name: string, stageOpenedAt: number): RolloutRecord => ({
    ...{ name, goldens: [name], predecessors: [], stages: [], stage: 0, stageOpenedAt, createdAt: stageOpenedAt },
    ...{ advance: 'auto', state: 'running', endedAt: undefined, endReason: undefined },
  });
  const saveBreakGlass = (id: string, until: number) =>
    under.store.saveBreakGlass(
      { id, envelope: Uint8Array.of(1), until, storedAt: now, storedBy: 'me' },
      { audit: draft('break-glass.begun', now), hosts: [] },
    );
  const tellEnd = (id: string, at: number) =>
    under.store.tellBreakGlassEnd(id, { audit: draft('break-glass.expired', at), hosts: [] });
  const filter = { kinds: [], labels: {}, batch: false, format: 'text', rate: undefined } as const;
  const made = { createdAt: now, createdBy: 'me', pausedAt: undefined };
  const subscription = { id: 'r', url: 'https://receiver.example', ...filter, ...made };
  const source = (id: string) => ({ id, url: `https://${id}`, keyIdHex: undefined, name: undefined, createdAt: now });
  const issuer = { name: 'CN=x', keyIdHex: undefined };

  before(async () => {
    await bindTestHost(under.store, 'hv-1');
    await quarantine('over', now - hour, now - minute);
    await under.store.tellQuarantineEnds(now);
    await quarantine('goes on', now, now + hour);
    await under.store.openRollout(stage('on time', now), draft('rollout.started', now));
    for (const id of ['on-time', 'ahead'])
      await under.store.saveIntermediateSource(
        { ...source(id), askedAt: undefined, failure: undefined },
        { maximum: 9, audit: draft('intermediate-source.allowed', now) },
      );
    await under.store.noteIntermediateSource('on-time', now, undefined);
    await under.store.noteIntermediateSource('ahead', ahead, undefined);
    assert.equal(await under.store.tellQuarantineEnds(ahead), 1);
    for (const name of ['lost', 'lost too']) assert.equal(await enrol(name, ahead), true);
    for (const name of ['approved', 'rejected', 'waiting']) await ask(name, ahead);
    await decide('approved', 'approved', ahead);
    await decide('rejected', 'rejected', ahead);
    for (const name of ['a', 'b', 'c']) await claim(name, ahead);
    await under.store.openRollout(stage('ahead', ahead), draft('rollout.started', ahead));
    await under.store.noteMissingIntermediate(issuer, { at: ahead, maximum: 9 });
    await saveBreakGlass('goes on', now + hour);
    assert.equal(await tellEnd('goes on', ahead), true);
    await under.store.addSubscription(subscription, {
      after: 0,
      maximum: 1,
      audit: draft('subscription.added', ahead),
    });
    assert.equal(await under.store.noteFailure('r', { since: ahead, failure: 'away' }), ahead);
    await under.store.noteTime(ahead);
  });

  it('is set right where a server starts with a clock that is', async () => {
    assert.equal(await enrol('kept out', now), false);
    const conflicts = await told('identity.conflict');
    assert.equal(conflicts, 2);
    await claim('d', now);
    assert.equal(await told('identity.conflict'), conflicts, 'nobody is told while the time stays ahead');
    const found = await under.store.endAhead({ at: now, toleranceMs: minute });
    assert.equal(found?.verdicts, 0);
  });

  it('keeps no places of enrolments that nobody ends', async () => {
    assert.equal(await enrol('comes in', now), true);
  });

  it('leaves no approval that is good for longer than it was given, and every rejection', async () => {
    await ask('on time', now);
    const states = (await under.store.listPendingHosts(everything, now + 1)).map(({ id, state }) => `${id} ${state}`);
    assert.deepEqual(states, ['q-on time waiting', 'q-rejected rejected']);
    assert.equal(await told('host.pending-expired'), 2);
  });

  it('tells claims on an identity again', async () => {
    await claim('a', now);
    assert.equal(await told('identity.conflict'), 3);
    assert.ok((await under.store.listConflicts()).every(({ firstAt, lastAt }) => firstAt <= lastAt && lastAt <= now));
  });

  it('asks a source again, and notes who misses what', async () => {
    const asked = (await under.store.listIntermediateSources()).map(({ id, askedAt }) => [id, askedAt]);
    assert.deepEqual(asked.sort(), [
      ['ahead', undefined],
      ['on-time', now],
    ]);
    assert.deepEqual(await under.store.listMissingIntermediates(), [{ ...issuer, firstAt: now, lastAt: now }]);
  });

  it('lets a stage last from now on', async () => {
    const opened = async (name: string) => (await under.store.findRollout(name))?.stageOpenedAt;
    assert.deepEqual([await opened('on time'), await opened('ahead')], [now, now]);
  });

  it('tells the end of a quarantine that is in force again when it comes, and no other twice', async () => {
    assert.equal(await under.store.tellQuarantineEnds(now + hour - 1), 0);
    assert.equal(await under.store.tellQuarantineEnds(now + hour), 1);
    assert.equal(await told('quarantine.ended'), 3);
  });

  it('tells the end of a break-glass statement that is in force again', async () => {
    assert.equal(await tellEnd('goes on', now + hour), true);
  });

  it('gives up a receiver of events that fails for too long from now on', async () => {
    assert.equal(await under.store.noteFailure('r', { since: now + 1, failure: 'away' }), now);
  });
});
