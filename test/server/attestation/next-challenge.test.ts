// The challenge that rides in an answer, and what a host gains that quotes at once and keeps the quote back: nothing. Decision 24.
import assert from 'node:assert/strict';
import type { AttestationResult, Challenge } from '../../../src/api/index.ts';
import { decodeBase64url, decodeUtf8 } from '../../../src/core/encoding/index.ts';
import { attest as attestHost } from '../../../src/server/attestation/attest.ts';
import type { SubmittedEvidence } from '../../../src/server/attestation/submitted-evidence.ts';
import type { ServerContext } from '../../../src/server/context.ts';
import { ServerError } from '../../../src/server/errors.ts';
import {
  applyPolicy,
  attest,
  bootLayers,
  challengeFor,
  evidenceFor,
  submit,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('the next challenge in the answer', () => {
  let server: TestServer;
  let world: TrustedWorld;
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  after(() => server.close());

  const submitted = (evidence: Parameters<typeof submit>[1]) => submit(world.enrolled, evidence);
  const attested = () => attest(world.enrolled, world.host);
  const nextOf = ({ nextChallenge }: AttestationResult): Challenge => {
    assert.ok(nextChallenge, 'no challenge rode in the answer');
    return nextChallenge;
  };
  const answer = async (challenge: Challenge) => submitted(await evidenceFor(world.host, challenge));
  const decide = (demands: object = {}) =>
    server.operator.call('createAdmissionDecision', { body: { host: 'hv-1', ...demands } });
  const seconds = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 1000;

  it('is all that a steady host needs: one request each time, no log sent, and it never lapses', async () => {
    let result = await attested();
    for (let round = 0; round < 6; round += 1) {
      const next = nextOf(result);
      assert.equal(next.want.eventLog, false);
      server.advance(result.nextAttestationSeconds);
      assert.equal((await decide()).decision, 'allow', 'until it comes');
      const drawn = result.verdict.issuedAt;
      const evidence = await evidenceFor(world.host, next);
      assert.ok(JSON.stringify(evidence).length < 2048, 'about two kilobytes');
      result = await submitted(evidence);
      const { status, challengedAt, expiresAt } = result.verdict;
      assert.deepEqual([status, challengedAt, seconds(challengedAt, expiresAt)], ['affirming', drawn, 600]);
    }
  });

  it('attack 51: a quote that was kept back brings no more than silence, because the verdict dates from the draw', async () => {
    const before = await attested();
    const next = nextOf(before);
    const kept = await evidenceFor(world.host, next);
    const drawn = server.now().toISOString();
    world.host.reboot({ tampering: ['changed-kernel'] });
    server.advance(390);
    const { verdict } = await submitted(kept);
    // Good bytes over a good nonce: what they prove is as old as the nonce.
    assert.deepEqual([verdict.status, verdict.challengedAt], ['affirming', drawn]);
    assert.equal(verdict.expiresAt, before.verdict.expiresAt, 'as if it had said nothing');
    const { verdict: told } = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.equal(told?.challengedAt, drawn);
    assert.equal((await decide({ maxAgeSeconds: 391 })).decision, 'allow');
    const aged = await decide({ maxAgeSeconds: 390 });
    assert.deepEqual([aged.decision, aged.reasons[0]?.code], ['deny', 'VERDICT_TOO_OLD']);
    const raw = await server.operator.callRaw('getVerdict', {
      path: { hostId: 'hv-1' },
      headers: { accept: 'application/eat+jwt' },
    });
    const [, claims = ''] = decodeUtf8(raw.body).split('.');
    const { iat, exp } = JSON.parse(decodeUtf8(decodeBase64url(claims))) as { iat: number; exp: number };
    assert.deepEqual([iat * 1000, exp - iat], [Date.parse(drawn), 600]);
    server.advance(211);
    const late = await decide();
    assert.deepEqual([late.decision, late.reasons[0]?.code], ['deny', 'VERDICT_EXPIRED']);
    assert.notEqual((await attested()).verdict.status, 'affirming', 'and the next one shows the other boot');
    world.host.reboot({ tampering: [] });
    assert.equal((await attested()).verdict.status, 'affirming');
  });

  it('counts from the draw for a challenge that was asked for, too', async () => {
    const challenge = await challengeFor(world.enrolled, world.host);
    const drawn = server.now().toISOString();
    server.advance(100);
    const { verdict } = await answer(challenge);
    assert.deepEqual([verdict.challengedAt, seconds(verdict.issuedAt, verdict.expiresAt)], [drawn, 500]);
  });

  it('is answered once, and by nobody after its time', async () => {
    const evidence = await evidenceFor(world.host, nextOf(await attested()));
    const result = await submitted(evidence);
    await refuses(submitted(evidence), 'CHALLENGE_NOT_FOUND', 409);
    const next = nextOf(result);
    server.advance(seconds(server.now().toISOString(), next.expiresAt));
    await refuses(answer(next), 'CHALLENGE_EXPIRED', 409);
  });

  it('lives until the appointment, and as long after it as one that was asked for', async () => {
    const { nextAttestationSeconds, nextChallenge } = await attested();
    const life = seconds(server.now().toISOString(), nextChallenge?.expiresAt ?? '');
    assert.equal(life, nextAttestationSeconds + 120);
  });

  it('ends with the next that is drawn, whether that was asked for or rides', async () => {
    const asked = nextOf(await attested());
    const challenge = await challengeFor(world.enrolled, world.host);
    await refuses(answer(asked), 'CHALLENGE_NOT_FOUND', 409);
    const [first, second] = [challenge, await challengeFor(world.enrolled, world.host)];
    const riding = nextOf(await answer(first));
    const newer = nextOf(await answer(second));
    await refuses(answer(riding), 'CHALLENGE_NOT_FOUND', 409);
    assert.equal((await answer(newer)).verdict.status, 'affirming');
  });

  it('ends with the boot: who announces another loses it, and a quote of the boot before is refused', async () => {
    const evidence = await evidenceFor(world.host, nextOf(await attested()));
    world.host.reboot();
    const challenge = await challengeFor(world.enrolled, world.host);
    await refuses(submitted(evidence), 'CHALLENGE_NOT_FOUND', 409);
    assert.equal((await decide()).reasons[0]?.code, 'HOST_REBOOTED');
    assert.equal((await answer(challenge)).verdict.status, 'affirming');
  });

  it('may be answered from the next boot, which then is the one that counts', async () => {
    const next = nextOf(await attested());
    world.host.reboot({ tampering: ['changed-kernel'] });
    assert.notEqual((await answer({ ...next, want: { ...next.want, eventLog: true } })).verdict.status, 'affirming');
    assert.equal((await decide()).decision, 'deny');
    world.host.reboot({ tampering: [] });
    await attested();
  });

  it('is given to no host whose quote proved nothing, and rides no further where one did before', async () => {
    const before = nextOf(await attested());
    world.host.tamper('broken-signature');
    const { nextChallenge } = await attested();
    assert.equal(nextChallenge, undefined);
    world.host.reboot({ tampering: [] });
    await refuses(answer(before), 'CHALLENGE_NOT_FOUND', 409);
    await attested();
  });

  it('is given to a host in quarantine, and changes nothing there', async () => {
    const hosts = { names: ['hv-1'] };
    const { id } = await server.operator.call('createQuarantine', { body: { hosts, reason: 'looked at' } });
    const { verdict } = await answer(nextOf(await attested()));
    assert.deepEqual([verdict.status, verdict.findings.map(({ code }) => code)], ['none', ['HOST_QUARANTINED']]);
    assert.equal((await decide()).reasons[0]?.code, 'HOST_QUARANTINED');
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
  });

  it('is refused when the policy asks for another PCR by then: the host asks, and is judged by what it quotes then', async () => {
    const evidence = await evidenceFor(world.host, nextOf(await attested()));
    await applyPolicy(server, 'fleet', { layers: [...bootLayers, 'runtime'] });
    await refuses(submitted(evidence), 'CHALLENGE_EXPIRED', 409);
    await refuses(submitted(evidence), 'CHALLENGE_NOT_FOUND', 409);
    const { findings } = (await attested()).verdict;
    assert.ok(!findings.some(({ code }) => code === 'QUOTE_PCR_MISSING'));
    await applyPolicy(server, 'fleet', { layers: bootLayers });
  });

  it('is refused, too, when the policy reads another bank by then; one that was asked for before that is judged', async () => {
    const evidence = await evidenceFor(world.host, nextOf(await attested()));
    await applyPolicy(server, 'fleet', { bank: 'sha384' });
    await refuses(submitted(evidence), 'CHALLENGE_EXPIRED', 409);
    await refuses(submitted(evidence), 'CHALLENGE_NOT_FOUND', 409);
    await applyPolicy(server, 'fleet', {});
    const asked = await evidenceFor(world.host, await challengeFor(world.enrolled, world.host));
    await applyPolicy(server, 'fleet', { bank: 'sha384' });
    const { status, findings } = (await submitted(asked)).verdict;
    assert.notEqual(status, 'affirming');
    assert.ok(findings.some(({ code }) => code === 'QUOTE_BANK_MISSING'));
    await applyPolicy(server, 'fleet', {});
    assert.equal((await attested()).verdict.status, 'affirming');
  });

  const tokenFor = async () =>
    world.enrolled.client.callRaw('createAttestation', {
      path: { hostId: world.enrolled.hostId },
      headers: { accept: 'application/eat+jwt', 'content-type': 'application/json' },
      body: new TextEncoder().encode(
        JSON.stringify(await evidenceFor(world.host, await challengeFor(world.enrolled, world.host))),
      ),
    });

  it('comes with no signed yes while operators set the host aside: whoever believes tokens asks nobody', async () => {
    const claimsOf = async () => {
      const [, claims = ''] = decodeUtf8((await tokenFor()).body).split('.');
      return decodeUtf8(decodeBase64url(claims));
    };
    assert.match(await claimsOf(), /"ear.status":"affirming"/);
    const hosts = { all: true } as const;
    const { id } = await server.operator.call('createQuarantine', { body: { hosts, reason: 'looked at' } });
    assert.match(await claimsOf(), /"ear.status":"none"/);
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
  });

  it('stands in a header where the answer is a token', async () => {
    const { headers } = await tokenFor();
    const text = decodeUtf8(decodeBase64url(String(headers['touchstone-next-challenge'])));
    assert.equal((await answer(JSON.parse(text) as Challenge)).verdict.status, 'affirming');
  });

  it('ends with the binding of its host', async () => {
    const evidence = await evidenceFor(world.host, nextOf(await attested()));
    await server.operator.call('retireHost', { path: { hostId: 'hv-1' }, body: { reason: 'scrapped' } });
    await refuses(submitted(evidence), 'AUTH_TOKEN_INVALID', 401);
  });

  it('is not spent where a server that has too much to do sends its host away, and one that was asked for is let in', async () => {
    const asked: string[] = [];
    const refuse = (name: string, error: Error) => () => {
      asked.push(name);
      throw error;
    };
    const contextOf = (rides: boolean) =>
      ({
        now: () => new Date(0),
        gate: { admitNew: refuse('admitNew', new ServerError('SERVER_BUSY')) },
        store: {
          findChallenge: () => Promise.resolve({ id: 'chl_1', expiresAt: 1000, rides }),
          spendChallenge: () => Promise.resolve(void asked.push('spendChallenge')),
        },
        trust: { current: refuse('trust', new ServerError('SERVER_INTERNAL')) },
      }) as unknown as ServerContext;
    const evidence = { challengeId: 'chl_1', pcrs: {} } as SubmittedEvidence;
    await assert.rejects(attestHost(contextOf(true), 'hv-1', evidence), { code: 'SERVER_BUSY' });
    assert.deepEqual(asked.splice(0), ['admitNew']);
    await assert.rejects(attestHost(contextOf(false), 'hv-1', evidence), { code: 'SERVER_INTERNAL' });
    assert.deepEqual(asked, ['trust', 'spendChallenge']);
  });
});

describe('without a next challenge', () => {
  it('hosts ask for each, where operators want it so', async () => {
    const server = await startTestServer({ settings: { attestation: { nextChallengeSeconds: 0 } } });
    const { enrolled, host } = await trustedWorld(server);
    const { verdict, nextChallenge } = await attest(enrolled, host);
    assert.deepEqual([verdict.status, nextChallenge], ['affirming', undefined]);
    await server.close();
  });
});
