// What every store promises of challenges, verdicts and evidence, whatever database is below it.
import assert from 'node:assert/strict';
import {
  attestationOf,
  auditDraft,
  bindTestHost,
  nameOfTestLog,
  openTestChallenge,
  pcrsOfTestLog,
} from '../../support/stored-records.ts';
import { describeStore, everything, readable } from './describe-store.ts';

describeStore('attestations in a store', (under) => {
  it('binds a TPM to one host, and spends a challenge once', async () => {
    assert.equal(await bindTestHost(under.store, 'hv-1'), 'bound');
    assert.equal(await bindTestHost(under.store, 'hv-2', { tpm: 'hv-1' }), 'ek-taken');
    for (const [sequence, log] of ['first', 'second', 'second', 'third'].entries()) {
      await openTestChallenge(under.store, 'hv-1', `c${sequence}`);
      const answer = { challengeId: `c${sequence}`, verdictSequence: sequence, log, goldens: [`golden-${log}`] };
      const record = await attestationOf(under.store, 'hv-1', answer);
      assert.equal(await under.store.recordAttestation(record), 'recorded');
      assert.equal(await under.store.recordAttestation(record), 'challenge-spent');
    }
  });

  it('keeps the newest verdicts of a host, as many as it shall, and finds each by its number', async () => {
    assert.equal((await under.store.findVerdict('hv-1'))?.sequence, 4);
    const numbers = [undefined, 4, 3, 2, 1].map(
      async (number) => (await under.store.findCircumstances('hv-1', number))?.verdict.sequence,
    );
    assert.deepEqual(await Promise.all(numbers), [4, 4, 3, undefined, undefined]);
    assert.deepEqual(
      (await under.store.listVerdicts('hv-1')).map(({ sequence }) => sequence),
      [4, 3],
    );
  });

  it('keeps the logs of the evidence that is kept, each once in memory, and forgets those that nobody uses', async () => {
    const evidence = await under.store.findEvidence('hv-1');
    assert.equal(new TextDecoder().decode(evidence?.eventLog), 'third');
    const kept = ['first', 'second', 'third'].map((log) => under.store.hasLog(nameOfTestLog(log)));
    assert.deepEqual(await Promise.all(kept), [false, true, true]);
    const [one, same] = [
      await under.store.findLog(nameOfTestLog('third')),
      await under.store.findLog(nameOfTestLog('third')),
    ];
    assert.ok(one !== undefined && one === same, 'the log was read twice');
    assert.equal(new TextDecoder().decode(one), 'third');
  });

  it('counts the hosts whose last verdict rests on a golden measurement', async () => {
    assert.equal(await under.store.countResting('golden-third'), 1);
    assert.equal(await under.store.countResting('golden-second'), 0);
  });

  it('lists a host with its last verdict, and for questions about the fleet with the evidence it stands on', async () => {
    const listed = readable((await under.store.listHosts(everything))[0]);
    assert.deepEqual([listed.host.hostId, listed.verdict?.sequence], ['hv-1', 4]);
    const standing = readable((await under.store.listFleet(everything))[0]);
    assert.deepEqual([standing.evidence?.eventLog, standing.evidence?.bootEpoch], [nameOfTestLog('third'), 'boot 1']);
    assert.equal(await under.store.countActiveHosts(), 1);
    assert.equal(standing.evidence?.trustedUntil, undefined, 'a verdict came after it');
  });

  it('refuses an attestation that rested on what is no more', async () => {
    await openTestChallenge(under.store, 'hv-1', 'late');
    const record = await attestationOf(under.store, 'hv-1', { challengeId: 'late', verdictSequence: 4 });
    await under.store.setHostLabels('hv-1', { rack: '7' }, auditDraft('host.labelled'));
    assert.equal(await under.store.recordAttestation(record), 'outdated');
    assert.notEqual(await under.store.findChallenge('hv-1', 'late'), undefined, 'it can be appraised again');
    const basis = { ...record.basis, labels: { rack: '7' } };
    for (const changed of [{ epoch: 2 }, { verdictSequence: 3 }, { labels: {} }, { trustRevision: 0 }])
      assert.equal(await under.store.recordAttestation({ ...record, basis: { ...basis, ...changed } }), 'outdated');
    assert.equal(await under.store.spendChallenge('hv-1', 'late'), true);
    assert.equal(await under.store.spendChallenge('hv-1', 'late'), false);
  });

  it('keeps the challenges open that end last, and as many as it may, also of those that end at one moment', async () => {
    const open = async (id: string, expiresAt: number) => {
      const held = { heldPcrs: undefined, heldEventLog: undefined, heldImaLog: undefined, heldUserspaceLog: undefined };
      const nonce = Uint8Array.of(1);
      const challenge = { id, hostId: 'hv-1', epoch: 1, nonce, ...held, drawnAt: 0, expiresAt, rides: false };
      await under.store.openChallenge(challenge, { now: 1_000_000, maxOpen: 3, boot: undefined });
    };
    const ends = { long: 5e12, b: 2e12, a: 2e12, c: 2e12, ago: 300_000, last: 1e12 };
    for (const [id, expiresAt] of Object.entries(ends)) await open(id, expiresAt);
    const found = await Promise.all(Object.keys(ends).map((id) => under.store.findChallenge('hv-1', id)));
    assert.deepEqual(
      found.map((challenge) => challenge?.id),
      ['long', undefined, undefined, 'c', undefined, 'last'],
    );
    for (const id of ['long', 'c', 'last']) assert.equal(await under.store.spendChallenge('hv-1', id), true);
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
    const saved = await under.store.saveGolden({ ...proposal, signatures }, () => {
      return { state: 'active', audit: auditDraft('golden.activated') };
    });
    assert.ok(saved !== 'ended');
    assert.deepEqual([saved.state, saved.signatures.length], ['active', 1]);
    const revision = await under.store.fleetRevision();
    const end = { state: 'revoked', reason: 'bad', cve: undefined, audit: auditDraft('golden.revoked') } as const;
    await assert.rejects(under.store.endGolden('golden-third', { ...end, revision: revision - 1 }), {
      code: 'REQUEST_CONFLICT',
    });
    const trustRevision = await under.store.trustRevision();
    await under.store.setHostLabels('hv-1', { rack: '8' }, auditDraft('host.labelled'));
    assert.equal(await under.store.trustRevision(), trustRevision, 'trust rests on labels of no host');
    await assert.rejects(under.store.endGolden('golden-third', { ...end, revision }), { code: 'REQUEST_CONFLICT' });
    assert.equal((await under.store.findGolden('golden-third'))?.state, 'active', 'nothing of it was done');
    assert.equal(
      await under.store.endGolden('golden-third', { ...end, revision: await under.store.fleetRevision() }),
      1,
    );
    assert.equal((await under.store.findVerdict('hv-1'))?.voided?.code, 'GOLDEN_MEASUREMENT_REVOKED');
    const { endReason, endedBy } = (await under.store.findGolden('golden-third')) ?? {};
    assert.deepEqual([endReason, endedBy], ['bad', auditDraft('golden.revoked').actor]);
    // Whoever retires it may have looked at it before it was revoked.
    const late = { ...end, reason: 'no host needs it', revision: undefined };
    for (const state of ['retired', 'revoked'] as const)
      assert.equal(await under.store.endGolden('golden-third', { ...late, state }), 'ended');
    assert.equal((await under.store.findGolden('golden-third'))?.endReason, 'bad');
    assert.deepEqual(
      (await under.store.listGoldensByState('revoked')).map(({ id }) => id),
      ['golden-third'],
    );
    assert.equal((await under.store.listAudit(0, 100)).at(-1)?.action, 'verdict.voided');
  });

  it('ends a binding with everything that rested on it, and opens the next epoch', async () => {
    const end = { kind: 'released', until: undefined, audit: auditDraft('host.released') } as const;
    assert.equal(await under.store.endBinding('hv-1', end), true);
    assert.equal((await under.store.findHost('hv-1'))?.state, 'released');
    assert.equal(await bindTestHost(under.store, 'hv-1'), 'bound');
    assert.equal((await under.store.findHost('hv-1'))?.epoch, 2);
    assert.equal(await under.store.findEvidence('hv-1'), undefined);
  });

  it('sweeps what ended before the bounds, and never the last verdict of a host nor its newest verified evidence', async () => {
    const [hour, at] = [3_600_000, 1_700_000_000_000];
    const attestTimes = async (hostId: string, times: readonly { verified: boolean; log: string }[]) => {
      await bindTestHost(under.store, hostId);
      for (const [sequence, { verified, log }] of times.entries()) {
        await openTestChallenge(under.store, hostId, `c${sequence}`);
        const answer = { challengeId: `c${sequence}`, verdictSequence: sequence, log };
        const record = await attestationOf(under.store, hostId, answer);
        const [issuedAt, expiresAt] = [0, 1].map((hours) => new Date(at + (sequence + hours) * hour).toISOString());
        const verdict = { ...record.verdict, issuedAt: issuedAt!, expiresAt: expiresAt! };
        const kept = { keepEvidence: 10, quoteVerified: verified, verdict };
        assert.equal(await under.store.recordAttestation({ ...record, ...kept }), 'recorded');
      }
    };
    const [good, bad] = [true, false].map((verified) => (log: string) => ({ verified, log }));
    await attestTimes('sweep-1', [good!('only-1'), good!('both'), good!('both')]);
    await attestTimes('sweep-2', [good!('only-2'), good!('both'), bad!('both'), bad!('both')]);
    await openTestChallenge(under.store, 'sweep-2', 'late');
    await under.store.noteFlip('sweep-2', at);
    const sequences = async (host: string) => (await under.store.listVerdicts(host)).map(({ sequence }) => sequence);
    const page = { after: 'sweep-', limit: 10 };
    const sweep = (verdictsBefore: number, othersBefore: number, isRehearsal = false) =>
      under.store.sweepHosts(page, { verdictsBefore, othersBefore }, { isRehearsal });
    const nothing = { verdicts: 0, challenges: 0, akCertificates: 0, flips: 0 };

    const found = { through: 'sweep-2', hosts: 2 };
    assert.deepEqual(await sweep(at + hour, at), { ...found, swept: nothing }, 'what ends at the bound stays');
    const first = { ...found, swept: { ...nothing, verdicts: 2 } };
    assert.deepEqual(await sweep(at + hour + 1, at, true), first);
    assert.deepEqual(
      [await sequences('sweep-1'), await under.store.hasLog(nameOfTestLog('only-1'))],
      [[3, 2, 1], true],
    );
    assert.deepEqual(await sweep(at + hour + 1, at), first);
    assert.deepEqual([await sequences('sweep-1'), await sequences('sweep-2')], [[3, 2], [4, 3, 2]]); // prettier-ignore
    const logs = ['only-1', 'only-2', 'both'].map((log) => under.store.hasLog(nameOfTestLog(log)));
    assert.deepEqual(await Promise.all(logs), [false, false, true]);

    const rest = { verdicts: 1, challenges: 1, akCertificates: 0, flips: 1 };
    assert.deepEqual(await sweep(9e12 + 1, 9e12 + 1), { ...found, swept: rest });
    assert.deepEqual([await sequences('sweep-1'), await sequences('sweep-2')], [[3], [4, 3, 2]]); // prettier-ignore
    assert.equal(new TextDecoder().decode((await under.store.findEvidence('sweep-2'))?.eventLog), 'both');
    assert.equal(await under.store.findChallenge('sweep-2', 'late'), undefined);
    assert.deepEqual(await sweep(9e12 + 1, 9e12 + 1), { ...found, swept: nothing }, 'twice is once');
    assert.equal(await under.store.sweepHosts({ ...page, after: 'sweep-2' }, { verdictsBefore: 0, othersBefore: 0 }, { isRehearsal: false }), undefined); // prettier-ignore
  });

  it('keeps fewer attestations as soon as fewer are to be kept', async () => {
    await bindTestHost(under.store, 'fewer');
    const attest = async (verdictSequence: number, keepEvidence: number, log: string) => {
      await openTestChallenge(under.store, 'fewer', `c${verdictSequence}`);
      const record = await attestationOf(under.store, 'fewer', {
        challengeId: `c${verdictSequence}`,
        verdictSequence,
        log,
      });
      assert.equal(await under.store.recordAttestation({ ...record, keepEvidence }), 'recorded');
    };
    for (const [sequence, log] of ['few a', 'few b', 'few a', 'few c'].entries()) await attest(sequence, 10, log);
    await attest(4, 2, 'few c');
    const sequences = (await under.store.listVerdicts('fewer')).map(({ sequence }) => sequence);
    const logs = ['few a', 'few b', 'few c'].map((log) => under.store.hasLog(nameOfTestLog(log)));
    assert.deepEqual([sequences, await Promise.all(logs)], [[5, 4], [false, false, true]]); // prettier-ignore
    await attest(5, 1, 'few d');
    assert.deepEqual((await under.store.listVerdicts('fewer')).map(({ sequence }) => sequence), [6]); // prettier-ignore
    assert.equal(await under.store.hasLog(nameOfTestLog('few c')), false);
  });

  it('keeps one challenge that rides, with the logs that are held, until the next one is drawn', async () => {
    assert.equal(await bindTestHost(under.store, 'hv-3'), 'bound');
    const drawn = { nonce: Uint8Array.of(7), drawnAt: 5, expiresAt: 9e12 };
    for (const [verdictSequence, log] of ['one', 'two'].entries()) {
      await openTestChallenge(under.store, 'hv-3', `asked ${log}`);
      const next = { ...drawn, id: `rides ${log}` };
      const answer = { challengeId: `asked ${log}`, verdictSequence, log, next };
      assert.equal(await under.store.recordAttestation(await attestationOf(under.store, 'hv-3', answer)), 'recorded');
    }
    assert.equal(await under.store.findChallenge('hv-3', 'rides one'), undefined);
    const riding = await under.store.findChallenge('hv-3', 'rides two');
    const logs = { heldEventLog: nameOfTestLog('two'), heldImaLog: undefined, heldUserspaceLog: undefined };
    const held = { heldPcrs: pcrsOfTestLog('two'), ...logs };
    assert.deepEqual(riding && { ...riding, nonce: [...riding.nonce] }, {
      ...{ ...drawn, id: 'rides two', hostId: 'hv-3', epoch: 1, ...held, rides: true },
      nonce: [7],
    });
    const last = { challengeId: 'rides two', verdictSequence: 2, log: 'two' };
    assert.equal(await under.store.recordAttestation(await attestationOf(under.store, 'hv-3', last)), 'recorded');
    assert.equal(await under.store.findChallenge('hv-3', 'rides two'), undefined);
  });

  it('ends the verdicts of many at once, while who asks is answered, and sees all of it or nothing', async () => {
    const names = Array.from({ length: 230 }, (_, number) => `many-${1000 + number}`);
    const golden = { id: 'golden-many', layer: 'kernel', name: 'k', payload: Uint8Array.of(1), at: 1 };
    await under.store.saveGolden({ ...golden, revision: undefined, signatures: [] }, () => {
      return { state: 'active', audit: auditDraft('golden.activated') };
    });
    const trust = async (name: string): Promise<string> => {
      await bindTestHost(under.store, name);
      await openTestChallenge(under.store, name, `of ${name}`);
      const answer = { challengeId: `of ${name}`, verdictSequence: 0, goldens: ['golden-many'] };
      return under.store.recordAttestation(await attestationOf(under.store, name, answer));
    };
    // Not all at once: who waits five seconds for a connection is sent away.
    for (let first = 0; first < names.length; first += 10) {
      const recorded = await Promise.all(names.slice(first, first + 10).map(trust));
      assert.deepEqual([...new Set(recorded)], ['recorded']);
    }
    const countVoided = async (): Promise<number> => {
      const listed = await under.store.listHosts({ after: 'many-', limit: 500 });
      return listed.map(readable).filter(({ verdict }) => verdict?.voided !== undefined).length;
    };
    const from = (await under.store.listAudit(0, 1000)).length;
    const end = { state: 'revoked', reason: 'bad', cve: undefined, revision: undefined } as const;
    let isOver = false;
    const ended = under.store.endGolden('golden-many', { ...end, audit: auditDraft('golden.revoked') });
    void ended.finally(() => (isOver = true));
    const seen: number[] = [];
    while (!isOver) {
      seen.push(await countVoided());
      await new Promise(setImmediate);
    }
    assert.equal(await ended, names.length);
    assert.equal(seen[0], 0, 'nobody was answered before the end');
    assert.deepEqual([...new Set([...seen, await countVoided()])], [0, names.length]);
    const [first, ...others] = (await under.store.listAudit(0, 1000)).slice(from);
    assert.equal(first?.action, 'golden.revoked');
    assert.deepEqual(
      others.map(({ action, subject }) => `${action} ${subject}`),
      names.map((name) => `verdict.voided ${name}`),
    );
  });

  it('voids what was issued at a time that is ahead of its clock and of the server, where such a time was kept', async () => {
    const now = Date.now();
    const day = 86_400_000;
    const attestAt = async (hostId: string, at: number): Promise<void> => {
      assert.equal(await bindTestHost(under.store, hostId), 'bound');
      await openTestChallenge(under.store, hostId, 'c');
      const record = await attestationOf(under.store, hostId, { challengeId: 'c', verdictSequence: 0 });
      const times = { issuedAt: new Date(at).toISOString(), expiresAt: new Date(at + 1000).toISOString() };
      const verdict = { ...record.verdict, ...times };
      const next = { id: 'rides', nonce: Uint8Array.of(7), drawnAt: at, expiresAt: at + day };
      assert.equal(await under.store.recordAttestation({ ...record, verdict, next }), 'recorded');
      await under.store.noteFlip(hostId, at);
    };
    await attestAt('on time', now);
    await attestAt('ahead', now + day);
    const flips = await under.store.countFlips(now - 1);
    const standing = async (hostId: string) => [
      (await under.store.findVerdict(hostId))?.voided?.code,
      (await under.store.findChallenge(hostId, 'rides'))?.drawnAt,
    ];
    const bounds = { at: now - 1000, toleranceMs: 60_000 };
    await under.store.noteTime(now);
    assert.equal(await under.store.endAhead(bounds), undefined, 'no such time was kept');
    await under.store.noteTime(now + day);
    await under.store.noteTime(now);
    if (under.engine === 'postgres') {
      // A server that is behind, alone: nothing is ahead of the database.
      await under.store.noteTime(now + day);
      assert.deepEqual(await under.store.endAhead({ at: now - 9 * day, toleranceMs: 2 * day }), undefined);
    }
    assert.deepEqual(await under.store.endAhead(bounds), { aheadMs: day + 1000, verdicts: 1 });
    assert.deepEqual(await standing('ahead'), ['VERDICT_FROM_THE_FUTURE', undefined]);
    assert.deepEqual(await standing('on time'), [undefined, now]);
    assert.equal(await under.store.countFlips(now - 1), flips - 1);
    const last = (await under.store.listAudit((await under.store.lastAuditSequence()) - 1, 1))[0];
    assert.deepEqual(
      [last?.action, last?.subject, last?.details],
      ['verdict.voided', 'ahead', { code: 'VERDICT_FROM_THE_FUTURE' }],
    );
    assert.equal(await under.store.endAhead(bounds), undefined, 'once');
  });
});
