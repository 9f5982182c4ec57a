import assert from 'node:assert/strict';
import { decodeJwt } from 'jose';
import { doctor } from '../../../src/server/index.ts';
import { holdInForce } from '../../../src/server/lockout/lockout.ts';
import type { PaperHost } from '../../../src/simulator/index.ts';
import {
  applyPolicy,
  attest,
  bootLayers,
  enrol,
  paperHost,
  trustedWorld,
  type EnrolledHost,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

const lockout = { sharePercent: 50, leastHosts: 2, holdSeconds: 900, windowSeconds: 600 };

describe('lockout protection', () => {
  let server: TestServer;
  let world: TrustedWorld;
  let hosts: { readonly host: PaperHost; readonly enrolled: EnrolledHost }[];

  const start = async (settings: Readonly<Record<string, unknown>> = { lockout }) => {
    server = await startTestServer({ settings });
    world = await trustedWorld(server);
    hosts = [world];
    for (const name of ['hv-2', 'hv-3']) {
      const host = paperHost(name);
      const enrolled = await enrol(server, host);
      await attest(enrolled, host);
      hosts.push({ host, enrolled });
    }
    await attestAll();
  };
  afterEach(() => server.close());

  const attestAll = async () => {
    for (const { host, enrolled } of hosts) await attest(enrolled, host);
  };
  /** The operators' mistake: the golden measurement of the kernel is put out of use while hosts rest on it. */
  const retireKernel = async () => {
    const { items } = await server.operator.call('listGoldenMeasurements', {});
    const { id } = items.find(({ layer, state }) => layer === 'kernel' && state === 'active')!;
    await server.operator.call('retireGoldenMeasurement', { path: { goldenId: id }, body: { reason: 'cleaning up' } });
    return id;
  };
  const admit = (host: string, more: object = {}) =>
    server.operator.call('createAdmissionDecision', { body: { host, ...more } });
  const decisionsOf = async () =>
    Promise.all(['hv-1', 'hv-2', 'hv-3'].map(async (host) => (await admit(host)).decision));
  const lockedOut = async () => {
    const golden = await retireKernel();
    server.advance(60);
    await attestAll();
    return golden;
  };
  /** A lockout that began now; when it ends. */
  const held = async () => {
    await start();
    await lockedOut();
    return new Date(server.now().getTime() + lockout.holdSeconds * 1000).toISOString();
  };
  /** A question whose answer is not JSON. */
  const ask = (path: string, accept: string, body?: object) => {
    const headers = { authorization: `Bearer ${server.operatorToken}`, 'content-type': 'application/json', accept };
    const posted = body && { method: 'POST', body: JSON.stringify(body) };
    return fetch(`${server.url}${path}`, { headers, ...posted });
  };
  const end = (reason = 'mended') => server.operator.call('endLockout', { body: { reason } });

  it('is off unless the configuration turns it on', async () => {
    await start({});
    await lockedOut();
    assert.deepEqual(await decisionsOf(), ['deny', 'deny', 'deny']);
    assert.deepEqual(await server.operator.call('getLockout', {}), {
      on: false,
      windowSeconds: 900,
      holdSeconds: 3600,
      leastHosts: 5,
    });
    await refuses(end(), 'LOCKOUT_NONE', 409);
  });

  it('begins when more hosts than the share lose trust, and holds them all', async () => {
    await start();
    await retireKernel();
    server.advance(60);
    const [first, second, third] = hosts as [TrustedWorld, TrustedWorld, TrustedWorld];
    await attest(first.enrolled, first.host);
    assert.equal((await admit('hv-1')).decision, 'deny', 'one of three is no lockout');
    await attest(second.enrolled, second.host);
    await attest(third.enrolled, third.host);
    assert.deepEqual(await decisionsOf(), ['allow', 'allow', 'allow']);
  });

  it('is told with its end and its reason by every answer about a host', async () => {
    const until = await held();
    const decision = await admit('hv-1');
    assert.equal(decision.held?.until, until);
    assert.match(decision.held.reason, /^2 of 3 hosts lost trust by golden measurements or policies \(hld_\S+\)$/);
    assert.ok(Date.parse(decision.validUntil) - server.now().getTime() <= 30_000);
    const { ground, held_until: heldUntil } = decodeJwt(decision.token);
    assert.deepEqual([ground, heldUntil], ['hold', Date.parse(until) / 1000]);
    const { items: rows } = await server.operator.call('createAdmissionBatch', {
      body: { requests: [{ hosts: ['hv-2'] }] },
    });
    assert.equal(rows[0]?.[0]?.held?.until, until);
    const verdict = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.deepEqual([verdict.status, verdict.held?.until], ['affirming', until]);
    const { items: listed } = await server.operator.call('listHosts', {});
    assert.ok(listed.every(({ status, held }) => status === 'affirming' && held?.until === until));
    const preview = await server.operator.call('previewQuarantine', { body: { hosts: { all: true } } });
    assert.deepEqual([preview.trusted, preview.items.map(({ held }) => held?.until)], [3, [until, until, until]]);
    const { trusted } = await server.operator.call('getNextAttestations', {});
    assert.deepEqual([trusted.hosts, trusted.until], [3, until]);
    const plain = await ask('/v1/admission/decisions', 'text/plain', { host: 'hv-1' });
    assert.equal(await plain.text(), `allow\nHELD: until ${until}\n`);
  });

  it('hides nothing of what the evidence says, also in the token that others keep', async () => {
    await held();
    const { verdict } = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.notEqual(verdict?.status, 'affirming', 'what the evidence says is not hidden');
    const ear = await ask('/v1/hosts/hv-1/verdict', 'application/eat+jwt');
    const status = /"ear\.status":"(\w+)"/.exec(JSON.stringify(decodeJwt(await ear.text())))?.[1];
    assert.equal(status, verdict?.status, 'a token that is kept says what the evidence says');
  });

  it('is told to Kubernetes as a warning', async () => {
    const until = await held();
    const request = {
      uid: 'u',
      operation: 'CREATE',
      resource: { group: '', resource: 'pods' },
      object: { metadata: {}, spec: { nodeName: 'hv-1' } },
    };
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request } as never;
    const orchestrator = server.client(await server.token('orchestrator'));
    const { response } = await orchestrator.call('reviewKubernetesAdmission', { body: review });
    assert.deepEqual(
      [response.allowed, response.warnings],
      [true, [`the node is refused now, and lockout protection holds its trust until ${until}`]],
    );
  });

  it('is in the audit log: its begin once, and its end with each verdict that changes under it', async () => {
    const until = await held();
    const { items } = await server.operator.call('listAudit', {});
    const begun = items.filter(({ action }) => action === 'lockout.held');
    assert.deepEqual(
      begun.map(({ details }) => details),
      [{ until, flipped: 2, fleet: 3 }],
    );
    const told = items.filter(({ action, subject }) => action === 'verdict.changed' && subject === 'hv-3').at(-1);
    assert.equal(told?.details['heldUntil'], until, 'the event of a verdict says that it is held');
  });

  it('is accepted by nobody who refuses it, and lifts no claim', async () => {
    await start();
    await lockedOut();
    const refused = await admit('hv-1', { refuseHeld: true });
    assert.deepEqual(
      [refused.decision, refused.reasons.map(({ code }) => code), refused.held],
      ['deny', ['STATUS_HELD'], undefined],
    );
    const claim = await admit('hv-1', { requireVector: { executables: 3 } });
    assert.equal(claim.decision, 'deny');
    const token = await server.operator.call('getVerdict', { path: { hostId: 'hv-1' } });
    assert.ok(token.held, 'the status is held');
  });

  it('ends for a host that is compromised, revoked, quarantined, silent or booted again, and for no other', async () => {
    await start();
    const golden = await lockedOut();
    const [first, second] = hosts as [TrustedWorld, TrustedWorld];
    first.host.reboot();
    await attest(first.enrolled, first.host);
    assert.deepEqual(await decisionsOf(), ['deny', 'allow', 'allow']);
    await attest(first.enrolled, first.host);
    assert.deepEqual(await decisionsOf(), ['deny', 'allow', 'allow'], 'nor later, when the new boot is an old one');

    const selected = { hosts: { names: ['hv-2'] }, reason: 'x' };
    const { id } = await server.operator.call('createQuarantine', { body: selected });
    assert.deepEqual(await decisionsOf(), ['deny', 'deny', 'allow']);
    await server.operator.call('liftQuarantine', { path: { quarantineId: id }, body: { reason: 'x' } });
    assert.deepEqual(await decisionsOf(), ['deny', 'allow', 'allow']);

    server.advance(400);
    await attest(second.enrolled, second.host);
    server.advance(300);
    assert.deepEqual(await decisionsOf(), ['deny', 'allow', 'deny'], 'hv-3 was silent until its verdict ran out');

    const body = { reason: 'it was bad', cve: 'CVE-2026-0001' };
    await server.operator.call('revokeGoldenMeasurement', { path: { goldenId: golden }, body });
    assert.deepEqual(await decisionsOf(), ['deny', 'deny', 'deny']);
  });

  it('ends by itself, begins no second time before an operator has ended it, and at once when an operator ends it', async () => {
    await start();
    await lockedOut();
    server.advance(500);
    await attestAll();
    assert.deepEqual(await decisionsOf(), ['allow', 'allow', 'allow']);
    server.advance(400);
    assert.deepEqual(await decisionsOf(), ['deny', 'deny', 'deny'], 'it is over by its time');
    await attestAll();
    assert.deepEqual(await decisionsOf(), ['deny', 'deny', 'deny'], 'nobody renews it');
    assert.equal((await server.operator.call('getLockout', {})).hold?.inForce, false);
    assert.equal((await end()).hold, undefined);
    await attestAll();
    assert.deepEqual(await decisionsOf(), ['deny', 'deny', 'deny'], 'what an operator let through is not held again');
    await refuses(end(), 'LOCKOUT_NONE', 409);

    // A policy without the kernel, and back: the same mistake, once more, and later.
    await applyPolicy(server, 'fleet', { layers: bootLayers.filter((layer) => layer !== 'kernel') });
    for (let round = 0; round < 3; round += 1) {
      await attestAll();
      server.advance(300);
    }
    assert.deepEqual(await decisionsOf(), ['allow', 'allow', 'allow']);
    assert.equal((await admit('hv-1')).held, undefined);
    await applyPolicy(server);
    await attestAll();
    assert.deepEqual(await decisionsOf(), ['allow', 'allow', 'allow']);
    assert.ok((await admit('hv-1')).held);
    await end('let it\u001b[2J through');
    assert.deepEqual(await decisionsOf(), ['deny', 'deny', 'deny']);
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    const reasons = items.filter(({ action }) => action === 'lockout.ended').map(({ details }) => details['reason']);
    assert.deepEqual(reasons, ['mended', 'let it\\u{1b}[2J through'], 'no control characters in the log');
  });

  it('counts on where the server left off: hosts that lost trust before it was started again are counted with those after', async () => {
    await start();
    await retireKernel();
    server.advance(60);
    const [first, second, third] = hosts as [TrustedWorld, TrustedWorld, TrustedWorld];
    await attest(first.enrolled, first.host);
    await server.restart();
    for (const { host, enrolled } of [second, third]) {
      await attest({ ...enrolled, client: server.client(enrolled.token, enrolled.prove) }, host);
    }
    assert.equal((await server.operator.call('getLockout', {})).hold?.flipped, 2);
    assert.deepEqual(await decisionsOf(), ['allow', 'allow', 'allow']);
  });

  it('counts no host that has its trust back, and none that lost it before the window', async () => {
    await start();
    const [first, second] = hosts as [TrustedWorld, TrustedWorld];
    const lose = () => applyPolicy(server, 'fleet', { layers: [...bootLayers, 'confidential-guest'] });
    await lose();
    await attest(first.enrolled, first.host);
    await applyPolicy(server);
    await attest(first.enrolled, first.host);
    await lose();
    await attest(second.enrolled, second.host);
    assert.equal((await server.operator.call('getLockout', {})).hold, undefined, 'the first one has its trust back');
    server.advance(599);
    await attest(second.enrolled, second.host);
    server.advance(2);
    await attest(first.enrolled, first.host);
    assert.equal((await server.operator.call('getLockout', {})).hold, undefined, 'it was lost too long ago');
  });

  it('counts a host that stays refused, however often it attests', async () => {
    await start();
    await retireKernel();
    server.advance(60);
    const [first, second] = hosts as [TrustedWorld, TrustedWorld];
    for (let times = 0; times < 3; times += 1) await attest(first.enrolled, first.host);
    await attest(second.enrolled, second.host);
    assert.equal((await server.operator.call('getLockout', {})).hold?.flipped, 2);
  });

  it('outlives the server, and the doctor says that something is held', async () => {
    await start();
    await lockedOut();
    await server.restart();
    assert.deepEqual(await decisionsOf(), ['allow', 'allow', 'allow']);
    assert.match(server.running.shortcomings.map(({ message }) => message).join('\n'), /statuses are held until/);
    await server.running.close(0);
    const check = (await doctor(server.dataDirectory, server.now())).find(({ name }) => name === 'lockout');
    assert.equal(check?.ok, false);
  });
});

