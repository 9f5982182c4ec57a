// PCR values that a host leaves out, because they are those of the attestation that its challenge came with. Decision 48.
import assert from 'node:assert/strict';
import type { AttestationRequest, AttestationResult, Challenge } from '../../../src/api/index.ts';
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

describe('PCR values that are left out', () => {
  let server: TestServer;
  let world: TrustedWorld;
  beforeEach(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  afterEach(() => server.close());

  const nextOf = ({ nextChallenge }: AttestationResult): Challenge => {
    assert.ok(nextChallenge, 'no challenge rode in the answer');
    return nextChallenge;
  };
  const attested = () => attest(world.enrolled, world.host);
  const leftOut = async (challenge: Challenge): Promise<AttestationRequest> => {
    const { challengeId, attest: statement, signature, eventLog } = await evidenceFor(world.host, challenge);
    return { challengeId, attest: statement, signature, ...(eventLog === undefined ? {} : { eventLog }) };
  };
  const answer = async (challenge: Challenge) => submit(world.enrolled, await leftOut(challenge));
  const stored = () => server.operator.call('getEvidence', { path: { hostId: 'hv-1' } });
  const codes = ({ verdict }: AttestationResult) => verdict.findings.map(({ code }) => code);

  it('are those of before: the verdict is the same, and they are kept with it, time after time', async () => {
    let result = await attested();
    const { pcrs } = await stored();
    for (let round = 0; round < 3; round += 1) {
      const next = nextOf(result);
      assert.equal(next.want.pcrs, false);
      const before = result.verdict;
      server.advance(60);
      const evidence = await leftOut(next);
      assert.ok(JSON.stringify(evidence).length < 512, 'half a kilobyte, of an elliptic curve');
      result = await submit(world.enrolled, evidence);
      const { status, layers, findings, vector } = result.verdict;
      assert.deepEqual(
        [status, layers, findings, vector],
        [before.status, before.layers, before.findings, before.vector],
      );
      assert.equal(status, 'affirming');
      assert.deepEqual((await stored()).pcrs, pcrs);
    }
  });

  it('are not forgotten with the process', async () => {
    const next = nextOf(await attested());
    await server.restart();
    const { token, prove } = world.enrolled;
    const enrolled = { ...world.enrolled, client: server.client(token, prove) };
    assert.equal((await submit(enrolled, await leftOut(next))).verdict.status, 'affirming');
  });

  it('are wanted where the host asks, and leaving them out is no verdict but a refusal that spends the challenge', async () => {
    const before = await attested();
    const challenge = await challengeFor(world.enrolled, world.host);
    assert.equal(challenge.want.pcrs, true);
    await refuses(answer(challenge), 'CHALLENGE_PCRS_MISSING', 409);
    const whole = await evidenceFor(world.host, challenge);
    await refuses(submit(world.enrolled, whole), 'CHALLENGE_NOT_FOUND', 409);
    const { verdict } = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.deepEqual(verdict, before.verdict, 'what was said of the host stands');
  });

  it('are a lie where the quote covers others: they are what was proved before, and not what is quoted', async () => {
    const next = nextOf(await attested());
    world.host.reboot({ tampering: ['changed-kernel'] });
    const lied = await submit(world.enrolled, await leftOut({ ...next, want: { ...next.want, eventLog: true } }));
    assert.notEqual(lied.verdict.status, 'affirming');
    assert.ok(codes(lied).includes('TPM_PCRS_DIGEST_MISMATCH'), String(codes(lied)));
    const decision = await server.operator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.equal(decision.decision, 'deny');
  });

  it('are too few where the policy asks for another PCR since: a value that was not quoted before is missing', async () => {
    const asked = await challengeFor(world.enrolled, world.host);
    await applyPolicy(server, 'fleet', { layers: [...bootLayers, 'runtime'] });
    const few = await submit(world.enrolled, await evidenceFor(world.host, asked));
    assert.ok(codes(await answer(nextOf(few))).includes('TPM_PCRS_MISSING'));
  });

  it('may be sent all the same, as whoever cannot compare does', async () => {
    const next = nextOf(await attested());
    assert.equal((await submit(world.enrolled, await evidenceFor(world.host, next))).verdict.status, 'affirming');
  });

  it('are those of this binding of the host alone', async () => {
    const next = nextOf(await attested());
    await server.operator.call('releaseHost', { path: { hostId: 'hv-1' }, body: { reason: 'moved' } });
    await refuses(answer(next), 'AUTH_TOKEN_INVALID', 401);
  });
});
