import assert from 'node:assert/strict';
import { publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { statusOfEar, verifyEarCwt, verifyEarJwt, type TokenKey } from '../../../src/core/verdict/index.ts';
import { attest, enrol, evidenceFor, paperHost, trustedWorld, type TrustedWorld } from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('the verdict of a host', () => {
  let server: TestServer;
  let world: TrustedWorld;
  const path = { hostId: 'hv-1' };
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  async function keys(): Promise<TokenKey[]> {
    const jwks = await server.client().call('getJwks', {});
    return jwks.keys.map((jwk) => ({
      alg: 'ES256' as const,
      kid: jwk.kid,
      publicKey: publicKeyFromHandle(createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })),
    }));
  }
  const raw = async (accept: string) => server.operator.callRaw('getVerdict', { path, headers: { accept } });

  it('is a JWT that verifies offline with the published keys', async () => {
    const answer = await raw('application/eat+jwt');
    assert.match(answer.headers['content-type'] ?? '', /^application\/eat\+jwt/);
    const token = new TextDecoder().decode(answer.body);
    const { ear } = await verifyEarJwt(token, await keys(), { at: server.now(), issuer: 'test.example' });
    assert.equal(statusOfEar(ear), 'affirming');
  });

  it('is a CWT that verifies offline with the published keys', async () => {
    const answer = await raw('application/eat+cwt');
    const { ear } = verifyEarCwt(answer.body, await keys(), { at: server.now(), issuer: 'test.example' });
    assert.equal(statusOfEar(ear), 'affirming');
  });

  it('is also the answer to the attestation, in the form that was asked for', async () => {
    const challenge = await world.enrolled.client.call('createChallenge', { path, body: {} });

    const body = new TextEncoder().encode(JSON.stringify(await evidenceFor(world.host, challenge)));
    const headers = { accept: 'application/eat+jwt', 'content-type': 'application/json' };
    const answer = await world.enrolled.client.callRaw('createAttestation', { path, headers, body });
    assert.match(answer.headers['touchstone-next-attestation-seconds']?.toString() ?? '', /^[234]\d\d$/);
    const { ear } = await verifyEarJwt(new TextDecoder().decode(answer.body), await keys(), { at: server.now() });
    assert.equal(statusOfEar(ear), 'affirming');
  });

  it('lapses by itself at its expiry, in JSON and in tokens', async () => {
    server.advance(599);
    assert.equal((await server.operator.call('getVerdict', { path })).status, 'affirming');
    server.advance(1);
    const verdict = await server.operator.call('getVerdict', { path });
    assert.deepEqual([verdict.status, verdict.reasons[0]?.code], ['none', 'VERDICT_EXPIRED']);
    assert.equal(verdict.verdict?.status, 'affirming', 'the last appraisal stays visible');
    const token = new TextDecoder().decode((await raw('application/eat+jwt')).body);
    const { ear } = await verifyEarJwt(token, await keys(), { at: server.now() });
    assert.equal(statusOfEar(ear), 'none');
  });

  it('does not hold when the clock went back before it was issued', async () => {
    server.advance(-3600);
    const verdict = await server.operator.call('getVerdict', { path });
    assert.deepEqual([verdict.status, verdict.reasons[0]?.code], ['none', 'VERDICT_FROM_THE_FUTURE']);
  });

  it('answers 304 to its own ETag, until it changes', async () => {
    const first = await server.operator.callRaw('getVerdict', { path });
    const etag = first.headers.etag ?? '';
    const headers = { 'if-none-match': etag };
    assert.equal((await server.operator.callRaw('getVerdict', { path, headers })).status, 304);
    for (const tags of [`"other", W/${etag}`, '*']) {
      const answer = await server.operator.callRaw('getVerdict', { path, headers: { 'if-none-match': tags } });
      assert.deepEqual([answer.status, answer.body.length, answer.headers.etag], [304, 0, etag], tags);
    }
    server.advance(600);
    assert.equal((await server.operator.callRaw('getVerdict', { path, headers })).status, 200);
    await attest(world.enrolled, world.host);
    assert.notEqual((await server.operator.callRaw('getVerdict', { path })).headers.etag, etag);
  });

  it('survives a restart', async () => {
    const before = await server.operator.call('getVerdict', { path });
    await server.restart();
    assert.deepEqual(await server.operator.call('getVerdict', { path }), before);
  });

  it('is unknown for a host that is unknown, and none for one that never attested', async () => {
    await refuses(server.operator.call('getVerdict', { path: { hostId: 'nobody' } }), 'HOST_NOT_FOUND', 404);

    await enrol(server, paperHost('hv-2'));
    const verdict = await server.operator.call('getVerdict', { path: { hostId: 'hv-2' } });
    assert.deepEqual([verdict.status, verdict.reasons[0]?.code], ['none', 'VERDICT_NONE']);
  });
});
