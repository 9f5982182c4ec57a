// T23: evidence is bound to who sends it. The attacker has what can be copied: tokens, quotes, logs, whole requests.
import assert from 'node:assert/strict';
import { createProver } from '../../../src/agent/index.ts';
import { encodeBase64, encodeHex } from '../../../src/core/encoding/index.ts';
import type { Prove } from '../../../src/api/index.ts';
import {
  attest,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  submit,
  trustedWorld,
  type EnrolledHost,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('who sent it', () => {
  let server: TestServer;
  let world: TrustedWorld;
  let attacker: EnrolledHost;
  const attackerHost = paperHost('hv-x');
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
    attacker = await enrol(server, attackerHost);
  });
  after(() => server.close());

  /** Speaks with the token of the good host, and with whatever proof it can make. */
  const impostor = (prove?: Prove): EnrolledHost => ({
    ...world.enrolled,
    client: server.client(world.enrolled.token, prove),
  });
  /** Proofs under the name of the good host, by another TPM. */
  const foreignProof = (akName: Uint8Array): Prove =>
    createProver(attackerHost, { serverId: 'test.example', hostId: 'hv-1', akName: encodeHex(akName) });

  it('T23: a genuine quote that another client relays under its own enrolment is refused', async () => {
    const challenge = await challengeFor(attacker);
    const relayed = await evidenceFor(world.host, challenge);
    const { verdict } = await submit(attacker, relayed);
    assert.notEqual(verdict.status, 'affirming');
    assert.ok(
      verdict.findings.some(({ code }) => code === 'TPM_SIGNATURE_INVALID'),
      JSON.stringify(verdict.findings),
    );
  });

  it('T23: a genuine quote that another client relays with the copied token of its host is refused', async () => {
    const relayed = await evidenceFor(world.host, await challengeFor(world.enrolled));
    await refuses(submit(impostor(), relayed), 'AUTH_PROOF_REQUIRED', 401);
    await refuses(submit(impostor(attacker.prove), relayed), 'AUTH_PROOF_INVALID', 401);
    for (const name of [world.host.akName, attackerHost.akName]) {
      await refuses(submit(impostor(foreignProof(name)), relayed), 'AUTH_PROOF_INVALID', 401);
    }
    // The refusals cost the host nothing: its own answer still counts.
    assert.equal((await submit(world.enrolled, relayed)).verdict.status, 'affirming');
  });

  it('T23: a proof is good for its own request alone: not for another body, path or method', async () => {
    const kept: { proof?: string } = {};
    const keeping: Prove = async (request) => (kept.proof = await world.enrolled.prove(request));
    await challengeFor(impostor(keeping));
    const replay: Prove = () => Promise.resolve(kept.proof ?? '');
    const path = { hostId: 'hv-1' };
    const { client } = impostor(replay);
    await refuses(client.call('createChallenge', { path, body: { bootId: 'another' } }), 'AUTH_PROOF_INVALID', 401);
    await refuses(client.call('getVerdict', { path }), 'AUTH_PROOF_INVALID', 401);
    await refuses(client.call('getHost', { path: { hostId: 'hv-x' } }), 'AUTH_PROOF_INVALID', 401);
    await refuses(
      submit(impostor(replay), await evidenceFor(world.host, await challengeFor(world.enrolled))),
      'AUTH_PROOF_INVALID',
      401,
    );
    assert.equal((await server.operator.call('getVerdict', { path })).status, 'affirming');
  });

  it('T23: a proof of a body is good for no request without one', async () => {
    const withBody: Prove = (request) => world.enrolled.prove({ ...request, body: Uint8Array.of(1) });
    const { client } = impostor(withBody);
    await refuses(client.call('getVerdict', { path: { hostId: 'hv-1' } }), 'AUTH_PROOF_INVALID', 401);
  });

  it('T23: an announcement of another boot needs the TPM: a copied token cannot end trust either', async () => {
    const path = { hostId: 'hv-1' };
    await refuses(
      impostor().client.call('createChallenge', { path, body: { bootId: 'x' } }),
      'AUTH_PROOF_REQUIRED',
      401,
    );
    assert.equal((await server.operator.call('getVerdict', { path })).status, 'affirming');
  });

  it('T23: a quote is no proof, and a malformed proof is refused', async () => {
    const quoting = createProver(
      { getTime: (data) => world.host.quote(data, [{ bank: 'sha256', pcrs: [0] }]) },
      { serverId: 'test.example', hostId: 'hv-1', akName: encodeHex(world.host.akName) },
    );
    await refuses(challengeFor(impostor(quoting)), 'AUTH_PROOF_INVALID', 401);
    for (const text of ['', 'x', '1.0.a.b.c', encodeBase64(new Uint8Array(99))]) {
      await refuses(challengeFor(impostor(() => Promise.resolve(text))), 'AUTH_PROOF_INVALID', 401);
    }
  });

  it('T23: a proof of another time is refused, and a host whose clock is wrong is told the time', async () => {
    const early: Prove = (request) => world.enrolled.prove({ ...request, at: server.now().getTime() - 301_000 });
    await refuses(challengeFor(impostor(early)), 'AUTH_PROOF_STALE', 401);
    const late: Prove = (request) => world.enrolled.prove({ ...request, at: server.now().getTime() + 301_000 });
    await refuses(challengeFor(impostor(late)), 'AUTH_PROOF_STALE', 401);
    server.advance(86_400);
    assert.equal((await attest(world.enrolled, world.host)).verdict.status, 'affirming');
  });

  it('T23: a host whose clock stands before 1970 is told the time, and goes on by it', async () => {
    const asked: number[] = [];
    const prove: Prove = (request) => {
      asked.push(request.at);
      return world.enrolled.prove(asked.length > 1 ? request : { ...request, at: -86_400_000 });
    };
    const told = await challengeFor(impostor(prove));
    assert.equal(asked.length, 2);
    assert.equal((await submit(world.enrolled, await evidenceFor(world.host, told))).verdict.status, 'affirming');
  });

  it('T23: at another server the proof is worth nothing', async () => {
    const elsewhere = createProver(world.host, {
      serverId: 'other.example',
      hostId: 'hv-1',
      akName: encodeHex(world.host.akName),
    });
    await refuses(challengeFor(impostor(elsewhere)), 'AUTH_PROOF_INVALID', 401);
  });
});
