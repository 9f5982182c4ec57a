// What every store promises of the audit log, of what operators decide, and of hosts by name, whatever database is below it.
import assert from 'node:assert/strict';
import { findBrokenLink } from '../../../src/server/audit/audit-chain.ts';
import type { AuditFilter, RolloutRecord } from '../../../src/server/storage/index.ts';
import { auditDraft, bindTestHost } from '../../support/stored-records.ts';
import { describeStore, everything, readable } from './describe-store.ts';

const noEnds = { expiresAt: undefined, revokedAt: undefined, enrolmentsLeft: undefined, hostId: undefined };

describeStore('a store', (under) => {
  it('chains the audit log in the order in which entries came, and undoes everything when a change fails half way', async () => {
    await Promise.all(['one', 'two', 'three'].map((action) => under.store.appendAudit(auditDraft(action))));
    // The database hashes it: whatever has another spelling there would break the chain.
    await under.store.appendAudit({
      ...auditDraft('f"our\\', { 'ä "\n': ['\u2028', '\ud83d\ude00'] }),
      subject: "\u0001'",
    });
    const entries = await under.store.listAudit(0, 10);
    assert.equal(findBrokenLink(entries), undefined);
    assert.deepEqual([entries.length, await under.store.lastAuditSequence()], [4, 4]);
    const middle = entries.slice(1, 3).map(({ hash }) => hash);
    assert.deepEqual(await under.store.listAuditHashes(1, 2), middle);
    const signer = { keyid: 'k', name: 'n', publicKeyPem: 'p', layers: undefined, createdAt: 1 };
    const bad = auditDraft('signer.added', { broken: '\ud800' });
    await assert.rejects(under.store.addSigner(signer, bad), { code: 'ENCODING_JSON_NOT_CANONICAL' });
    assert.deepEqual([await under.store.listSigners(), await under.store.lastAuditSequence()], [[], 4]);
    assert.equal(await under.store.addSigner(signer, auditDraft('signer.added')), 'added');
    assert.equal(await under.store.addSigner(signer, auditDraft('signer.added')), 'exists');
  });

  it('looks for entries in a stretch of the audit log, in either order', async () => {
    const ada = { id: 'tok_adaadaadaadaada0', name: 'ada', role: 'operator', secretHash: new Uint8Array(32), createdAt: 1 } as const; // prettier-ignore
    await under.store.addToken({ ...noEnds, ...ada }, { ...auditDraft('token.created'), actor: 'server' });
    const after = await under.store.lastAuditSequence();
    const note = (actor: string, action: string, subject: string, at: number) =>
      under.store.appendAudit({ ...auditDraft(action), actor, subject, at });
    await note(`token ${ada.id}`, 'quarantine.lifted', 'q1', 100);
    await note('client ada', 'host.approved', 'hv-1', 200);
    await note('host hv-1', 'verdict.changed', 'hv-1', 300);
    await note('server', 'verdict.voided', 'hv-1', 250);
    await note('rollout kernel', 'rollout.advanced', 'kernel', 400);
    const none = { subject: undefined, actor: undefined, actions: [], since: 0, until: 1000, byPeople: false };
    const look = async (filter: Partial<AuditFilter>, order: 'oldest' | 'newest' = 'oldest', limit = 10) => {
      const search = { after, before: after + 6, order, filter: { ...none, ...filter } };
      return (await under.store.searchAudit(search, limit)).entries.map(({ sequence }) => sequence - after);
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
    assert.equal((await under.store.searchAudit(edges, 10)).entries.length, 2);
  });

  it('takes a signer away for good, under the revision that it was weighed under or not at all', async () => {
    const signer = { keyid: 'lost', name: 'lost', publicKeyPem: 'p', layers: undefined, createdAt: 1 };
    const others = await under.store.listSigners();
    await under.store.addSigner(signer, auditDraft('signer.added'));
    const entries = await under.store.lastAuditSequence();
    const revision = await under.store.fleetRevision();
    const remove = (weighedUnder: number | undefined) =>
      under.store.removeSigner('lost', { revision: weighedUnder, audit: auditDraft('signer.removed') });
    await assert.rejects(remove(revision - 1), { code: 'REQUEST_CONFLICT' });
    assert.equal((await under.store.listSigners()).length, others.length + 1);
    assert.equal(await under.store.lastAuditSequence(), entries);
    assert.equal(await remove(revision), true);
    assert.notEqual(await under.store.fleetRevision(), revision);
    assert.equal(await remove(undefined), false);
    assert.deepEqual(await under.store.listSigners(), others);
    assert.equal(await under.store.lastAuditSequence(), entries + 1);
    assert.equal(await under.store.addSigner(signer, auditDraft('signer.added')), 'removed');
    assert.deepEqual(await under.store.listSigners(), others);
  });

  it('keeps no more intermediates than allowed: those past their end make room, and nothing else does', async () => {
    const audit = { at: 10, actor: 'test', action: 'intermediate.added', subject: '', details: {} };
    const add = (id: string, notAfter: number) =>
      under.store.addIntermediates([{ id, certificate: Uint8Array.of(1), notAfter, url: undefined, storedAt: 10 }], {
        maximum: 2,
        audit,
      });
    const ids = async () => (await under.store.listIntermediates()).map(({ id }) => id);
    await add('ended', 9);
    await add('good', 11);
    assert.deepEqual(await add('good', 11), []);
    const revision = await under.store.trustRevision();
    assert.notEqual(await add('next', 12), 'full');
    assert.equal(await under.store.trustRevision(), revision + 1);
    assert.deepEqual(await ids(), ['good', 'next']);
    assert.equal(await add('one more', 13), 'full');
    assert.deepEqual(await ids(), ['good', 'next']);
  });

  it('remembers the newest of the intermediates that are missing', async () => {
    for (const at of [1, 2, 3, 4]) {
      await under.store.noteMissingIntermediate({ name: `CN=${at % 3}`, keyIdHex: undefined }, { at, maximum: 2 });
    }
    const missing = await under.store.listMissingIntermediates();
    assert.deepEqual(
      missing.map(({ name, keyIdHex, lastAt }) => [name, keyIdHex, lastAt]),
      [
        ['CN=1', undefined, 4],
        ['CN=0', undefined, 3],
      ],
    );
  });

  it('keeps what the last revocation list of an issuer was, in place of the one that was looked at and of no other', async () => {
    const [first, second] = [1, 2].map((number) => ({ number, at: number * 1000, revision: 0 }));
    assert.ok(first && second);
    assert.equal(await under.store.findLastAkList('ca'), undefined);
    // Whoever comes first: over PostgreSQL they come on two connections.
    const answers = await Promise.all(
      [first, second].map((one) => under.store.replaceLastAkList('ca', undefined, one)),
    );
    assert.deepEqual([...answers].sort(), [false, true]);
    const [kept, other] = answers[0] ? [first, second] : [second, first];
    assert.deepEqual(await under.store.findLastAkList('ca'), kept);
    assert.equal(await under.store.replaceLastAkList('ca', other, other), false);
    assert.equal(await under.store.replaceLastAkList('ca', kept, other), true);
    assert.deepEqual(await under.store.findLastAkList('ca'), other);
    assert.equal(await under.store.findLastAkList('other'), undefined);
  });

  it('counts conflicts of identity and tells them once', async () => {
    const conflict = { hostId: 'hv-9', ekDigest: Uint8Array.of(9), code: 'EK_TAKEN' } as never;
    const options = { quietMs: 1000, mostTold: 3, maximum: 5, audit: auditDraft('host.conflict') };
    const before = await under.store.lastAuditSequence();
    for (const at of [1, 2, 3])
      await under.store.recordConflict(conflict, { ...options, audit: { ...options.audit, at } });
    assert.deepEqual(
      (await under.store.listConflicts()).map(({ count, lastAt }) => [count, lastAt]),
      [[3, 3]],
    );
    assert.equal(await under.store.lastAuditSequence(), before + 1);
  });

  it('tells few conflicts in a while, however many names are made up, and forgets none of those', async () => {
    const options = { quietMs: 1000, mostTold: 3, maximum: 5, audit: auditDraft('host.conflict') };
    const claim = (name: number, at: number) =>
      under.store.recordConflict(
        { hostId: `hv-${name}`, ekDigest: Uint8Array.of(9), code: 'EK_TAKEN' },
        {
          ...options,
          audit: { ...options.audit, at },
        },
      );
    const before = await under.store.lastAuditSequence();
    // The one of the test before is told again, as one of three.
    for (let name = 10; name < 30; name += 1) await claim(name, 2000 + name);
    await claim(9, 2050);
    assert.equal(await under.store.lastAuditSequence(), before + 3);
    assert.deepEqual(
      (await under.store.listConflicts()).map(({ hostId }) => hostId),
      ['hv-9', 'hv-29', 'hv-12', 'hv-11', 'hv-10'],
    );
    await claim(30, 3013);
    assert.equal(await under.store.lastAuditSequence(), before + 4);
  });

  it('keeps a break-glass statement once, raises the revision with it and with its end, and brings no ended one back', async () => {
    const record = { id: 'sha256:1', envelope: Uint8Array.of(1), until: 100, storedAt: 1, storedBy: 'operator' };
    const hosts = [auditDraft('host.break-glass-begun')];
    const before = [await under.store.trustRevision(), await under.store.lastAuditSequence()] as const;
    assert.equal(await under.store.saveBreakGlass(record, { audit: auditDraft('break-glass.begun'), hosts }), true);
    assert.equal(await under.store.saveBreakGlass(record, { audit: auditDraft('break-glass.begun'), hosts }), false);
    assert.deepEqual(
      [await under.store.trustRevision(), await under.store.lastAuditSequence()],
      [before[0] + 1, before[1] + 2],
      'a statement that is known changes nothing',
    );
    assert.deepEqual(
      (await under.store.listOpenBreakGlass(99)).map(({ id }) => id),
      ['sha256:1'],
    );
    assert.deepEqual(await under.store.listOpenBreakGlass(100), []);
    const end = (at: number) => ({ reason: 'mended', audit: { ...auditDraft('break-glass.ended'), at }, hosts });
    assert.equal(await under.store.endBreakGlass('sha256:1', end(100)), false, 'its time is over');
    assert.equal(await under.store.endBreakGlass('sha256:1', end(50)), true);
    assert.equal(await under.store.endBreakGlass('sha256:1', end(51)), false);
    assert.equal(await under.store.trustRevision(), before[0] + 2);
    assert.deepEqual(await under.store.listOpenBreakGlass(10), []);
    assert.deepEqual(await under.store.listBreakGlassIds(5), ['sha256:1']);
    const kept = await under.store.findBreakGlass('sha256:1');
    assert.deepEqual([kept?.envelope, kept?.ended?.reason], [Uint8Array.of(1), 'mended']);
  });

  it('tells the end of a break-glass statement once, however many look at the same time, and never of one that was ended', async () => {
    const record = { id: 'sha256:11', envelope: Uint8Array.of(1), until: 100, storedAt: 1, storedBy: 'me' };
    const begun = { audit: auditDraft('break-glass.begun'), hosts: [] };
    await under.store.saveBreakGlass({ ...record, id: 'sha256:12', until: 90 }, begun);
    await under.store.saveBreakGlass(record, begun);
    await under.store.saveBreakGlass({ ...record, id: 'sha256:13' }, begun);
    const untold = async () => (await under.store.listUntoldBreakGlass()).map(({ id }) => id);
    assert.deepEqual(await untold(), ['sha256:12', 'sha256:11', 'sha256:13']);
    await under.store.endBreakGlass('sha256:12', {
      reason: 'x',
      audit: { ...auditDraft('break-glass.ended'), at: 50 },
      hosts: [],
    });
    const end = {
      audit: auditDraft('break-glass.expired'),
      hosts: [{ ...auditDraft('host.break-glass-expired'), subject: 'hv-1' }],
    };
    const told = await Promise.all([1, 2, 3].map(() => under.store.tellBreakGlassEnd('sha256:11', end)));
    assert.deepEqual(told.sort(), [false, false, true]);
    assert.equal(await under.store.tellBreakGlassEnd('sha256:12', end), false, 'an operator ended it');
    assert.deepEqual(await untold(), ['sha256:13']);
    const entries = (await under.store.listAudit(0, 1000)).filter(({ action }) => action.endsWith('expired'));
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['break-glass.expired', 'host.break-glass-expired'],
    );
  });

  it('counts each host once that lost trust, since a moment, and not when it has it back', async () => {
    await under.store.noteFlip('hv-1', 100);
    await under.store.noteFlip('hv-2', 200);
    await under.store.noteFlip('hv-1', 300);
    const counts = await Promise.all([100, 200, 201, 301].map((since) => under.store.countFlips(since)));
    assert.deepEqual(counts, [2, 2, 1, 0]);
    await under.store.forgetFlip('hv-1');
    assert.equal(await under.store.countFlips(0), 1);
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
    assert.ok(await under.store.openEnrolment(enrolment, { now: 1, maxPending: 10 }));
    const taken = await Promise.all(Array.from({ length: 5 }, () => under.store.takeEnrolment('enr_once')));
    assert.deepEqual(
      taken.filter((each) => each !== undefined),
      [enrolment],
    );
    assert.equal(await under.store.takeEnrolment('enr_once'), undefined);
  });

  it('tells the end of a quarantine once, however many look at the same time', async () => {
    await bindTestHost(under.store, 'hv-1');
    const quarantine = {
      ...{ id: 'qua_1', hosts: { all: true as const }, reason: 'x', createdAt: 1, createdBy: 'me' },
      ...{ until: 1000, lifted: undefined },
    };
    const audit = { ...auditDraft('quarantine.opened'), at: 1 };
    await under.store.openQuarantine(quarantine, { revision: undefined, audit });
    assert.equal(await under.store.tellQuarantineEnds(999), 0);
    const told = await Promise.all([1000, 1000, 1001].map((at) => under.store.tellQuarantineEnds(at)));
    assert.deepEqual(told.sort(), [0, 0, 1]);
    const entries = (await under.store.listAudit(0, 1000)).filter(({ action }) => action.endsWith('quarantine-ended'));
    assert.deepEqual(
      entries.map(({ subject, details }) => [subject, details['quarantine']]),
      [['hv-1', 'qua_1']],
    );
  });

  it('pages through names byte by byte, as the API does', async () => {
    for (const name of ['b', 'a-b', 'a', 'a.b', 'ab']) await bindTestHost(under.store, name);
    const first = await under.store.listHosts({ after: undefined, limit: 3 });
    const rest = await under.store.listHosts({ after: readable(first.at(-1)).host.hostId, limit: 9 });
    const ids = [...first, ...rest].map((listed) => readable(listed).host.hostId);
    assert.deepEqual(ids, [...ids].sort());
    assert.equal(ids.length, 6);
  });

  it('finds the host that has a TPM, and no other', async () => {
    await bindTestHost(under.store, 'hv-2');
    const hosts = (await under.store.listHosts(everything)).map((listed) => readable(listed).host);
    for (const { hostId, ekDigest } of hosts) {
      const owners = await under.store.listHosts({ ...everything, ekDigest });
      assert.deepEqual(owners.map((listed) => readable(listed).host.hostId), [hostId]); // prettier-ignore
    }
    assert.ok(hosts.length >= 2);
    assert.deepEqual(await under.store.listHosts({ ...everything, ekDigest: new Uint8Array(32) }), []);
  });

  it('moves a rollout only from how it stands: no step that began before a pause comes after it', async () => {
    const auto: RolloutRecord = {
      ...{ name: 'paused', goldens: ['p'], predecessors: [], stages: [], stage: 0, stageOpenedAt: 1, createdAt: 1 },
      ...{ advance: 'auto', state: 'running', endedAt: undefined, endReason: undefined },
    };
    await under.store.openRollout(auto, auditDraft('rollout.started'));
    const unweighed = (action: string) => ({ revision: undefined, audit: auditDraft(action) });
    const paused: RolloutRecord = { ...auto, advance: 'operator' };
    assert.equal(await under.store.moveRollout(auto, paused, unweighed('rollout.paused')), true);
    assert.equal(await under.store.moveRollout(auto, { ...auto, stage: 1 }, unweighed('rollout.advanced')), false);
    assert.deepEqual(await under.store.findRollout('paused'), paused);
    assert.equal(await under.store.moveRollout(paused, { ...paused, stage: 1 }, unweighed('rollout.advanced')), true);
  });

  it('retires with a step of a rollout or not at all, and takes no revocation back', async () => {
    const { store } = under;
    for (const id of ['retiring', 'revoking']) {
      const golden = { id, layer: 'kernel', name: id, payload: Uint8Array.of(1), at: 1 };
      await store.saveGolden({ ...golden, revision: undefined, signatures: [] }, () => {
        return { state: 'active', audit: auditDraft('golden.activated') };
      });
    }
    const end = { state: 'revoked', reason: 'bad', cve: undefined, audit: auditDraft('golden.revoked') } as const;
    await store.endGolden('revoking', { ...end, revision: undefined });
    const widened: RolloutRecord = {
      ...{ name: 'retires', goldens: ['q'], predecessors: [], stages: [], stage: 0, stageOpenedAt: 1, createdAt: 1 },
      ...{ advance: 'auto', state: 'widened', endedAt: undefined, endReason: undefined },
    };
    await store.openRollout(widened, auditDraft('rollout.started'));
    const audits = ['retiring', 'revoking'].map((subject) => ({ ...auditDraft('golden.retired'), subject }));
    const change = { revision: undefined, audit: auditDraft('rollout.completed'), retired: { reason: 'over', audits } };
    const complete = (from: RolloutRecord) => store.moveRollout(from, { ...from, state: 'completed' }, change);
    const states = async () =>
      Promise.all(['retiring', 'revoking'].map(async (id) => (await store.findGolden(id))?.state));
    assert.equal(await complete({ ...widened, advance: 'operator' }), false);
    assert.deepEqual(await states(), ['active', 'revoked']);
    const before = await store.lastAuditSequence();
    assert.equal(await complete(widened), true);
    assert.deepEqual(await states(), ['retired', 'revoked']);
    const entries = await store.listAudit(before, 10);
    assert.deepEqual(
      entries.map(({ action }) => action),
      ['golden.retired', 'rollout.completed'],
    );
  });

  it('reads no more of heavy entries at once than some megabytes, and every one of them in the end', async () => {
    const after = await under.store.lastAuditSequence();
    for (let entry = 0; entry < 7; entry += 1)
      await under.store.appendAudit(auditDraft('quarantine.opened', { hosts: 'ä'.repeat(500_000) }));
    const before = after + 8;
    const sequences = async (order: 'oldest' | 'newest', from: number): Promise<readonly (readonly number[])[]> => {
      const filter = { subject: undefined, actor: undefined, actions: [], since: 0, until: 1e15, byPeople: false };
      const place = order === 'oldest' ? { after: from, before } : { after, before: from };
      const { entries, isCut } = await under.store.searchAudit({ ...place, order, filter }, 1000);
      const page = entries.map(({ sequence }) => sequence - after);
      return isCut ? [page, ...(await sequences(order, entries.at(-1)?.sequence ?? NaN))] : [page];
    };
    assert.deepEqual(await sequences('oldest', after), [[1, 2, 3, 4, 5], [6, 7]]); // prettier-ignore
    assert.deepEqual(await sequences('newest', before), [[7, 6, 5, 4, 3], [2, 1]]); // prettier-ignore
    const listed: number[] = [];
    for (let from = after; ;) {
      const piece = await under.store.listAudit(from, 500);
      assert.ok(piece.length <= 5);
      listed.push(...piece.map(({ sequence }) => sequence - after));
      from = piece.at(-1)?.sequence ?? 0;
      if (piece.length === 0) break;
    }
    assert.deepEqual(listed, [1, 2, 3, 4, 5, 6, 7]);
  });
});
