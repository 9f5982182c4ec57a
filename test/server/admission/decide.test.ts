import assert from 'node:assert/strict';
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import { verifyDecisionJwt, type TokenKey } from '../../../src/core/verdict/index.ts';
import {
  applyPolicy,
  approveBoot,
  attest,
  authorise,
  enrol,
  paperHost,
  trustedWorld,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('admission', () => {
  let server: TestServer;
  let world: TrustedWorld;
  before(async () => {
    server = await startTestServer();
    world = await trustedWorld(server);
  });
  beforeEach(() => attest(world.enrolled, world.host));
  after(() => server.close());

  const decide = async (demands: object) =>
    server.operator.call('createAdmissionDecision', { body: { host: 'hv-1', ...demands } });
  const reasons = async (demands: object) => {
    const { decision, reasons } = await decide(demands);
    assert.equal(decision, reasons.length === 0 ? 'allow' : 'deny');
    return reasons.map(({ code }) => code);
  };

  it('allows a workload without demands on a trusted host', async () => {
    assert.deepEqual(await reasons({}), []);
  });

  it('rejects when there is nothing to verify: an unknown host, and a host that never attested', async () => {
    assert.deepEqual(await reasons({ host: 'nobody' }), ['HOST_UNKNOWN']);
    await enrol(server, paperHost('hv-new'));
    assert.deepEqual(await reasons({ host: 'hv-new' }), ['VERDICT_NONE']);
  });

  it('denies when the verdict is older than the workload allows', async () => {
    server.advance(30);
    assert.deepEqual(await reasons({ maxAgeSeconds: 31 }), []);
    assert.deepEqual(await reasons({ maxAgeSeconds: 30 }), ['VERDICT_TOO_OLD']);
  });

  it('denies when the verdict has expired', async () => {
    server.advance(600);
    assert.deepEqual(await reasons({}), ['VERDICT_EXPIRED']);
  });

  it('denies when a demanded claim is missing or worse than its floor', async () => {
    assert.deepEqual(await reasons({ requireVector: { executables: 3, hardware: 2 } }), []);
    assert.deepEqual(await reasons({ requireVector: { executables: 2 } }), ['VECTOR_CLAIM_TOO_LOW']);
    assert.deepEqual(await reasons({ requireVector: { 'runtime-opaque': 2 } }), ['VECTOR_CLAIM_MISSING']);
    assert.deepEqual(await reasons({ requireVector: { executables: 0 } }), ['VECTOR_CLAIM_TOO_LOW']);
  });

  it('never promises longer than the verdict, the freshness demanded, or its own bound', async () => {
    assert.equal((await decide({})).validUntil, new Date(server.now().getTime() + 60_000).toISOString());
    server.advance(20);
    const fresh = await decide({ maxAgeSeconds: 30 });
    assert.equal(fresh.validUntil, new Date(server.now().getTime() + 10_000).toISOString());
    server.advance(570);
    const last = await decide({});
    assert.equal(last.validUntil, last.verdict?.expiresAt);
  });

  it('signs the decision for its audience', async () => {
    const { token } = await decide({ workload: { name: 'db' }, audience: 'scheduler-1' });
    const { keys } = await server.client().call('getJwks', {});
    const trusted = keys.map((jwk): TokenKey => ({
      alg: 'ES256',
      kid: jwk.kid,
      publicKey: publicKeyFromHandle(createPublicKey({ key: jwk as JsonWebKey, format: 'jwk' })),
    }));
    const expectation = { at: server.now(), issuer: 'test.example', audience: 'scheduler-1', host: 'hv-1' };
    const decision = await verifyDecisionJwt(token, trusted, expectation);
    assert.deepEqual([decision.decision, decision.workload], ['allow', 'db']);
  });

  it('denies a host whose verdict is a warning unless the workload accepts warnings', async () => {
    const open = await startTestServer({ settings: { enrolment: { allowUnverifiedEk: true } } });
    const host = paperHost('hv-w', { tampering: ['no-ek-certificate'] });
    const enrolled = await enrol(open, host);
    await attest(enrolled, host);
    await approveBoot(open, 'hv-w', [await authorise(open, 'alice'), await authorise(open, 'bob')]);
    await applyPolicy(open);
    const { verdict } = await attest(enrolled, host);
    assert.equal(verdict.status, 'warning');
    const ask = async (minimumStatus: 'affirming' | 'warning') =>
      (await open.operator.call('createAdmissionDecision', { body: { host: 'hv-w', minimumStatus } })).decision;
    assert.deepEqual([await ask('affirming'), await ask('warning')], ['deny', 'allow']);
    await open.close();
  });
});
