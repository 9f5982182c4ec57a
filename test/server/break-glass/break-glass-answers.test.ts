// What is said of a host that is admitted by break-glass: every answer tells the ground, and what the evidence says is not hidden.
import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { applyPolicy } from '../../support/paper-story.ts';
import { useRefusedHost } from './refused-host.ts';

describe('break-glass in answers', () => {
  const world = useRefusedHost();
  const { again, admit, decision, submit, begin, end, auditOf } = world;

  it('covers a host that was denied before, and is in force', async () => {
    assert.equal(await decision(), 'deny');
    const { statement, covers } = await submit();
    assert.deepEqual(
      [statement.state, statement.signers, covers],
      ['in-force', ['alice', 'bob'], [{ host: world.id, covered: true }]],
    );
    assert.equal(await decision(), 'allow');
  });

  it('allows on a ground that the decision and its token name: who signed, why, and until when', async () => {
    const grant = grantOf(await begin());
    const allowed = await admit();
    assert.deepEqual(
      [allowed.decision, allowed.ground, allowed.breakGlass, allowed.held],
      ['allow', 'break-glass', { ...grant, remainingSeconds: 3600 }, undefined],
    );
    assert.ok(
      Date.parse(allowed.validUntil) - world.server.now().getTime() <= 30_000,
      'whoever relies on it asks again soon',
    );
    const { statement, signers, reason, ticket, until } = grant;
    const claims = decodeJwt(allowed.token);
    assert.deepEqual(
      [claims['ground'], claims['break_glass']],
      ['break-glass', { statement, signers, reason, ticket, until: Date.parse(until) / 1000 }],
    );
  });

  it('is told in every other answer too: batch, verdict, host, explanation, and the preview of a quarantine', async () => {
    const { operator } = world.server;
    const grant = grantOf(await begin());
    const { items: rows } = await operator.call('createAdmissionBatch', {
      body: { requests: [{ hosts: [world.id] }] },
    });
    assert.equal(rows[0]?.[0]?.breakGlass?.statement, grant.statement);
    const path = { hostId: world.id };
    const verdict = await operator.call('getVerdict', { path });
    assert.deepEqual([verdict.status, verdict.breakGlass], ['affirming', grant]);
    assert.deepEqual((await operator.call('getHost', { path })).breakGlass, grant);
    assert.deepEqual((await operator.call('explainHost', { path })).breakGlass, grant);
    const preview = await operator.call('previewQuarantine', { body: { hosts: { names: [world.id] } } });
    assert.deepEqual(
      [preview.trusted, preview.items[0]?.status, preview.items[0]?.breakGlass],
      [1, 'affirming', grant],
    );
  });

  it('is counted as trusted until it ends, where it is told how long hosts are trusted', async () => {
    // Longer than the verdict of any other host of this server.
    const { until } = await begin({ seconds: 40_000 });
    assert.equal((await world.server.operator.call('getNextAttestations', {})).trusted.until, until);
  });

  it('allows in plain text with a line that nobody overlooks', async () => {
    const { statement, until } = grantOf(await begin());
    const plain = await ask('/v1/admission/decisions', 'text/plain', { host: world.id });
    assert.equal(
      await plain.text(),
      `allow\nBREAK-GLASS: until ${until}, by alice, bob: kernel hotfix (INC-4711, ${statement})\n`,
    );
  });

  it('hides nothing of what the evidence says, also in the token that others keep', async () => {
    await begin();
    const { verdict } = await world.server.operator.call('getVerdict', { path: { hostId: world.id } });
    assert.notEqual(verdict?.status, 'affirming', 'what the evidence says is not hidden');
    const ear = await ask(`/v1/hosts/${world.id}/verdict`, 'application/eat+jwt');
    const status = /"ear\.status":"(\w+)"/.exec(JSON.stringify(decodeJwt(await ear.text())))?.[1];
    assert.equal(status, verdict?.status, 'a token that is kept says what the evidence says');
  });

  it('is in the audit log with those who signed: the statement, then its host', async () => {
    const { id: statement } = await begin();
    const told = await auditOf('break-glass.begun', 'host.break-glass-begun');
    assert.deepEqual(
      told.map(({ subject, details }) => [subject, details['signers']]),
      [
        [statement, ['alice', 'bob']],
        [world.id, ['alice', 'bob']],
      ],
    );
  });

  it('is told to Kubernetes: a warning, audit annotations, and a node that is the last to be chosen', async () => {
    const { id: statement, until } = await begin();
    const orchestrator = world.server.client(await world.server.token('orchestrator'));
    const request = {
      uid: 'u',
      operation: 'CREATE',
      resource: { group: '', resource: 'pods' },
      object: { metadata: {}, spec: { nodeName: world.id } },
    };
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request } as never;
    const { response } = await orchestrator.call('reviewKubernetesAdmission', { body: review });
    assert.deepEqual(response, {
      uid: 'u',
      allowed: true,
      warnings: [`the node is refused now, and operators admit it by break-glass until ${until}`],
      auditAnnotations: {
        node: world.id,
        ground: 'break-glass',
        statement,
        signers: 'alice,bob',
        reason: 'kernel hotfix',
        ticket: 'INC-4711',
        until,
      },
    });
    const args = { Pod: { metadata: {} }, NodeNames: [world.id] };
    assert.deepEqual((await orchestrator.call('filterKubernetesNodes', { body: args })).NodeNames, [world.id]);
    const [score] = await orchestrator.call('prioritizeKubernetesNodes', { body: args });
    assert.equal(score?.Score, 1);
  });

  it('is in the event of a verdict that changes under it', async () => {
    const { id: statement, until } = await begin();
    await applyPolicy(world.server);
    await again();
    const last = (await auditOf('verdict.changed')).at(-1);
    assert.deepEqual([last?.details['breakGlass'], last?.details['breakGlassUntil']], [statement, until]);
  });

  it('is no ground for who refuses it, and lifts no claim', async () => {
    await begin();
    const refused = await admit({ refuseHeld: true });
    assert.deepEqual([refused.decision, refused.reasons.map(({ code }) => code)], ['deny', ['STATUS_BY_BREAK_GLASS']]);
    assert.equal(refused.breakGlass, undefined);
    assert.equal((await admit({ requireVector: { executables: 3 } })).decision, 'deny');
    assert.equal((await admit({ confidentialComputing: true })).decision, 'deny');
    assert.equal((await admit({ maxAgeSeconds: 1 })).decision, 'allow');
    world.server.advance(2);
    assert.equal((await admit({ maxAgeSeconds: 1 })).decision, 'deny', 'freshness is demanded as ever');
  });

  it('takes a host for a warning where that is what was signed', async () => {
    await begin({ status: 'warning' });
    assert.equal(await decision(), 'deny');
    assert.equal((await admit({ minimumStatus: 'warning' })).ground, 'break-glass');
  });

  it('counts by the best of several: what is worth most, then what lasts longest', async () => {
    await begin({ status: 'warning', seconds: 7200 });
    assert.equal(await decision(), 'deny', 'a warning alone');
    const short = await begin({ seconds: 600, ticket: 'INC-1' });
    assert.equal((await admit()).breakGlass?.statement, short.id);
    const long = await begin({ seconds: 1200, ticket: 'INC-2' });
    await begin({ seconds: 900, ticket: 'INC-3' });
    assert.equal((await admit()).breakGlass?.statement, long.id);
    await end(long.id);
    await end(short.id);
    assert.equal((await admit()).breakGlass?.ticket, 'INC-3');
  });

  /** What answers tell of a statement as `begin` makes it by itself. */
  function grantOf({ id: statement }: { readonly id: string }) {
    const now = world.server.now();
    return {
      statement,
      since: now.toISOString(),
      until: new Date(now.getTime() + 3_600_000).toISOString(),
      reason: 'kernel hotfix',
      ticket: 'INC-4711',
      signers: ['alice', 'bob'],
    };
  }

  /** A question whose answer is not JSON. */
  function ask(path: string, accept: string, body?: object): Promise<Response> {
    const { url, operatorToken } = world.server;
    const headers = { authorization: `Bearer ${operatorToken}`, 'content-type': 'application/json', accept };
    return fetch(
      `${url}${path}`,
      body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) },
    );
  }
});
