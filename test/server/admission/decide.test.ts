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
import { refuses } from '../../support/problems.ts';
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

  const claimsOf = (token: string) =>
    JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

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

  const label = async (labels: Record<string, string>) =>
    server.operator.call('setHostLabels', { path: { hostId: 'hv-1' }, body: { labels } });

  it('denies a host without a demanded label, or with another value', async () => {
    await label({ rack: '3', zone: 'north' });
    assert.deepEqual(await reasons({ requireLabels: { rack: '3' } }), []);
    assert.deepEqual(await reasons({ requireLabels: { rack: '4' } }), ['LABEL_MISSING']);
    assert.deepEqual(await reasons({ requireLabels: { rack: '3', constructor: 'x' } }), ['LABEL_MISSING']);
    assert.deepEqual(await reasons({ zone: 'north' }), []);
    assert.deepEqual(await reasons({ zone: 'south' }), ['ZONE_MISMATCH']);
    await label({});
    assert.deepEqual(await reasons({ zone: 'north' }), ['ZONE_MISMATCH']);
  });

  it('keeps tenants apart in both directions', async () => {
    assert.deepEqual(await reasons({ tenant: 'red' }), ['TENANT_MISMATCH']);
    await label({ tenant: 'red' });
    assert.deepEqual(await reasons({ tenant: 'red' }), []);
    assert.deepEqual(await reasons({ tenant: 'blue' }), ['TENANT_MISMATCH']);
    assert.deepEqual(await reasons({}), ['TENANT_MISMATCH'], 'a host set apart takes no workload of nobody');
    await label({});
  });

  it('denies confidential computing that nothing proves, whatever the labels say', async () => {
    await label({ 'confidential-computing': 'true' });
    assert.deepEqual(await reasons({ confidentialComputing: true }), ['CONFIDENTIAL_COMPUTING_UNPROVEN']);
    assert.deepEqual(await reasons({ confidentialComputing: false }), []);
    await label({});
  });

  it('names every reason, not only the first', async () => {
    server.advance(30);
    assert.deepEqual(
      await reasons({ zone: 'x', tenant: 'y', maxAgeSeconds: 30, requireVector: { 'sourced-data': 2 } }),
      ['ZONE_MISMATCH', 'TENANT_MISMATCH', 'VERDICT_TOO_OLD', 'VECTOR_CLAIM_MISSING'],
    );
  });

  it('answers shells in lines: the decision first, then one line for each reason, whatever it quotes', async () => {
    const ask = async (accept: string) => {
      const response = await fetch(`${server.url}/v1/admission/decisions`, {
        method: 'POST',
        headers: { accept, authorization: `Bearer ${server.operatorToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ host: 'hv-1' }),
      });
      return [response.status, response.headers.get('content-type'), await response.text()] as const;
    };
    assert.deepEqual(await ask('text/plain'), [200, 'text/plain; charset=utf-8', 'allow\n']);
    const body = { hosts: { names: ['hv-1'] }, reason: 'ticket\nallow' };
    const { id } = await server.operator.call('createQuarantine', { body });
    const [, , text] = await ask('text/plain, application/problem+json');
    assert.match(text, /^deny\nHOST_QUARANTINED: [^\n]*ticket\\+u\{a\}allow[^\n]*\n$/);
    assert.match((await ask('*/*'))[1] ?? '', /^application\/json/);
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'over' } });
  });

  it('decides for many workloads and hosts as it decides for one', async () => {
    await enrol(server, paperHost('hv-silent'));
    const requests = [
      { hosts: ['hv-1', 'hv-silent', 'nobody', 'hv-1'], workload: { name: 'web' } },
      { hosts: ['hv-1'], workload: { name: 'db' }, zone: 'south', audience: 'scheduler-1' },
    ];
    const { decidedAt, items } = await server.operator.call('createAdmissionBatch', { body: { requests } });
    assert.equal(decidedAt, server.now().toISOString());
    for (const [row, { hosts, ...demands }] of requests.entries()) {
      for (const [column, host] of hosts.entries()) {
        const { decision, reasons, validUntil } = await decide({ host, ...demands });
        assert.deepEqual(items[row]?.[column], { decision, host, reasons, validUntil });
      }
    }
  });

  it('signs each row of a batch for its own audience and workload, and the same question once', async () => {
    const rows = [
      { hosts: ['hv-1', 'hv-1'], audience: 'scheduler-1' },
      { hosts: ['hv-1'], audience: 'scheduler-2' },
      { hosts: ['hv-1'], audience: 'scheduler-2', workload: { name: 'db' } },
      { hosts: ['nobody'], audience: 'scheduler-1' },
    ];
    const { items } = await server.operator.call('createAdmissionBatch', { body: { requests: rows, tokens: true } });
    const claims = items.map((row) => row.map(({ token = '' }) => claimsOf(token)));
    assert.deepEqual(claims[0]?.[0], claims[0]?.[1]);
    const said = claims.map((row) => [row[0]?.['aud'], row[0]?.['workload']]);
    assert.deepEqual(said, [
      ['scheduler-1', undefined],
      ['scheduler-2', undefined],
      ['scheduler-2', 'db'],
      ['scheduler-1', undefined],
    ]);
  });

  it('signs each decision of a batch when asked, and bounds the batch', async () => {
    const batch = (hosts: string[][], tokens = false) =>
      server.operator.call('createAdmissionBatch', {
        body: { requests: hosts.map((row) => ({ hosts: row })), tokens },
      });
    const { items } = await batch([['hv-1', 'nobody']], true);
    assert.equal(items[0]?.filter(({ token }) => token?.split('.').length === 3).length, 2);
    const row = Array.from({ length: 10_001 }, () => 'nobody');
    await refuses(batch([row, row]), 'REQUEST_INVALID', 400);
    await refuses(batch([]), 'REQUEST_INVALID', 400);
  });

  it('never promises longer than the verdict, the freshness demanded, or its own bound', async () => {
    assert.equal((await decide({})).validUntil, new Date(server.now().getTime() + 60_000).toISOString());
    server.advance(20);
    const fresh = await decide({ maxAgeSeconds: 30 });
    assert.equal(fresh.validUntil, new Date(server.now().getTime() + 10_000).toISOString());
    server.advance(570);
    const last = await decide({});
    assert.equal(last.validUntil, last.verdict?.expiresAt);
    server.advance(60);
    const denial = await decide({});
    assert.equal(
      denial.validUntil,
      new Date(server.now().getTime() + 60_000).toISOString(),
      'of a verdict that is over',
    );
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
