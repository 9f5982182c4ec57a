import assert from 'node:assert/strict';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { decodeBase64, decodeHex, encodeBase64, encodeCbor, type CborValue } from '../../../src/core/encoding/index.ts';
import type { Store } from '../../../src/server/storage/index.ts';
import {
  attest,
  authorise,
  challengeFor,
  evidenceFor,
  propose,
  submit,
  trustedWorld,
  approveBoot,
  applyPolicy,
  enrol,
  paperHost,
  trustSimulator,
  type EnrolledHost,
  type SentEvidence,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import type { Tampering } from '../../../src/simulator/index.ts';

describe('attestation', () => {
  let server: TestServer;
  let world: TrustedWorld;
  /** Done between an appraisal and its recording. */
  let meanwhile: (store: Store) => Promise<unknown>;
  beforeEach(async () => {
    meanwhile = () => Promise.resolve();
    const wrapStore = (store: Store): Store => ({
      ...store,
      recordAttestation: async (record) => {
        await meanwhile(store);
        return store.recordAttestation(record);
      },
    });
    server = await startTestServer({ start: { wrapStore } });
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const decide = async () => server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
  const codes = (result: { verdict: { findings: { code: string; severity: string }[] } }) =>
    result.verdict.findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);

  it('writes the verdict of a host that no policy selects once, and not at each attestation', async () => {
    const host = paperHost('hv-2');
    await server.operator.call('putPolicy', {
      path: { policyId: 'fleet' },
      body: { layers: ['kernel'], verdictSeconds: 600, hosts: { names: ['hv-1'] } },
    });
    const enrolled = await enrol(server, host);
    for (let round = 0; round < 3; round += 1) assert.deepEqual(codes(await attest(enrolled, host)), ['POLICY_ABSENT']);
    server.advance(7200);
    await attest(enrolled, host);
    const { items } = await server.operator.call('listAudit', {});
    const told = items.filter(({ action, subject }) => action === 'verdict.changed' && subject === 'hv-2');
    // Of its first quote the boot was the first; then it was the same.
    assert.equal(told.length, 1);
    host.reboot();
    await attest(enrolled, host);
    const { items: later } = await server.operator.call('listAudit', {});
    assert.equal(later.filter(({ action, subject }) => action === 'verdict.changed' && subject === 'hv-2').length, 2);
  });

  it('trusts an honest host, and admission allows', async () => {
    const { verdict, nextAttestationSeconds } = await attest(world.enrolled, world.host);
    assert.equal(verdict.status, 'affirming');
    assert.ok(nextAttestationSeconds >= 270 && nextAttestationSeconds <= 450, String(nextAttestationSeconds));
    assert.equal((await decide()).decision, 'allow');
  });

  it('does not ask again for a log that it holds, and verifies it all the same', async () => {
    const { client, hostId } = world.enrolled;
    const { verdict } = await attest(world.enrolled, world.host);
    const logs = { eventLog: { sha256: verdict.eventLogDigest ?? '', length: 1 } };
    const challenge = await client.call('createChallenge', { path: { hostId }, body: { logs } });
    assert.equal(challenge.want.eventLog, false);
    const evidence = await evidenceFor(world.host, challenge);
    assert.equal(evidence.eventLog, undefined);
    assert.equal((await submit(world.enrolled, evidence)).verdict.status, 'affirming');
    world.host.reboot({ tampering: ['changed-kernel'] });
    const next = await client.call('createChallenge', { path: { hostId }, body: { logs } });
    assert.notEqual((await submit(world.enrolled, await evidenceFor(world.host, next))).verdict.status, 'affirming');
  });

  for (const tampering of [
    'changed-command-line',
    'secure-boot-disabled',
    'changed-kernel',
    'additional-event',
  ] as const) {
    it(`denies a host after a reboot with ${tampering}, and says why`, async () => {
      world.host.reboot({ tampering: [tampering] });
      const result = await attest(world.enrolled, world.host);
      assert.notEqual(result.verdict.status, 'affirming');
      assert.ok(codes(result).length > 0);
      const decision = await decide();
      assert.equal(decision.decision, 'deny');
      assert.equal(decision.reasons[0]?.code, 'STATUS_TOO_LOW');
    });
  }

  for (const tampering of [
    'replayed-quote',
    'foreign-signature',
    'broken-signature',
    'wrong-magic',
    'unrelated-pcr-values',
    'no-log',
    'rolled-back',
  ] as const satisfies Tampering[]) {
    it(`answers ${tampering} with a verdict that is not trusted`, async () => {
      world.host.tamper(tampering);
      const result = await attest(world.enrolled, world.host);
      assert.notEqual(result.verdict.status, 'affirming');
      assert.ok(codes(result).length > 0);
      assert.equal((await decide()).decision, 'deny');
    });
  }

  it('T33: never takes counters that went back for those that later ones are held against', async () => {
    world.host.tamper('rolled-back');
    for (let times = 0; times < 2; times += 1) {
      const result = await attest(world.enrolled, world.host);
      assert.ok(codes(result).includes('BOOT_ROLLED_BACK'));
      assert.equal(result.nextChallenge, undefined);
    }
  });

  it('judges a quote of fewer PCRs than were asked for: it does not keep the verdict before', async () => {
    const challenge = await challengeFor(world.enrolled);
    const pcrSelection = challenge.pcrSelection.map(({ bank, pcrs }) => ({ bank, pcrs: pcrs.slice(1) }));
    const result = await submit(world.enrolled, await evidenceFor(world.host, { ...challenge, pcrSelection }));
    assert.ok(codes(result).includes('QUOTE_PCR_MISSING'));
    assert.equal((await decide()).decision, 'deny');
  });

  it('attack 1: an old quote once more, whose challenge was answered or is over', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    await submit(world.enrolled, evidence);
    await refuses(submit(world.enrolled, evidence), 'CHALLENGE_NOT_FOUND', 409);
    const { challengeId } = await challengeFor(world.enrolled);
    const again = await submit(world.enrolled, { ...evidence, challengeId });
    assert.ok(codes(again).includes('TPM_QUALIFYING_DATA_MISMATCH'), 'under the challenge of now');
  });

  it('T14: of many answers to one challenge at once, one is taken', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    const answers = await Promise.allSettled(Array.from({ length: 8 }, () => submit(world.enrolled, evidence)));
    assert.equal(answers.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  it('T14: an answer is told that its challenge was answered while it was appraised, and is not appraised again', async () => {
    const challenge = await challengeFor(world.enrolled);
    const evidence = await evidenceFor(world.host, challenge);
    let times = 0;
    meanwhile = async (store) => {
      times += 1;
      await store.spendChallenge('hv-1', challenge.challengeId);
    };
    await refuses(submit(world.enrolled, evidence), 'CHALLENGE_NOT_FOUND', 409);
    assert.equal(times, 1);
  });

  it('T14: a challenge expires, and an answer after that is refused', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    server.advance(121);
    await refuses(submit(world.enrolled, evidence), 'CHALLENGE_EXPIRED', 409);
    await refuses(submit(world.enrolled, evidence), 'CHALLENGE_NOT_FOUND', 409);
  });

  it('attack 2: the challenge of one host for another, and a nonce that says not for whom', async () => {
    const host = paperHost('hv-2');
    const enrolled = await enrol(server, host);
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    await refuses(submit(enrolled, evidence), 'CHALLENGE_NOT_FOUND', 409);
    // A quote over the nonce alone, without server, host and key.
    const challenge = await challengeFor(world.enrolled);
    const bare = await evidenceFor(world.host, { ...challenge, qualifyingData: challenge.nonce });
    assert.ok(codes(await submit(world.enrolled, bare)).includes('TPM_QUALIFYING_DATA_MISMATCH'));
  });

  it('T33: evidence older than accepted evidence is refused though nonce and signature are right', async () => {
    const [early, late] = [await challengeFor(world.enrolled), await challengeFor(world.enrolled)];
    const old = await evidenceFor(world.host, early);
    await submit(world.enrolled, await evidenceFor(world.host, late));
    const result = await submit(world.enrolled, old);
    assert.ok(codes(result).includes('BOOT_ROLLED_BACK'));
    const next = await attest(world.enrolled, world.host);
    assert.equal(next.verdict.status, 'affirming', 'the newer counters stay remembered');
  });

  it('T35: a reboot is a new boot epoch, not a failure', async () => {
    world.host.reboot();
    const { verdict } = await attest(world.enrolled, world.host);
    assert.deepEqual([verdict.status, verdict.boot?.epoch], ['affirming', 'rebooted']);
  });

  const inCbor = async (enrolled: EnrolledHost, body: SentEvidence) => {
    const bytes = (text: string | undefined) => (text === undefined ? undefined : decodeBase64(text));
    const entries: [string, CborValue][] = [
      ['challengeId', body.challengeId],
      ['attest', bytes(body.attest)],
      ['signature', bytes(body.signature)],
      ['eventLog', bytes(body.eventLog)],
      [
        'pcrs',
        new Map(
          Object.entries(body.pcrs).map(([bank, values]) => [
            bank,
            new Map(
              Object.entries(values as Record<string, string>).map(([pcr, value]) => [Number(pcr), decodeHex(value)]),
            ),
          ]),
        ),
      ],
    ];
    const answer = await enrolled.client.callRaw('createAttestation', {
      path: { hostId: enrolled.hostId },
      headers: { 'content-type': 'application/cbor' },
      body: encodeCbor(new Map(entries.filter(([, value]) => value !== undefined))),
    });
    return JSON.parse(new TextDecoder().decode(answer.body)) as Awaited<ReturnType<typeof submit>>;
  };

  it('takes evidence as CBOR', async () => {
    const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
    assert.equal((await inCbor(world.enrolled, evidence)).verdict.status, 'affirming');
  });

  it('T28: verifies the signature on every way in: JSON, CBOR, and capture from stored evidence', async () => {
    const spoiled = async (): Promise<SentEvidence> => {
      const evidence = await evidenceFor(world.host, await challengeFor(world.enrolled));
      const attestBytes = decodeBase64(evidence.attest);
      attestBytes[attestBytes.length - 1]! ^= 1;
      return { ...evidence, attest: encodeBase64(attestBytes) };
    };
    assert.deepEqual(codes(await submit(world.enrolled, await spoiled())), ['TPM_SIGNATURE_INVALID']);
    assert.deepEqual(codes(await inCbor(world.enrolled, await spoiled())), ['TPM_SIGNATURE_INVALID']);
    await attest(world.enrolled, world.host);
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    database.exec("UPDATE attestations SET attest = CAST(substr(attest, 1, length(attest) - 1) || x'00' AS BLOB)");
    database.close();
    await refuses(
      server.operator.call('createCapture', { path: { hostId: 'hv-1' }, body: {} }),
      'TPM_SIGNATURE_INVALID',
      422,
    );
  });

  it('T7: whatever store call fails, the host is not trusted by it', async () => {
    let failAt = Infinity;
    let calls = 0;
    const faulty = await startTestServer({
      start: {
        wrapStore: (store) =>
          new Proxy(store, {
            get: (target, name, receiver) => {
              const method: unknown = Reflect.get(target, name, receiver);
              return (...args: unknown[]) => {
                calls += 1;
                const fault = new TypeError('injected fault');
                // It answers at once.
                if (calls === failAt && name === 'readAhead') throw fault;
                if (calls === failAt) return Promise.reject(fault);
                return (method as (...values: unknown[]) => unknown)(...args);
              };
            },
          }),
      },
    });
    await trustSimulator(faulty);
    const host = paperHost('hv-1');
    const enrolled = await enrol(faulty, host);
    await attest(enrolled, host);
    const operators = [await authorise(faulty, 'alice'), await authorise(faulty, 'bob')];
    await approveBoot(faulty, 'hv-1', operators);
    await applyPolicy(faulty);
    let faults = 0;
    for (let position = 1; position < 100; position += 1) {
      calls = 0;
      failAt = position;
      const outcome = await attest(enrolled, host).then(
        () => 'done',
        (error: unknown) => (error as { code: string }).code,
      );
      failAt = Infinity;
      if (outcome === 'done') break;
      faults += 1;
      assert.equal(outcome, 'SERVER_INTERNAL');
      const { decision, reasons } = await faulty.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
      assert.equal(decision, 'deny', `a fault at store call ${position} left the host trusted`);
      assert.ok(reasons.length > 0);
    }
    assert.ok(faults >= 8, `${faults} places to fail were tried`);
    assert.equal((await faulty.operator.call('getVerdict', { path: { hostId: 'hv-1' } })).status, 'affirming');
    await faulty.close();
  });

  it('T7: a failure of the verifier itself takes the place of the last good verdict', async () => {
    let isBroken = false;
    const broken = await startTestServer({
      start: {
        wrapStore: (store) => ({
          ...store,
          findHost: async (id) => {
            const host = await store.findHost(id);
            return host === undefined || !isBroken ? host : { ...host, boot: 'no boot state' as never };
          },
        }),
      },
    });
    const { enrolled, host } = await trustedWorld(broken);
    const decision = () => broken.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.equal((await decision()).decision, 'allow');
    isBroken = true;
    const { verdict } = await attest(enrolled, host);
    isBroken = false;
    assert.deepEqual([verdict.status, verdict.findings.map(({ code }) => code)], ['none', ['SERVER_INTERNAL']]);
    assert.equal((await decision()).decision, 'deny');
    broken.advance(61);
    assert.equal((await decision()).decision, 'deny');
    assert.equal((await attest(enrolled, host)).verdict.status, 'affirming');
    await broken.close();
  });

  it('T7: when the audit entry cannot be written, the verdict is not either', async () => {
    world.host.reboot({ tampering: ['changed-kernel'] });
    await attest(world.enrolled, world.host);
    world.host.reboot({ tampering: [] });
    const database = new Database(join(server.dataDirectory, 'touchstone.db'));
    database.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END");
    await refuses(attest(world.enrolled, world.host), 'STORAGE_UNAVAILABLE', 503);
    assert.equal((await decide()).decision, 'deny');
    database.exec('DROP TRIGGER full');
    database.close();
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
  });

  it('writes an audit entry when a verdict says something new, and only then', async () => {
    const count = async () =>
      (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.filter(
        ({ action }) => action === 'verdict.changed',
      ).length;
    const before = await count();
    await attest(world.enrolled, world.host);
    assert.equal(await count(), before);
    world.host.reboot({ tampering: ['changed-kernel'] });
    await attest(world.enrolled, world.host);
    assert.equal(await count(), before + 1);
  });

  it('keeps a bounded history', async () => {
    for (let round = 0; round < 12; round += 1) await attest(world.enrolled, world.host);
    const database = new Database(join(server.dataDirectory, 'touchstone.db'), { readonly: true });
    assert.equal(database.prepare('SELECT count(*) FROM attestations').pluck().get(), 10);
    // The event log, and what the verdicts rest on: the record of the host, and the trust in force.
    assert.equal(database.prepare('SELECT count(*) FROM logs').pluck().get(), 3);
    database.close();
  });

  it('ends at once the verdicts that rest on a revoked golden measurement', async () => {
    const golden = world.goldens[3]!;
    await server.operator.call('revokeGoldenMeasurement', {
      path: { goldenId: golden },
      body: { reason: 'kernel flaw', cve: 'CVE-2026-0001' },
    });
    const decision = await decide();
    assert.deepEqual([decision.decision, decision.reasons[0]?.code], ['deny', 'VERDICT_VOIDED']);
    assert.notEqual((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    assert.ok(items.some(({ action, subject }) => action === 'verdict.voided' && subject === 'hv-1'));
    const { payload, payloadType } = (
      await server.operator.call('getGoldenMeasurement', { path: { goldenId: golden } })
    ).envelope!;
    await refuses(propose(server, { payload, payloadType }, world.operators), 'GOLDEN_MEASUREMENT_ENDED', 409);
  });
});