describe('a hold', () => {
  const since = Date.parse('2026-11-26T12:00:00Z');
  const record = { id: 'hld_1', since, until: since + 900_000, flipped: 3, fleet: 4 };
  const isInForce = (seconds: number, settings: object = {}, more: object = {}): boolean => {
    const config = { lockout: { ...lockout, protected: [], ...settings } };
    return holdInForce(config, { ...record, ...more }, new Date(since + seconds * 1000)) !== undefined;
  };

  it('is in force from its begin until its end, and not where the clock stands before it', () => {
    assert.deepEqual([-1, 0, 899, 900].map((at) => isInForce(at)), [false, true, true, false]); // prettier-ignore
  });

  it('ends no later than was promised, and no later than the configuration allows by now', () => {
    assert.deepEqual([599, 600].map((at) => isInForce(at, { holdSeconds: 600 })), [true, false]); // prettier-ignore
    assert.deepEqual([899, 900].map((at) => isInForce(at, { holdSeconds: 1800 })), [true, false]); // prettier-ignore
  });

  it('is none where an operator ended it, or protection is off by now', () => {
    assert.ok(!isInForce(60, {}, { endedAt: since + 30_000 }));
    assert.ok(!isInForce(60, { sharePercent: undefined }));
    assert.equal(holdInForce({ lockout: { ...lockout, protected: [] } }, undefined, new Date(since)), undefined);
  });
});
