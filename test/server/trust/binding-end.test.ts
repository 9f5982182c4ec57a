// The ends of a host's binding to its TPM: nothing of before works afterwards, in whatever order it is tried.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createProver } from '../../../src/agent/index.ts';
import { decodeBase64, encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import { spkiDigest } from '../../../src/core/crypto/index.ts';
import { verifyEndorsementKey } from '../../../src/core/tpm/index.ts';
import { parseCrl } from '../../../src/core/x509/index.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import {
  attest,
  challengeFor,
  enrol,
  enrolmentBody,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type EnrolledHost,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const path = { hostId: 'hv-1' };

describe('the end of a binding', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const replace = (expiresInSeconds = 3600) =>
    server.operator.call('replaceTpm', { path, body: { reason: 'new mainboard', expiresInSeconds } });
  const retire = (hostId = 'hv-1') =>
    server.operator.call('retireHost', { path: { hostId }, body: { reason: 'sold' } });
  const newBoard = (seed = 'new board'): PaperHost => paperHost('hv-1', { seed });
  const admission = () => server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
  const audit = async () => (await server.operator.call('listAudit', { query: { limit: 1000 } })).items;
  const open = async (host: PaperHost, client = server.operator) =>
    client.call('createEnrollment', { body: await enrolmentBody(host) });
  const digestOf = async (host: PaperHost) =>
    encodeHex(spkiDigest(verifyEndorsementKey(await host.ekPublic()).public.publicKey));

  it('replace-tpm: ends the verdict at once, and the next enrolment with a new TPM opens a new epoch', async () => {
    assert.equal((await admission()).decision, 'allow');
    const waiting = await replace();
    assert.deepEqual([waiting.state, waiting.status], ['replacing', 'none']);
    assert.equal(waiting.replaceUntil, new Date(server.now().getTime() + 3_600_000).toISOString());
    const { decision, reasons } = await admission();
    assert.deepEqual([decision, reasons[0]?.code], ['deny', 'HOST_TPM_REPLACED']);
    const board = newBoard();
    const enrolled = await enrol(server, board);
    const host = await server.operator.call('getHost', { path });
    assert.deepEqual([host.state, host.epoch, host.replaceUntil, host.status], ['booting', 2, undefined, 'none']);
    assert.equal((await attest(enrolled, board)).verdict.status, 'affirming');
    assert.equal((await admission()).decision, 'allow');
    const entry = (await audit()).find(({ action }) => action === 'host.tpm-replaced');
    assert.deepEqual([entry?.details['reason'], entry?.details['ek']], ['new mainboard', await digestOf(world.host)]);
  });

  it('replace-tpm: admits one new TPM, not another after it', async () => {
    await replace();
    await refuses(open(world.host), 'HOST_EK_RETIRED', 409);
    await enrol(server, newBoard());
    await refuses(open(newBoard('a second board')), 'HOST_NAME_TAKEN', 409);
  });

  it('replace-tpm: admits none when the time is over, until an operator gives more', async () => {
    await replace(60);
    server.advance(60);
    await refuses(open(newBoard()), 'HOST_REPLACEMENT_OVER', 409);
    await replace();
    await enrol(server, newBoard());
  });

  it('replace-tpm: an enrolment that is open when the time ends is not finished', async () => {
    await replace(60);
    const board = newBoard();
    const { enrollmentId, credentialBlob, encryptedSecret } = await open(board);
    server.advance(60);
    const secret = encodeBase64(await board.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret)));
    await refuses(
      server.operator.call('activateEnrollment', { path: { enrollmentId }, body: { secret } }),
      'HOST_REPLACEMENT_OVER',
    );
  });

  it('replace-tpm: holds the name for the one TPM that an operator registers for it', async () => {
    const board = newBoard();
    const registration = { path: { ekDigest: await digestOf(board) }, body: { label: 'spare', hostId: 'hv-1' } };
    await refuses(server.operator.call('registerEk', registration), 'EK_REGISTRATION_CONFLICT', 409);
    await replace();
    await server.operator.call('registerEk', registration);
    await refuses(open(newBoard('thief')), 'HOST_NAME_RESERVED', 409);
    await enrol(server, board);
  });

  it('replace-tpm: also where the old TPM was registered for the name', async () => {
    const old = paperHost('hv-2');
    const body = { label: 'rack 3', hostId: 'hv-2' };
    await server.operator.call('registerEk', { path: { ekDigest: await digestOf(old) }, body });
    await enrol(server, old);
    await server.operator.call('replaceTpm', { path: { hostId: 'hv-2' }, body: { reason: 'x' } });
    await enrol(server, paperHost('hv-2', { seed: 'new board' }));
  });

  it('retire: ends name and TPM for good', async () => {
    const retired = await retire();
    assert.deepEqual([retired.state, retired.status], ['retired', 'none']);
    assert.equal((await admission()).reasons[0]?.code, 'HOST_RETIRED');
    await refuses(open(world.host), 'HOST_EK_RETIRED', 409);
    await refuses(open(world.host.cloneAs('hv-2')), 'HOST_EK_RETIRED', 409);
    await refuses(open(newBoard()), 'HOST_RETIRED', 409);
    await refuses(replace(), 'HOST_RETIRED', 409);
    await refuses(retire(), 'HOST_RETIRED', 409);
    await refuses(server.operator.call('releaseHost', { path, body: { reason: 'x' } }), 'HOST_RETIRED', 409);
    await server.restart();
    await refuses(open(world.host), 'HOST_EK_RETIRED', 409);
  });

  it('is refused for a host that never was', async () => {
    await refuses(retire('hv-9'), 'HOST_NOT_FOUND', 404);
  });

  it('release: an enrolment that was under way does not bring the host back', async () => {
    const { enrollmentId, credentialBlob, encryptedSecret } = await open(world.host);
    await server.operator.call('releaseHost', { path, body: { reason: 'x' } });
    const secret = encodeBase64(await world.host.activate(decodeBase64(credentialBlob), decodeBase64(encryptedSecret)));
    await refuses(
      server.operator.call('activateEnrollment', { path: { enrollmentId }, body: { secret } }),
      'ENROLLMENT_NOT_FOUND',
      404,
    );
  });

  /** Everything that the old TPM could still be used for. Each has to be refused, whenever it is tried. */
  async function attacksOf(old: EnrolledHost, host: PaperHost) {
    const openBefore = await open(host);
    const challenge = await challengeFor(old);
    const evidence = await evidenceFor(host, challenge);
    const secret = await host.activate(
      decodeBase64(openBefore.credentialBlob),
      decodeBase64(openBefore.encryptedSecret),
    );
    const identity = { serverId: 'test.example', hostId: 'hv-1', akName: encodeHex(host.akName) };
    const oldProof = createProver(host, identity);
    return {
      'the old token': () => refuses(challengeFor(old), 'AUTH_TOKEN_INVALID', 401),
      'evidence for a challenge of before': () => refuses(submit(old, evidence), 'AUTH_TOKEN_INVALID', 401),
      'an enrolment that was open before': () =>
        refuses(
          server.operator.call('activateEnrollment', {
            path: { enrollmentId: openBefore.enrollmentId },
            body: { secret: encodeBase64(secret) },
          }),
          'ENROLLMENT_NOT_FOUND',
          404,
        ),
      'the old TPM under its name': () => refuses(open(host), 'HOST_EK_RETIRED', 409),
      'the old TPM under another name': () => refuses(open(host.cloneAs('hv-2')), 'HOST_EK_RETIRED', 409),
      'a proof of the old key beside the new token': async (now: EnrolledHost) => {
        await refuses(challengeFor({ ...now, client: server.client(now.token, oldProof) }), 'AUTH_PROOF_INVALID', 401);
      },
      'old evidence for a new challenge': async (now: EnrolledHost) => {
        const { challengeId } = await challengeFor(now);
        const { verdict } = await submit(now, { ...evidence, challengeId });
        assert.equal(verdict.status, 'contraindicated');
      },
      'a fresh quote of the old key for a new challenge': async (now: EnrolledHost) => {
        const { verdict } = await submit(now, await evidenceFor(host, await challengeFor(now)));
        assert.ok(verdict.findings.some(({ code }) => code === 'TPM_SIGNATURE_INVALID'));
      },
    };
  }

  it('replace-tpm: nothing of the old TPM ever works again, in whatever order it is tried', async () => {
    const attacks = await attacksOf(world.enrolled, world.host);
    await replace();
    const board = newBoard();
    const now = await enrol(server, board);
    await attest(now, board);
    const names = Object.keys(attacks) as (keyof typeof attacks)[];
    const order = fc.array(fc.constantFrom(...names, 'attest' as const, 'a minute passes' as const), {
      minLength: 1,
      maxLength: 8,
    });
    await fc.assert(
      fc.asyncProperty(order, async (steps) => {
        for (const step of steps) {
          if (step === 'a minute passes') server.advance(60);
          else if (step === 'attest') await attest(now, board);
          else await attacks[step](now);
        }
        await attest(now, board);
        assert.equal((await admission()).decision, 'allow', 'the new TPM is not harmed');
      }),
      { numRuns: 12 },
    );
  });

  it('replace-tpm: revokes the certificate of the old attestation key', async () => {
    const before = parseCrl((await server.operator.callRaw('getAttestationCaCrl', { headers: { accept: '*/*' } })).body)
      .revoked.size;
    await replace();
    const after = parseCrl((await server.operator.callRaw('getAttestationCaCrl', { headers: { accept: '*/*' } })).body)
      .revoked.size;
    assert.ok(after > before);
  });

  it('T6: what was handed out before an end is refused, or ends by itself within its minute', async () => {
    const { token } = await admission();
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, number>;
    assert.ok((claims['exp'] ?? Infinity) - (claims['iat'] ?? 0) <= server.config.admission.decisionSeconds);
    const open = await server.operator.call('createQuarantine', {
      body: { hosts: { names: ['hv-1'] }, reason: 'ticket 4711' },
    });
    assert.equal((await admission()).decision, 'deny');
    // The host still has its token: it may attest, and is not trusted for it.
    await attest(world.enrolled, world.host);
    assert.equal((await admission()).reasons[0]?.code, 'HOST_QUARANTINED');
    await replace();
    await refuses(challengeFor(world.enrolled), 'AUTH_TOKEN_INVALID', 401);
    // The quarantine names the host, whichever TPM it has.
    const board = newBoard();
    await attest(await enrol(server, board), board);
    assert.equal((await admission()).reasons[0]?.code, 'HOST_QUARANTINED');
    await server.operator.call('liftQuarantine', { path: { quarantineId: open.id }, body: { reason: 'x' } });
    assert.equal((await admission()).decision, 'allow');
  });

  it('replace-tpm: in a queue, who has a join token is expected and a stranger waits', async () => {
    const queued = await startTestServer({ settings: { enrolment: { approval: 'queue', mode: 'open' } } });
    await trustedWorld(queued);
    await queued.operator.call('replaceTpm', { path, body: { reason: 'x' } });
    await refuses(enrol(queued, newBoard('stranger'), queued.client()), 'ENROLLMENT_WAITING', 403);
    await enrol(queued, newBoard(), queued.client(await queued.token('joiner')));
    await queued.close();
  });
});

