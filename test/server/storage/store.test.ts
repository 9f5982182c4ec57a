// What every store promises, whatever database is below it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import {
  createStore,
  openStore,
  type AuditFilter,
  type RolloutRecord,
  type Store,
  type UnreadableHost,
} from '../../../src/server/storage/index.ts';
import { createTestDatabase, postgresAt } from '../../support/postgres.ts';
import {
  attestationOf,
  auditDraft,
  bindTestHost,
  nameOfTestLog,
  openTestChallenge,
} from '../../support/stored-records.ts';

const noEnds = { expiresAt: undefined, revokedAt: undefined, enrolmentsLeft: undefined, hostId: undefined };
const everything = { after: undefined, limit: 100 };

function readable<T extends object>(listed: T | UnreadableHost | undefined): T {
  assert.ok(listed !== undefined && !('unreadable' in listed));
  return listed;
}

for (const engine of ['sqlite', 'postgres'] as const) {
  describe(`a store over ${engine}`, () => {
    let dataDirectory: string;
    let store: Store;
    before(async () => {
      dataDirectory = mkdtempSync(join(tmpdir(), 'touchstone-store-'));
      const storage = engine === 'sqlite' ? engine : postgresAt(await createTestDatabase());
      await createStore({ dataDirectory, storage });
      store = await openStore({ dataDirectory, storage, attestation: { rememberedHosts: 100, rememberedLogs: 10 } });
    });
    after(async () => {
      await store.close();
      rmSync(dataDirectory, { recursive: true, force: true });
    });

    it('chains the audit log in the order in which entries came, and undoes everything when a change fails half way', async () => {
      await Promise.all(['one', 'two', 'three'].map((action) => store.appendAudit(auditDraft(action))));
      // The database hashes it: whatever has another spelling there would break the chain.
      await store.appendAudit({
        ...auditDraft('f"our\\', { 'ä "\n': ['\u2028', '\ud83d\ude00'] }),
        subject: "\u0001'",
      });
      const entries = await store.listAudit(0, 10);
      assert.equal(findBrokenLink(entries), undefined);
      assert.deepEqual([entries.length, await store.lastAuditSequence()], [4, 4]);
      const middle = entries.slice(1, 3).map(({ hash }) => hash);
      assert.deepEqual(await store.listAuditHashes(1, 2), middle);
      const subject = entries[0]?.subject ?? '';
      const sequences = async (about: { subject: string; action?: string }) =>
        (await store.listAuditOf(about, 2)).map(({ sequence }) => sequence);
      assert.deepEqual(await sequences({ subject }), [3, 2]);
      assert.deepEqual(await sequences({ subject, action: entries[0]?.action ?? '' }), [1]);
      assert.deepEqual(await sequences({ subject: 'nobody' }), []);
      const signer = { keyid: 'k', name: 'n', publicKeyPem: 'p', layers: undefined, createdAt: 1 };
      const bad = auditDraft('signer.added', { broken: '\ud800' });
      await assert.rejects(store.addSigner(signer, bad), { code: 'ENCODING_JSON_NOT_CANONICAL' });
      assert.deepEqual([await store.listSigners(), await store.lastAuditSequence()], [[], 4]);
      assert.equal(await store.addSigner(signer, auditDraft('signer.added')), 'added');
      assert.equal(await store.addSigner(signer, auditDraft('signer.added')), 'exists');
    });

    it('looks for entries in a stretch of the audit log, in either order', async () => {
      const ada = { id: 'tok_adaadaadaadaada0', name: 'ada', role: 'operator', secretHash: new Uint8Array(32), createdAt: 1 } as const; // prettier-ignore
      await store.addToken({ ...noEnds, ...ada }, { ...auditDraft('token.created'), actor: 'server' });
      const after = await store.lastAuditSequence();
      const note = (actor: string, action: string, subject: string, at: number) =>
        store.appendAudit({ ...auditDraft(action), actor, subject, at });
      await note(`token ${ada.id}`, 'quarantine.lifted', 'q1', 100);
      await note('client ada', 'host.approved', 'hv-1', 200);
      await note('host hv-1', 'verdict.changed', 'hv-1', 300);
      await note('server', 'verdict.voided', 'hv-1', 250);
      await note('rollout kernel', 'rollout.advanced', 'kernel', 400);
      const none = { subject: undefined, actor: undefined, actions: [], since: 0, until: 1000, byPeople: false };
      const look = async (filter: Partial<AuditFilter>, order: 'oldest' | 'newest' = 'oldest', limit = 10) => {
        const search = { after, before: after + 6, order, filter: { ...none, ...filter } };
        return (await store.searchAudit(search, limit)).map(({ sequence }) => sequence - after);
      };
      assert.deepEqual(await look({}), [1, 2, 3, 4, 5]);
      assert.deepEqual(await look({}, 'newest', 3), [5, 4, 3]);
      assert.deepEqual(await look({ since: 200, until: 300 }), [2, 4]);
      assert.deepEqual(await look({ subject: 'hv-1' }, 'newest'), [4, 3, 2]);
      assert.deepEqual(await look({ byPeople: true }), [1, 2]);
      assert.deepEqual(await look({ actor: 'ada' }), [1, 2]);
      assert.deepEqual(await look({ actor: ada.id }), [1]);
      assert.deepEqual(await look({ actor: 'client ada' }), [2]);
      assert.deepEqual(await look({ actor: 'hv-1', actions: ['verdict.changed', 'host.approved'] }), [3]);
      assert.deepEqual(await look({ subject: 'hv-1', actions: ['quarantine.lifted'] }), []);
      const edges = { after: after + 1, before: after + 4, order: 'oldest', filter: none } as const;
      assert.equal((await store.searchAudit(edges, 10)).length, 2);
    });

    it('takes a signer away for good, under the revision that it was weighed under or not at all', async () => {
      const signer = { keyid: 'lost', name: 'lost', publicKeyPem: 'p', layers: undefined, createdAt: 1 };
      const others = await store.listSigners();
      await store.addSigner(signer, auditDraft('signer.added'));
      const entries = await store.lastAuditSequence();
      const revision = await store.fleetRevision();
      const remove = (under: number | undefined) =>
        store.removeSigner('lost', { revision: under, audit: auditDraft('signer.removed') });
      await assert.rejects(remove(revision - 1), { code: 'REQUEST_CONFLICT' });
      assert.equal((await store.listSigners()).length, others.length + 1);
      assert.equal(await store.lastAuditSequence(), entries);
      assert.equal(await remove(revision), true);
      assert.notEqual(await store.fleetRevision(), revision);
      assert.equal(await remove(undefined), false);
      assert.deepEqual(await store.listSigners(), others);
      assert.equal(await store.lastAuditSequence(), entries + 1);
      assert.equal(await store.addSigner(signer, auditDraft('signer.added')), 'removed');
      assert.deepEqual(await store.listSigners(), others);
    });

    it('spends a challenge once, keeps the newest evidence with its logs, and forgets logs that nobody uses', async () => {
      assert.equal(await bindTestHost(store, 'hv-1'), 'bound');
      assert.equal(await bindTestHost(store, 'hv-2', { tpm: 'hv-1' }), 'ek-taken');
      for (const [sequence, log] of ['first', 'second', 'second', 'third'].entries()) {
        await openTestChallenge(store, 'hv-1', `c${sequence}`);
        const answer = { challengeId: `c${sequence}`, verdictSequence: sequence, log, goldens: [`golden-${log}`] };
        const record = await attestationOf(store, 'hv-1', answer);
        assert.equal(await store.recordAttestation(record), 'recorded');
        assert.equal(await store.recordAttestation(record), 'challenge-spent');
      }
      assert.equal((await store.findVerdict('hv-1'))?.sequence, 4);
      const numbers = [undefined, 4, 3, 2, 1].map(
        async (number) => (await store.findCircumstances('hv-1', number))?.verdict.sequence,
      );
      assert.deepEqual(await Promise.all(numbers), [4, 4, 3, undefined, undefined]);
      assert.deepEqual(
        (await store.listVerdicts('hv-1')).map(({ sequence }) => sequence),
        [4, 3],
      );
      const evidence = await store.findEvidence('hv-1');
      assert.equal(new TextDecoder().decode(evidence?.eventLog), 'third');
      const kept = ['first', 'second', 'third'].map((log) => store.hasLog(nameOfTestLog(log)));
      assert.deepEqual(await Promise.all(kept), [false, true, true]);
      const [one, same] = [await store.findLog(nameOfTestLog('third')), await store.findLog(nameOfTestLog('third'))];
      assert.ok(one !== undefined && one === same, 'the log was read twice');
      assert.equal(new TextDecoder().decode(one), 'third');
      assert.equal(await store.countResting('golden-third'), 1);
      assert.equal(await store.countResting('golden-second'), 0);
      const listed = readable((await store.listHosts(everything))[0]);
      assert.deepEqual([listed.host.hostId, listed.verdict?.sequence], ['hv-1', 4]);
      const standing = readable((await store.listFleet(everything))[0]);
      assert.deepEqual([standing.evidence?.eventLog, standing.evidence?.bootEpoch], [nameOfTestLog('third'), 'boot 1']);
      assert.equal(await store.countActiveHosts(), 1);
      assert.equal(standing.evidence?.trustedUntil, undefined, 'a verdict came after it');
    });

    it('refuses an attestation that rested on what is no more', async () => {
      await openTestChallenge(store, 'hv-1', 'late');
      const record = await attestationOf(store, 'hv-1', { challengeId: 'late', verdictSequence: 4 });
      await store.setHostLabels('hv-1', { rack: '7' }, auditDraft('host.labelled'));
      assert.equal(await store.recordAttestation(record), 'outdated');
      assert.notEqual(await store.findChallenge('hv-1', 'late'), undefined, 'it can be appraised again');
      const basis = { ...record.basis, labels: { rack: '7' } };
      for (const changed of [{ epoch: 2 }, { verdictSequence: 3 }, { labels: {} }, { trustRevision: 0 }])
        assert.equal(await store.recordAttestation({ ...record, basis: { ...basis, ...changed } }), 'outdated');
      assert.equal(await store.spendChallenge('hv-1', 'late'), true);
      assert.equal(await store.spendChallenge('hv-1', 'late'), false);
    });

    it('keeps the challenges open that end last, and as many as it may, also of those that end at one moment', async () => {
      const open = async (id: string, expiresAt: number) => {
        const held = { heldEventLog: undefined, heldImaLog: undefined, heldUserspaceLog: undefined };
        const nonce = Uint8Array.of(1);
        const challenge = { id, hostId: 'hv-1', epoch: 1, nonce, ...held, drawnAt: 0, expiresAt, rides: false };
        await store.openChallenge(challenge, { now: 1_000_000, maxOpen: 3, boot: undefined });
      };
      const ends = { long: 5e12, b: 2e12, a: 2e12, c: 2e12, ago: 300_000, last: 1e12 };
      for (const [id, expiresAt] of Object.entries(ends)) await open(id, expiresAt);
      const found = await Promise.all(Object.keys(ends).map((id) => store.findChallenge('hv-1', id)));
      assert.deepEqual(
        found.map((challenge) => challenge?.id),
        ['long', undefined, undefined, 'c', undefined, 'last'],
      );
      for (const id of ['long', 'c', 'last']) assert.equal(await store.spendChallenge('hv-1', id), true);
    });

    it('ends verdicts with the golden measurement they rest on, each with its own entry', async () => {
      const proposal = {
        id: 'golden-third',
        layer: 'kernel',
        name: 'k',
        payload: Uint8Array.of(1),
        at: 1,
        revision: undefined,
      };
      const signatures = [{ sig: Uint8Array.of(2), keyid: undefined }];
      const saved = await store.saveGolden({ ...proposal, signatures }, () => {
        return { state: 'active', audit: auditDraft('golden.activated') };
      });
      assert.ok(saved !== 'ended');
      assert.deepEqual([saved.state, saved.signatures.length], ['active', 1]);
      const revision = await store.fleetRevision();
      const end = { state: 'revoked', reason: 'bad', cve: undefined, audit: auditDraft('golden.revoked') } as const;
      await assert.rejects(store.endGolden('golden-third', { ...end, revision: revision - 1 }), {
        code: 'REQUEST_CONFLICT',
      });
      const trustRevision = await store.trustRevision();
      await store.setHostLabels('hv-1', { rack: '8' }, auditDraft('host.labelled'));
      assert.equal(await store.trustRevision(), trustRevision, 'trust rests on labels of no host');
      await assert.rejects(store.endGolden('golden-third', { ...end, revision }), { code: 'REQUEST_CONFLICT' });
      assert.equal((await store.findGolden('golden-third'))?.state, 'active', 'nothing of it was done');
      assert.equal(await store.endGolden('golden-third', { ...end, revision: await store.fleetRevision() }), 1);
      assert.equal((await store.findVerdict('hv-1'))?.voided?.code, 'GOLDEN_MEASUREMENT_REVOKED');
      const { endReason, endedBy } = (await store.findGolden('golden-third')) ?? {};
      assert.deepEqual([endReason, endedBy], ['bad', auditDraft('golden.revoked').actor]);
      assert.deepEqual(
        (await store.listGoldensByState('revoked')).map(({ id }) => id),
        ['golden-third'],
      );
      assert.equal((await store.listAudit(0, 100)).at(-1)?.action, 'verdict.voided');
    });

    it('ends a binding with everything that rested on it, and opens the next epoch', async () => {
      const end = { kind: 'released', until: undefined, audit: auditDraft('host.released') } as const;
      assert.equal(await store.endBinding('hv-1', end), true);
      assert.equal((await store.findHost('hv-1'))?.state, 'released');
      assert.equal(await bindTestHost(store, 'hv-1'), 'bound');
      assert.equal((await store.findHost('hv-1'))?.epoch, 2);
      assert.equal(await store.findEvidence('hv-1'), undefined);
    });

    it('keeps no more intermediates than allowed: those past their end make room, and nothing else does', async () => {
      const audit = { at: 10, actor: 'test', action: 'intermediate.added', subject: '', details: {} };
      const add = (id: string, notAfter: number) =>
        store.addIntermediates([{ id, certificate: Uint8Array.of(1), notAfter, url: undefined, storedAt: 10 }], {
          maximum: 2,
          audit,
        });
      const ids = async () => (await store.listIntermediates()).map(({ id }) => id);
      await add('ended', 9);
      await add('good', 11);
      assert.deepEqual(await add('good', 11), []);
      const revision = await store.trustRevision();
      assert.notEqual(await add('next', 12), 'full');
      assert.equal(await store.trustRevision(), revision + 1);
      assert.deepEqual(await ids(), ['good', 'next']);
      assert.equal(await add('one more', 13), 'full');
      assert.deepEqual(await ids(), ['good', 'next']);
    });

    it('remembers the newest of the intermediates that are missing', async () => {
      for (const at of [1, 2, 3, 4]) {
        await store.noteMissingIntermediate({ name: `CN=${at % 3}`, keyIdHex: undefined }, { at, maximum: 2 });
      }
      const missing = await store.listMissingIntermediates();
      assert.deepEqual(
        missing.map(({ name, keyIdHex, lastAt }) => [name, keyIdHex, lastAt]),
        [
          ['CN=1', undefined, 4],
          ['CN=0', undefined, 3],
        ],
      );
    });

    it('counts conflicts of identity and tells them once', async () => {
      const conflict = { hostId: 'hv-9', ekDigest: Uint8Array.of(9), code: 'EK_TAKEN' } as never;
      const options = { quietMs: 1000, mostTold: 3, maximum: 5, audit: auditDraft('host.conflict') };
      const before = await store.lastAuditSequence();
      for (const at of [1, 2, 3]) await store.recordConflict(conflict, { ...options, audit: { ...options.audit, at } });
      assert.deepEqual(
        (await store.listConflicts()).map(({ count, lastAt }) => [count, lastAt]),
        [[3, 3]],
      );
      assert.equal(await store.lastAuditSequence(), before + 1);
    });

    it('tells few conflicts in a while, however many names are made up, and forgets none of those', async () => {
      const options = { quietMs: 1000, mostTold: 3, maximum: 5, audit: auditDraft('host.conflict') };
      const claim = (name: number, at: number) =>
        store.recordConflict(
          { hostId: `hv-${name}`, ekDigest: Uint8Array.of(9), code: 'EK_TAKEN' },
          {
            ...options,
            audit: { ...options.audit, at },
          },
        );
      const before = await store.lastAuditSequence();
      // The one of the test before is told again, as one of three.
      for (let name = 10; name < 30; name += 1) await claim(name, 2000 + name);
      await claim(9, 2050);
      assert.equal(await store.lastAuditSequence(), before + 3);
      assert.deepEqual(
        (await store.listConflicts()).map(({ hostId }) => hostId),
        ['hv-9', 'hv-29', 'hv-12', 'hv-11', 'hv-10'],
      );
      await claim(30, 3013);
      assert.equal(await store.lastAuditSequence(), before + 4);
    });

    it('keeps a break-glass statement once, raises the revision with it and with its end, and brings no ended one back', async () => {
      const record = { id: 'sha256:1', envelope: Uint8Array.of(1), until: 100, storedAt: 1, storedBy: 'operator' };
      const hosts = [auditDraft('host.break-glass-begun')];
      const before = [await store.trustRevision(), await store.lastAuditSequence()] as const;
      assert.equal(await store.saveBreakGlass(record, { audit: auditDraft('break-glass.begun'), hosts }), true);
      assert.equal(await store.saveBreakGlass(record, { audit: auditDraft('break-glass.begun'), hosts }), false);
      assert.deepEqual(
        [await store.trustRevision(), await store.lastAuditSequence()],
        [before[0] + 1, before[1] + 2],
        'a statement that is known changes nothing',
      );
      assert.deepEqual(
        (await store.listOpenBreakGlass(99)).map(({ id }) => id),
        ['sha256:1'],
      );
      assert.deepEqual(await store.listOpenBreakGlass(100), []);
      const end = (at: number) => ({ reason: 'mended', audit: { ...auditDraft('break-glass.ended'), at }, hosts });
      assert.equal(await store.endBreakGlass('sha256:1', end(100)), false, 'its time is over');
      assert.equal(await store.endBreakGlass('sha256:1', end(50)), true);
      assert.equal(await store.endBreakGlass('sha256:1', end(51)), false);
      assert.equal(await store.trustRevision(), before[0] + 2);
      assert.deepEqual(await store.listOpenBreakGlass(10), []);
      assert.deepEqual(
        (await store.listBreakGlass(5)).map(({ ended }) => ended?.reason),
        ['mended'],
      );
      assert.deepEqual((await store.findBreakGlass('sha256:1'))?.envelope, Uint8Array.of(1));
    });

    it('tells the end of a break-glass statement once, however many look at the same time, and never of one that was ended', async () => {
      const record = { id: 'sha256:11', envelope: Uint8Array.of(1), until: 100, storedAt: 1, storedBy: 'me' };
      const begun = { audit: auditDraft('break-glass.begun'), hosts: [] };
      await store.saveBreakGlass({ ...record, id: 'sha256:12', until: 90 }, begun);
      await store.saveBreakGlass(record, begun);
      await store.saveBreakGlass({ ...record, id: 'sha256:13' }, begun);
      const untold = async () => (await store.listUntoldBreakGlass()).map(({ id }) => id);
      assert.deepEqual(await untold(), ['sha256:12', 'sha256:11', 'sha256:13']);
      await store.endBreakGlass('sha256:12', {
        reason: 'x',
        audit: { ...auditDraft('break-glass.ended'), at: 50 },
        hosts: [],
      });
      const end = {
        audit: auditDraft('break-glass.expired'),
        hosts: [{ ...auditDraft('host.break-glass-expired'), subject: 'hv-1' }],
      };
      const told = await Promise.all([1, 2, 3].map(() => store.tellBreakGlassEnd('sha256:11', end)));
      assert.deepEqual(told.sort(), [false, false, true]);
      assert.equal(await store.tellBreakGlassEnd('sha256:12', end), false, 'an operator ended it');
      assert.deepEqual(await untold(), ['sha256:13']);
      const entries = (await store.listAudit(0, 1000)).filter(({ action }) => action.endsWith('expired'));
      assert.deepEqual(
        entries.map(({ action }) => action),
        ['break-glass.expired', 'host.break-glass-expired'],
      );
    });

    it('counts each host once that lost trust, since a moment, and not when it has it back', async () => {
      await store.noteFlip('hv-1', 100);
      await store.noteFlip('hv-2', 200);
      await store.noteFlip('hv-1', 300);
      const counts = await Promise.all([100, 200, 201, 301].map((since) => store.countFlips(since)));
      assert.deepEqual(counts, [2, 2, 1, 0]);
      await store.forgetFlip('hv-1');
      assert.equal(await store.countFlips(0), 1);
    });

    it('moves a delivery only from where it stands', async () => {
      const filter = { kinds: [], labels: {}, batch: false, format: 'text', rate: undefined } as const;
      const made = { createdAt: 1, createdBy: 'operator', pausedAt: undefined };
      const subscription = { id: 'r', url: 'https://receiver.example', ...filter, ...made };
      const start = { after: undefined, maximum: 1, audit: auditDraft('subscription.added') };
      assert.equal(await store.addSubscription(subscription, start), true);
      assert.equal(await store.addSubscription({ ...subscription, id: 's' }, start), false);
      const cursor = await store.lastAuditSequence();
      assert.deepEqual(await store.findDelivery('r'), { cursor, replays: 0, failing: undefined });
      assert.equal(await store.moveDelivery('r', { cursor: cursor + 1, replays: 0 }, cursor + 2), false);
      assert.equal(await store.noteFailure('r', { since: 5, failure: 'away' }), 5);
      assert.equal(await store.noteFailure('r', { since: 9, failure: 'away' }), 5);
      assert.equal(await store.moveDelivery('r', { cursor, replays: 0 }, cursor + 1), true);
      assert.deepEqual(await store.findDelivery('r'), { cursor: cursor + 1, replays: 0, failing: undefined });
    });

    it('takes no acknowledgement of what was under way before a replay, wherever the delivery stands by then', async () => {
      const underWay = (await store.findDelivery('r'))!;
      const { cursor } = underWay;
      const audit = auditDraft('subscription.replayed');
      await store.replaySubscription('r', { after: cursor, audit });
      assert.equal(await store.moveDelivery('r', underWay, cursor + 9), false, 'it was replayed to where it stood');
      await store.replaySubscription('r', { after: cursor - 1, audit });
      // Another server brings what is between, and the delivery stands where it stood before.
      const elsewhere = (await store.findDelivery('r'))!;
      assert.equal(await store.moveDelivery('r', elsewhere, cursor), true);
      assert.equal(
        await store.moveDelivery('r', underWay, cursor + 9),
        false,
        'what the replay is to bring again is left out',
      );
      assert.deepEqual(await store.findDelivery('r'), { cursor, replays: 2, failing: undefined });
    });

    it('gives a lease to one server, until it ends or is given back', async () => {
      assert.equal(await store.takeLease('one', 'job', 60_000), true);
      assert.equal(await store.takeLease('one', 'job', 60_000), true, 'it renews its own');
      assert.equal(await store.takeLease('other', 'job', 60_000), false);
      await store.releaseLeases('one');
      assert.equal(await store.takeLease('other', 'job', 0), true);
      assert.equal(await store.takeLease('one', 'job', 60_000), true, 'that of the other has run out');
      await store.releaseLeases('one');
    });

    it('gives away a lease that ends later than any that is taken now: the clock of the database was set back', async () => {
      const ahead = 86_400_000;
      await store.takeLease('dead', 'job', ahead);
      assert.equal(await store.takeLease('one', 'job', 60_000), true);
      assert.equal(await store.takeLease('dead', 'job', 60_000), false);
      await store.shareLeases('dead', ['a', 'b'], ahead);
      assert.deepEqual([...(await store.shareLeases('one', ['a', 'b'], 60_000))].sort(), ['a', 'b']);
      for (const holder of ['one', 'dead']) await store.releaseLeases(holder);
    });

    it('shares leases out among the servers that live', async () => {
      const names = ['a', 'b', 'c', 'd', 'e'];
      const share = async (holder: string, forMs = 60_000) =>
        [...(await store.shareLeases(holder, names, forMs))].sort();
      assert.deepEqual(await share('one'), names);
      assert.deepEqual(await share('other'), [], 'all are held');
      assert.deepEqual(await share('one'), ['a', 'b', 'c'], 'no more than half for one of two');
      assert.deepEqual(await share('other'), ['d', 'e']);
      assert.deepEqual(await share('other', 0), ['d', 'e'], 'from here on it is dead');
      assert.deepEqual(await share('one'), names);
      await store.releaseLeases('one');
      await store.releaseLeases('other');
    });

    it('lets only the holder of its lease bring a delivery, until it is paused, replayed or removed', async () => {
      const findsErrand = async (holder: string) => (await store.findErrand('r', holder)) !== undefined;
      assert.equal(await findsErrand('one'), false);
      await store.takeLease('one', 'r', 60_000);
      assert.deepEqual([await findsErrand('one'), await findsErrand('other')], [true, false]);
      await store.pauseSubscription('r', auditDraft('subscription.paused'));
      assert.equal(await findsErrand('one'), false);
      await store.replaySubscription('r', { after: undefined, audit: auditDraft('subscription.replayed') });
      assert.equal(await findsErrand('one'), false, 'whoever is asked next takes it');
      await store.takeLease('other', 'r', 60_000);
      assert.deepEqual([await findsErrand('one'), await findsErrand('other')], [false, true]);
      await store.removeSubscription('r', auditDraft('subscription.removed'));
      assert.equal(await findsErrand('other'), false);
    });

    it('gives an enrolment to one of those who answer it at once, and to nobody after', async () => {
      const key = Uint8Array.of(1);
      const enrolment = {
        ...{ id: 'enr_once', secretHash: key, joinToken: undefined, byOperator: true, expiresAt: 1000 },
        binding: {
          ...{ hostId: 'hv-once', ekDigest: key, ekPublic: key, ekCertificate: undefined, ekChain: [] },
          ...{ platformCertificates: [], deviceIdentity: undefined, endorser: undefined, akName: key, akPublic: key },
        },
      };
      assert.ok(await store.openEnrolment(enrolment, { now: 1, maxPending: 10 }));
      const taken = await Promise.all(Array.from({ length: 5 }, () => store.takeEnrolment('enr_once')));
      assert.deepEqual(
        taken.filter((each) => each !== undefined),
        [enrolment],
      );
      assert.equal(await store.takeEnrolment('enr_once'), undefined);
    });

    it('tells the end of a quarantine once, however many look at the same time', async () => {
      const quarantine = {
        ...{ id: 'qua_1', hosts: { all: true as const }, reason: 'x', createdAt: 1, createdBy: 'me' },
        ...{ until: 1000, lifted: undefined },
      };
      const audit = { ...auditDraft('quarantine.opened'), at: 1 };
      await store.openQuarantine(quarantine, { revision: undefined, audit });
      assert.equal(await store.tellQuarantineEnds(999), 0);
      const told = await Promise.all([1000, 1000, 1001].map((at) => store.tellQuarantineEnds(at)));
      assert.deepEqual(told.sort(), [0, 0, 1]);
      const entries = (await store.listAudit(0, 1000)).filter(({ action }) => action.endsWith('quarantine-ended'));
      assert.deepEqual(
        entries.map(({ subject, details }) => [subject, details['quarantine']]),
        [['hv-1', 'qua_1']],
      );
    });

    it('pages through names byte by byte, as the API does', async () => {
      for (const name of ['b', 'a-b', 'a', 'a.b', 'ab']) await bindTestHost(store, name);
      const first = await store.listHosts({ after: undefined, limit: 3 });
      const rest = await store.listHosts({ after: readable(first.at(-1)).host.hostId, limit: 9 });
      const ids = [...first, ...rest].map((listed) => readable(listed).host.hostId);
      assert.deepEqual(ids, [...ids].sort());
      assert.equal(ids.length, 6);
    });

    it('finds the host that has a TPM, and no other', async () => {
      await bindTestHost(store, 'hv-2');
      const hosts = (await store.listHosts(everything)).map((listed) => readable(listed).host);
      for (const { hostId, ekDigest } of hosts) {
        const owners = await store.listHosts({ ...everything, ekDigest });
        assert.deepEqual(owners.map((listed) => readable(listed).host.hostId), [hostId]); // prettier-ignore
      }
      assert.ok(hosts.length >= 2);
      assert.deepEqual(await store.listHosts({ ...everything, ekDigest: new Uint8Array(32) }), []);
    });

    it('sweeps what ended before the bounds, and never the last verdict of a host nor its newest verified evidence', async () => {
      const [hour, at] = [3_600_000, 1_700_000_000_000];
      const attestTimes = async (hostId: string, times: readonly { verified: boolean; log: string }[]) => {
        await bindTestHost(store, hostId);
        for (const [sequence, { verified, log }] of times.entries()) {
          await openTestChallenge(store, hostId, `c${sequence}`);
          const answer = { challengeId: `c${sequence}`, verdictSequence: sequence, log };
          const record = await attestationOf(store, hostId, answer);
          const [issuedAt, expiresAt] = [0, 1].map((hours) => new Date(at + (sequence + hours) * hour).toISOString());
          const verdict = { ...record.verdict, issuedAt: issuedAt!, expiresAt: expiresAt! };
          const kept = { keepEvidence: 10, quoteVerified: verified, verdict };
          assert.equal(await store.recordAttestation({ ...record, ...kept }), 'recorded');
        }
      };
      const [good, bad] = [true, false].map((verified) => (log: string) => ({ verified, log }));
      await attestTimes('sweep-1', [good!('only-1'), good!('both'), good!('both')]);
      await attestTimes('sweep-2', [good!('only-2'), good!('both'), bad!('both'), bad!('both')]);
      await openTestChallenge(store, 'sweep-2', 'late');
      await store.noteFlip('sweep-2', at);
      const sequences = async (host: string) => (await store.listVerdicts(host)).map(({ sequence }) => sequence);
      const page = { after: 'sweep-', limit: 10 };
      const sweep = (verdictsBefore: number, othersBefore: number, isRehearsal = false) =>
        store.sweepHosts(page, { verdictsBefore, othersBefore }, { isRehearsal });
      const nothing = { verdicts: 0, challenges: 0, akCertificates: 0, flips: 0 };

      const found = { through: 'sweep-2', hosts: 2 };
      assert.deepEqual(await sweep(at + hour, at), { ...found, swept: nothing }, 'what ends at the bound stays');
      const first = { ...found, swept: { ...nothing, verdicts: 2 } };
      assert.deepEqual(await sweep(at + hour + 1, at, true), first);
      assert.deepEqual([await sequences('sweep-1'), await store.hasLog(nameOfTestLog('only-1'))], [[3, 2, 1], true]);
      assert.deepEqual(await sweep(at + hour + 1, at), first);
      assert.deepEqual([await sequences('sweep-1'), await sequences('sweep-2')], [[3, 2], [4, 3, 2]]); // prettier-ignore
      const logs = ['only-1', 'only-2', 'both'].map((log) => store.hasLog(nameOfTestLog(log)));
      assert.deepEqual(await Promise.all(logs), [false, false, true]);

      const rest = { verdicts: 1, challenges: 1, akCertificates: 0, flips: 1 };
      assert.deepEqual(await sweep(9e12 + 1, 9e12 + 1), { ...found, swept: rest });
      assert.deepEqual([await sequences('sweep-1'), await sequences('sweep-2')], [[3], [4, 3, 2]]); // prettier-ignore
      assert.equal(new TextDecoder().decode((await store.findEvidence('sweep-2'))?.eventLog), 'both');
      assert.equal(await store.findChallenge('sweep-2', 'late'), undefined);
      assert.deepEqual(await sweep(9e12 + 1, 9e12 + 1), { ...found, swept: nothing }, 'twice is once');
      assert.equal(await store.sweepHosts({ ...page, after: 'sweep-2' }, { verdictsBefore: 0, othersBefore: 0 }, { isRehearsal: false }), undefined); // prettier-ignore
    });

    it('keeps fewer attestations as soon as fewer are to be kept', async () => {
      await bindTestHost(store, 'fewer');
      const attest = async (verdictSequence: number, keepEvidence: number, log: string) => {
        await openTestChallenge(store, 'fewer', `c${verdictSequence}`);
        const record = await attestationOf(store, 'fewer', {
          challengeId: `c${verdictSequence}`,
          verdictSequence,
          log,
        });
        assert.equal(await store.recordAttestation({ ...record, keepEvidence }), 'recorded');
      };
      for (const [sequence, log] of ['few a', 'few b', 'few a', 'few c'].entries()) await attest(sequence, 10, log);
      await attest(4, 2, 'few c');
      const sequences = (await store.listVerdicts('fewer')).map(({ sequence }) => sequence);
      const logs = ['few a', 'few b', 'few c'].map((log) => store.hasLog(nameOfTestLog(log)));
      assert.deepEqual([sequences, await Promise.all(logs)], [[5, 4], [false, false, true]]); // prettier-ignore
      await attest(5, 1, 'few d');
      assert.deepEqual((await store.listVerdicts('fewer')).map(({ sequence }) => sequence), [6]); // prettier-ignore
      assert.equal(await store.hasLog(nameOfTestLog('few c')), false);
    });

    it('keeps one challenge that rides, with the logs that are held, until the next one is drawn', async () => {
      assert.equal(await bindTestHost(store, 'hv-3'), 'bound');
      const drawn = { nonce: Uint8Array.of(7), drawnAt: 5, expiresAt: 9e12 };
      for (const [verdictSequence, log] of ['one', 'two'].entries()) {
        await openTestChallenge(store, 'hv-3', `asked ${log}`);
        const next = { ...drawn, id: `rides ${log}` };
        const answer = { challengeId: `asked ${log}`, verdictSequence, log, next };
        assert.equal(await store.recordAttestation(await attestationOf(store, 'hv-3', answer)), 'recorded');
      }
      assert.equal(await store.findChallenge('hv-3', 'rides one'), undefined);
      const riding = await store.findChallenge('hv-3', 'rides two');
      const held = { heldEventLog: nameOfTestLog('two'), heldImaLog: undefined, heldUserspaceLog: undefined };
      assert.deepEqual(riding && { ...riding, nonce: [...riding.nonce] }, {
        ...{ ...drawn, id: 'rides two', hostId: 'hv-3', epoch: 1, ...held, rides: true },
        nonce: [7],
      });
      const last = { challengeId: 'rides two', verdictSequence: 2, log: 'two' };
      assert.equal(await store.recordAttestation(await attestationOf(store, 'hv-3', last)), 'recorded');
      assert.equal(await store.findChallenge('hv-3', 'rides two'), undefined);
    });

    it('ends the verdicts of many at once, while who asks is answered, and sees all of it or nothing', async () => {
      const names = Array.from({ length: 230 }, (_, number) => `many-${1000 + number}`);
      const golden = { id: 'golden-many', layer: 'kernel', name: 'k', payload: Uint8Array.of(1), at: 1 };
      await store.saveGolden({ ...golden, revision: undefined, signatures: [] }, () => {
        return { state: 'active', audit: auditDraft('golden.activated') };
      });
      const trust = async (name: string): Promise<string> => {
        await bindTestHost(store, name);
        await openTestChallenge(store, name, `of ${name}`);
        const answer = { challengeId: `of ${name}`, verdictSequence: 0, goldens: ['golden-many'] };
        return store.recordAttestation(await attestationOf(store, name, answer));
      };
      // Not all at once: who waits five seconds for a connection is sent away.
      for (let first = 0; first < names.length; first += 10) {
        const recorded = await Promise.all(names.slice(first, first + 10).map(trust));
        assert.deepEqual([...new Set(recorded)], ['recorded']);
      }
      const countVoided = async (): Promise<number> => {
        const listed = await store.listHosts({ after: 'many-', limit: 500 });
        return listed.map(readable).filter(({ verdict }) => verdict?.voided !== undefined).length;
      };
      const from = (await store.listAudit(0, 1000)).length;
      const end = { state: 'revoked', reason: 'bad', cve: undefined, revision: undefined } as const;
      let isOver = false;
      const ended = store.endGolden('golden-many', { ...end, audit: auditDraft('golden.revoked') });
      void ended.finally(() => (isOver = true));
      const seen: number[] = [];
      while (!isOver) {
        seen.push(await countVoided());
        await new Promise(setImmediate);
      }
      assert.equal(await ended, names.length);
      assert.equal(seen[0], 0, 'nobody was answered before the end');
      assert.deepEqual([...new Set([...seen, await countVoided()])], [0, names.length]);
      const [first, ...others] = (await store.listAudit(0, 1000)).slice(from);
      assert.equal(first?.action, 'golden.revoked');
      assert.deepEqual(
        others.map(({ action, subject }) => `${action} ${subject}`),
        names.map((name) => `verdict.voided ${name}`),
      );
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
      assert.equal(await store.openRollout(rollout, auditDraft('rollout.started')), 'opened');
      const look = (now: number) => store.claimRolloutCheck('ahead', now, 1000);
      assert.deepEqual([await look(90_000), await look(90_999), await look(91_000)], [true, false, true]);
      assert.deepEqual([await look(90_500), await look(10_000), await look(10_999)], [false, true, false]);
    });

    it('moves a rollout only from how it stands: no step that began before a pause comes after it', async () => {
      const auto: RolloutRecord = {
        ...{ name: 'paused', goldens: ['p'], predecessors: [], stages: [], stage: 0, stageOpenedAt: 1, createdAt: 1 },
        ...{ advance: 'auto', state: 'running', endedAt: undefined, endReason: undefined },
      };
      await store.openRollout(auto, auditDraft('rollout.started'));
      const paused: RolloutRecord = { ...auto, advance: 'operator' };
      assert.equal(await store.moveRollout(auto, paused, auditDraft('rollout.paused')), true);
      assert.equal(await store.moveRollout(auto, { ...auto, stage: 1 }, auditDraft('rollout.advanced')), false);
      assert.deepEqual(await store.findRollout('paused'), paused);
      assert.equal(await store.moveRollout(paused, { ...paused, stage: 1 }, auditDraft('rollout.advanced')), true);
    });

    it('voids what was issued at a time that is ahead of its clock and of the server, where such a time was kept', async () => {
      const now = Date.now();
      const day = 86_400_000;
      const attestAt = async (hostId: string, at: number): Promise<void> => {
        assert.equal(await bindTestHost(store, hostId), 'bound');
        await openTestChallenge(store, hostId, 'c');
        const record = await attestationOf(store, hostId, { challengeId: 'c', verdictSequence: 0 });
        const times = { issuedAt: new Date(at).toISOString(), expiresAt: new Date(at + 1000).toISOString() };
        const verdict = { ...record.verdict, ...times };
        const next = { id: 'rides', nonce: Uint8Array.of(7), drawnAt: at, expiresAt: at + day };
        assert.equal(await store.recordAttestation({ ...record, verdict, next }), 'recorded');
        await store.noteFlip(hostId, at);
      };
      await attestAt('on time', now);
      await attestAt('ahead', now + day);
      const flips = await store.countFlips(now - 1);
      const standing = async (hostId: string) => [
        (await store.findVerdict(hostId))?.voided?.code,
        (await store.findChallenge(hostId, 'rides'))?.drawnAt,
      ];
      const bounds = { at: now - 1000, toleranceMs: 60_000 };
      await store.noteTime(now);
      assert.equal(await store.endAhead(bounds), undefined, 'no such time was kept');
      await store.noteTime(now + day);
      await store.noteTime(now);
      if (engine === 'postgres') {
        // A server that is behind, alone: nothing is ahead of the database.
        await store.noteTime(now + day);
        assert.deepEqual(await store.endAhead({ at: now - 9 * day, toleranceMs: 2 * day }), undefined);
      }
      assert.deepEqual(await store.endAhead(bounds), { aheadMs: day + 1000, verdicts: 1 });
      assert.deepEqual(await standing('ahead'), ['VERDICT_FROM_THE_FUTURE', undefined]);
      assert.deepEqual(await standing('on time'), [undefined, now]);
      assert.equal(await store.countFlips(now - 1), flips - 1);
      const last = (await store.listAudit((await store.lastAuditSequence()) - 1, 1))[0];
      assert.deepEqual(
        [last?.action, last?.subject, last?.details],
        ['verdict.voided', 'ahead', { code: 'VERDICT_FROM_THE_FUTURE' }],
      );
      assert.equal(await store.endAhead(bounds), undefined, 'once');
    });
  });
}
