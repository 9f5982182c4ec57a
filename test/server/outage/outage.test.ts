// The database goes away under a server: what orchestrators, hosts, operators and load balancers are told meanwhile.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import type { ApiClient } from '../../../src/api/index.ts';
import { attest, challengeFor, enrol, paperHost, trustedWorld, type EnrolledHost } from '../../support/paper-story.ts';
import { createCluster, createTestDatabase, type Cluster } from '../../support/postgres.ts';
import { refuses } from '../../support/problems.ts';
import { createServerProcess, type ServerProcess } from '../../support/server-process.ts';

/** Unless configured. */
const outageSeconds = 30;
const away = 'STORAGE_UNREACHABLE';

describe('a server whose database goes away', () => {
  let cluster: Cluster;
  let server: ServerProcess;
  let orchestrator: ApiClient;
  let enrolled: EnrolledHost;
  let gone: number;
  const path = { hostId: 'hv-1' };
  before(async () => {
    cluster = await createCluster();
    server = await createServerProcess({ storage: await createTestDatabase(cluster) });
    await server.start();
    const world = await trustedWorld(server.world());
    enrolled = world.enrolled;
    await attest(enrolled, world.host);
    await enrol(server.world(), paperHost('hv-2'));
    const body = { name: 'o', role: 'orchestrator' } as const;
    orchestrator = server.client((await server.client(server.token).call('createToken', { body })).token);
    // What was changed just now is heeded first, and what is asked after that is remembered.
    await sleep(2_000);
    assert.equal((await orchestrator.call('getVerdict', { path })).remembered, undefined);
    await cluster.stop();
    gone = Date.now();
  });
  after(() => server.remove());

  it('answers about a host that is remembered, says so, and promises nothing beyond the bound', async () => {
    const decision = await orchestrator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.equal(decision.decision, 'allow');
    const { asOf, until } = decision.remembered!;
    assert.equal(Date.parse(until) - Date.parse(asOf), outageSeconds * 1000);
    assert.ok(Date.parse(asOf) <= gone);
    assert.equal(decision.validUntil, until);
    assert.equal(decodeJwt(decision.token).exp, Math.floor(Date.parse(until) / 1000));
    const verdict = await orchestrator.call('getVerdict', { path });
    assert.equal(verdict.status, 'affirming');
    assert.ok(Date.parse(verdict.remembered!.until) <= gone + outageSeconds * 1000);
  });

  it('denies in a batch whom it does not remember, and says nothing of such a host alone', async () => {
    const { items } = await orchestrator.call('createAdmissionBatch', {
      body: { requests: [{ hosts: ['hv-1', 'hv-2'] }] },
    });
    assert.deepEqual(
      items[0]?.map(({ decision, reasons }) => [decision, reasons.map(({ code }) => code)]),
      [
        ['allow', []],
        ['deny', ['HOST_NOT_REMEMBERED']],
      ],
    );
    await refuses(orchestrator.call('createAdmissionDecision', { body: { host: 'hv-2' } }), away, 503);
  });

  it('tells hosts and operators to come back', async () => {
    const refused = await challengeFor(enrolled).then(
      () => assert.fail('a challenge was opened nowhere'),
      (error: unknown) => error as { readonly code: string; readonly retryAfterSeconds: number },
    );
    assert.deepEqual([refused.code, refused.retryAfterSeconds], [away, 5]);
    await refuses(
      server.client(server.token).call('createQuarantine', { body: { hosts: { names: ['hv-1'] }, reason: 'r' } }),
      away,
      503,
    );
  });

  it('stays ready as long as it answers from memory, and no longer', async () => {
    const client = server.client();
    assert.notEqual((await client.call('getReadiness', {})).remembered, undefined);
    server.advance(outageSeconds);
    // Its clock hears of it a moment later.
    while ((await client.call('getReadiness', {}).catch(() => undefined)) !== undefined) await sleep(20);
    await refuses(client.call('getReadiness', {}), away, 503);
    await refuses(orchestrator.call('createAdmissionDecision', { body: { host: 'hv-1' } }), away, 503);
    assert.equal((await client.call('getHealth', {})).status, 'ok');
  });

  it('goes on by itself when the database is back', async () => {
    await cluster.start();
    const decision = await orchestrator.call('createAdmissionDecision', { body: { host: 'hv-1' } });
    assert.deepEqual([decision.decision, decision.remembered], ['allow', undefined]);
  });
});