describe('conflicts of identity', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer({ settings: { enrolment: { mode: 'open' } } });
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const conflicts = async () => (await server.operator.call('listIdentityConflicts', {})).items;
  const told = async () =>
    (await server.operator.call('listAudit', { query: { limit: 1000 } })).items.filter(
      ({ action }) => action === 'identity.conflict',
    );

  it('are recorded at every door: with a token, by an operator, by a stranger who proved the TPM', async () => {
    const joiner = server.client(await server.token('joiner'));
    const thief = paperHost('hv-1', { seed: 'thief' });
    for (const client of [joiner, server.operator, server.client()]) {
      await refuses(enrol(server, thief, client), 'HOST_NAME_TAKEN', 409);
    }
    const [conflict] = await conflicts();
    assert.deepEqual([conflict?.hostName, conflict?.code, conflict?.count], ['hv-1', 'HOST_NAME_TAKEN', 3]);
    assert.equal(conflict?.actor, 'stranger', 'the last of them, and not the host whose name it is');
    assert.equal((await told()).length, 1);
  });

  it('tell a stranger nothing before the TPM is proved', async () => {
    const body = await enrolmentBody(paperHost('hv-1', { seed: 'thief' }));
    const { enrollmentId } = await server.client().call('createEnrollment', { body });
    assert.match(enrollmentId, /^enr_/);
    assert.deepEqual(await conflicts(), []);
  });

  it('name the same key under another name, and the same name with another key', async () => {
    await refuses(enrol(server, world.host.cloneAs('hv-2'), server.client()), 'HOST_EK_ALREADY_ENROLLED', 409);
    await refuses(enrol(server, paperHost('hv-1', { seed: 'x' }), server.client()), 'HOST_NAME_TAKEN', 409);
    const codes = (await conflicts()).map(({ hostName, code }) => [hostName, code]);
    assert.deepEqual(codes.sort(), [
      ['hv-1', 'HOST_NAME_TAKEN'],
      ['hv-2', 'HOST_EK_ALREADY_ENROLLED'],
    ]);
    assert.equal((await told()).length, 2);
  });

  it('are told again after an hour, with their number, and not before', async () => {
    const clone = world.host.cloneAs('hv-2');
    const again = () => refuses(enrol(server, clone, server.client()), 'HOST_EK_ALREADY_ENROLLED');
    await again();
    server.advance(3599);
    await again();
    assert.equal((await told()).length, 1);
    server.advance(1);
    await again();
    assert.deepEqual(
      (await told()).map(({ details }) => details['count']),
      [1, 3],
    );
  });
});
