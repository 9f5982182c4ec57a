import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeJwt } from 'jose';
import { breakGlassPayloadType, encodeBreakGlass } from '../../../src/core/break-glass/index.ts';
import { denyPayloadType, encodeDenyList } from '../../../src/core/deny/index.ts';
import { encodeBase64, encodeDsseEnvelope, encodeHex } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { tellBreakGlassEnds } from '../../../src/server/break-glass/ends.ts';
import { isCurrent } from '../../../src/server/break-glass/grants.ts';
import { doctor } from '../../../src/server/index.ts';
import type { AuditDraft } from '../../../src/server/storage/index.ts';
import { ordinaryBoot, type PaperHost } from '../../../src/simulator/index.ts';
import { boundHost, draftBreakGlass, submitBreakGlass, type Draft } from '../../support/break-glass.ts';
import {
  applyPolicy,
  approveBoot,
  attest,
  authorise,
  authority,
  enrol,
  paperHost,
  signStatement,
  trustedWorld,
  type EnrolledHost,
  type Operator,
  type TrustedWorld,
} from '../../support/paper-story.ts';
import { refuses } from '../../support/problems.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';

describe('break-glass', () => {
  let server: TestServer;
  let operators: TrustedWorld['operators'];
  let count = 1;
  let id = '';
  let host: PaperHost;
  let enrolled: EnrolledHost;
  before(async () => {
    server = await startTestServer({ settings: { breakGlass: { longestSeconds: 43_200 } } });
    ({ operators } = await trustedWorld(server));
  });
  after(() => server.close());
  /** A host of its own for each test, which boots what no golden measurement accepts. */
  beforeEach(async () => {
    id = `hv-${(count += 1)}`;
    host = paperHost(id, { tampering: ['changed-kernel'] });
    enrolled = await enrol(server, host);
    await again();
  });

  const again = () => attest({ ...enrolled, client: server.client(enrolled.token, enrolled.prove) }, host);
  const admit = (more: object = {}) => server.operator.call('createAdmissionDecision', { body: { host: id, ...more } });
  const decision = async () => (await admit()).decision;
  const submit = async (draft: Draft = {}, signers: readonly Operator[] = operators) =>
    submitBreakGlass(server, draftBreakGlass(server, [await boundHost(server, id)], draft), signers);
  const begin = async (draft: Draft = {}) => (await submit(draft)).statement;
  const end = (breakGlassId: string) =>
    server.operator.call('endBreakGlass', {
      path: { breakGlassId },
      body: { reason: 'golden measurements are active' },
    });
  const auditOf = async (...actions: string[]) => {
    const { items } = await server.operator.call('listAudit', { query: { limit: 1000 } });
    const from = items.findLastIndex(({ action, subject }) => action === 'host.enrolled' && subject === id);
    return items.slice(from).filter(({ action }) => actions.includes(action));
  };

  it('admits a host that matches no golden measurement, and says on what ground in every answer', async () => {
    assert.equal(await decision(), 'deny');
    const { statement, covers } = await submit();
    assert.deepEqual(
      [statement.state, statement.signers, covers],
      ['in-force', ['alice', 'bob'], [{ host: id, covered: true }]],
    );

    const allowed = await admit();
    const until = new Date(server.now().getTime() + 3_600_000).toISOString();
    const grant = {
      statement: statement.id,
      since: server.now().toISOString(),
      until,
      reason: 'kernel hotfix',
      ticket: 'INC-4711',
      signers: ['alice', 'bob'],
    };
    assert.deepEqual(
      [allowed.decision, allowed.ground, allowed.breakGlass, allowed.held],
      ['allow', 'break-glass', { ...grant, remainingSeconds: 3600 }, undefined],
    );
    assert.ok(
      Date.parse(allowed.validUntil) - server.now().getTime() <= 30_000,
      'whoever relies on it asks again soon',
    );
    const { statement: breakGlass, signers, reason, ticket } = grant;
    const claims = decodeJwt(allowed.token);
    assert.deepEqual(
      [claims['ground'], claims['break_glass']],
      ['break-glass', { statement: breakGlass, signers, reason, ticket, until: Date.parse(until) / 1000 }],
    );

    const { items: rows } = await server.operator.call('createAdmissionBatch', {
      body: { requests: [{ hosts: [id] }] },
    });
    assert.equal(rows[0]?.[0]?.breakGlass?.statement, breakGlass);
    const path = { hostId: id };
    const verdict = await server.operator.call('getVerdict', { path });
    assert.deepEqual([verdict.status, verdict.breakGlass], ['affirming', grant]);
    assert.notEqual(verdict.verdict?.status, 'affirming', 'what the evidence says is not hidden');
    assert.deepEqual((await server.operator.call('getHost', { path })).breakGlass, grant);
    assert.deepEqual((await server.operator.call('explainHost', { path })).breakGlass, grant);
    const preview = await server.operator.call('previewQuarantine', { body: { hosts: { names: [id] } } });
    assert.deepEqual(
      [preview.trusted, preview.items[0]?.status, preview.items[0]?.breakGlass],
      [1, 'affirming', grant],
    );

    const headers = { authorization: `Bearer ${server.operatorToken}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ host: id });
    const plain = await fetch(`${server.url}/v1/admission/decisions`, {
      method: 'POST',
      headers: { ...headers, accept: 'text/plain' },
      body,
    });
    assert.equal(
      await plain.text(),
      `allow\nBREAK-GLASS: until ${until}, by alice, bob: kernel hotfix (INC-4711, ${breakGlass})\n`,
    );
    const ear = await fetch(`${server.url}/v1/hosts/${id}/verdict`, {
      headers: { ...headers, accept: 'application/eat+jwt' },
    });
    const status = /"ear\.status":"(\w+)"/.exec(JSON.stringify(decodeJwt(await ear.text())))?.[1];
    assert.equal(status, verdict.verdict?.status, 'a token that is kept says what the evidence says');

    const told = await auditOf('break-glass.begun', 'host.break-glass-begun');
    assert.deepEqual(
      told.map(({ subject, details }) => [subject, details['signers']]),
      [
        [breakGlass, signers],
        [id, signers],
      ],
    );
  });

  it('says so to Kubernetes: a warning, audit annotations, and a node that is the last to be chosen', async () => {
    const { id: statement, until } = await begin();
    const orchestrator = server.client(await server.token('orchestrator'));
    const request = {
      uid: 'u',
      operation: 'CREATE',
      resource: { group: '', resource: 'pods' },
      object: { metadata: {}, spec: { nodeName: id } },
    };
    const review = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request } as never;
    const { response } = await orchestrator.call('reviewKubernetesAdmission', { body: review });
    assert.deepEqual(response, {
      uid: 'u',
      allowed: true,
      warnings: [`the node is refused now, and operators admit it by break-glass until ${until}`],
      auditAnnotations: {
        node: id,
        ground: 'break-glass',
        statement,
        signers: 'alice,bob',
        reason: 'kernel hotfix',
        ticket: 'INC-4711',
        until,
      },
    });
    const args = { Pod: { metadata: {} }, NodeNames: [id] };
    assert.deepEqual((await orchestrator.call('filterKubernetesNodes', { body: args })).NodeNames, [id]);
    const [score] = await orchestrator.call('prioritizeKubernetesNodes', { body: args });
    assert.equal(score?.Score, 1);
  });

  it('goes on for the same boot, and outlives the server; the doctor warns', async () => {
    const { id: statement } = await begin();
    server.advance(300);
    await again();
    assert.equal(await decision(), 'allow');
    await server.running.close(0);
    const warned = (await doctor(server.dataDirectory, server.now())).find(({ name }) => name === 'break-glass');
    assert.deepEqual([warned?.ok, warned?.severity], [false, 'warning']);
    assert.match(
      warned!.message,
      /^break-glass admits up to \d hosts? that no golden measurement accepts, the last until 2026-/,
    );
    await server.restart();
    assert.equal(await decision(), 'allow');
    const { items } = await server.operator.call('listBreakGlass', {});
    assert.equal(items.find((one) => one.id === statement)?.state, 'in-force');
  });

  it('is in the event of a verdict that changes under it', async () => {
    const { id: statement, until } = await begin();
    await applyPolicy(server);
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
    server.advance(2);
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

  it('counts for nobody once the keys that are left to it are no quorum', async () => {
    const [alice, bob] = operators;
    const carol = await authorise(server, 'carol');
    const keyOf = async (name: string) => (await server.operator.call('listSigners', {})).items.find((one) => one.name === name)?.keyid ?? ''; // prettier-ignore
    const { id: byTwo } = (await submit({}, [alice, carol])).statement;
    assert.equal(await decision(), 'allow');
    const keyid = await keyOf('carol');
    await server.operator.call('removeSigner', { path: { keyid }, body: { reason: 'laptop stolen' } });
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
    const show = (breakGlassId: string) => server.operator.call('getBreakGlass', { path: { breakGlassId } });
    const { statement } = await show(byTwo);
    assert.deepEqual([statement.state, statement.signers], ['not-approved', []]);

    const dave = await authorise(server, 'dave');
    const { id: byThree } = (await submit({ ticket: 'INC-3' }, [alice, bob, dave])).statement;
    const removed = await keyOf('dave');
    await server.operator.call('removeSigner', { path: { keyid: removed }, body: { reason: 'has left' } });
    assert.deepEqual((await admit()).breakGlass?.signers, ['alice', 'bob'], 'two are enough');
    assert.equal((await show(byThree)).statement.state, 'in-force');
  });

  it('is over by its time', async () => {
    await begin({ seconds: 400 });
    server.advance(399);
    assert.equal(await decision(), 'allow');
    server.advance(1);
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny', 'a new attestation brings no time back');
  });

  it('tells of an end by time once, the hosts after the statement, before what begins after it, also when the server was away', async () => {
    const told = () =>
      auditOf('break-glass.begun', 'break-glass.ended', 'break-glass.expired', 'host.break-glass-expired');
    const first = await begin({ seconds: 60 });
    const ended = await begin({ seconds: 61 });
    await end(ended.id);
    server.advance(61);
    const second = await begin({ seconds: 60 });
    server.advance(60);
    await server.restart();
    const third = await begin();
    const story = [
      ['break-glass.begun', first.id],
      ['break-glass.begun', ended.id],
      ['break-glass.ended', ended.id],
      ['break-glass.expired', first.id],
      ['host.break-glass-expired', id],
      ['break-glass.begun', second.id],
      ['break-glass.expired', second.id],
      ['host.break-glass-expired', id],
      ['break-glass.begun', third.id],
    ];
    // Before it stand the ends of what other tests began.
    const entries = await told();
    const since = entries.slice(entries.findIndex(({ subject }) => subject === first.id));
    assert.deepEqual(
      since.map(({ action, subject }) => [action, subject]),
      story,
    );
    const [, expired] = since.filter(({ action }) => action === 'host.break-glass-expired');
    const details = { breakGlass: second.id, until: second.until, reason: 'kernel hotfix', ticket: 'INC-4711' };
    assert.deepEqual(expired?.details, details);
    const events = await server.operator.call('listEvents', { query: { kinds: 'host.break-glass-expired' } });
    assert.equal(events.items.filter((event) => 'subject' in event && event.subject === id).length, 2);
  });

  it('tells of the earlier end where the configuration allows less than was signed', async () => {
    const statement = draftBreakGlass(server, [await boundHost(server, id)], { seconds: 3600 });
    const payload = encodeBreakGlass(statement);
    const envelope = encodeDsseEnvelope({
      payloadType: breakGlassPayloadType,
      payload,
      signatures: [{ sig: Uint8Array.of(0) }],
    });
    const record = { id: 'sha256:1', envelope, until: 0, storedAt: 0, storedBy: 'me', ended: undefined };
    const ends: unknown[] = [];
    const store = {
      listUntoldBreakGlass: () => Promise.resolve([record]),
      tellBreakGlassEnd: (breakGlass: string, { audit }: { readonly audit: AuditDraft }) => {
        ends.push([breakGlass, audit.details['until']]);
        return Promise.resolve(true);
      },
    };
    const at = server.now().getTime();
    const tellAt = (seconds: number) =>
      tellBreakGlassEnds({
        config: { breakGlass: { longestSeconds: 60 } },
        store,
        now: () => new Date(at + seconds * 1000),
      });
    await tellAt(59);
    assert.deepEqual(ends, []);
    await tellAt(60);
    assert.deepEqual(ends, [['sha256:1', new Date(at + 60_000).toISOString()]]);
  });

  it('ends at once when an operator ends it, and never comes back', async () => {
    const statement = draftBreakGlass(server, [await boundHost(server, id)]);
    const { id: breakGlass } = (await submitBreakGlass(server, statement, operators)).statement;
    await refuses(submitBreakGlass(server, statement, operators), 'BREAK_GLASS_KNOWN', 409);
    const ended = (await end(breakGlass)).statement;
    assert.deepEqual([ended.state, ended.ended?.reason], ['ended', 'golden measurements are active']);
    assert.equal(await decision(), 'deny');
    await refuses(end(breakGlass), 'BREAK_GLASS_ENDED', 409);
    await refuses(submitBreakGlass(server, statement, operators), 'BREAK_GLASS_KNOWN', 409);
    await refuses(end(`sha256:${'0'.repeat(64)}`), 'BREAK_GLASS_NOT_FOUND', 404);
    assert.equal(await decision(), 'deny');
    const told = await auditOf('break-glass.ended', 'host.break-glass-ended');
    assert.deepEqual(
      told.map(({ subject }) => subject),
      [breakGlass, id],
    );
  });

  it('ends with the boot: at the first word of another one, also of the same kernel, and when it is over', async () => {
    await begin();
    host.reboot();
    await enrolled.client.call('createChallenge', {
      path: { hostId: id },
      body: { bootId: await host.bootId() },
    });
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
  });

  it('never admits a host in quarantine, released, or silent', async () => {
    await begin({ seconds: 43_200 });
    const hosts = { names: [id] };
    const { id: quarantineId } = await server.operator.call('createQuarantine', { body: { hosts, reason: 'x' } });
    assert.equal(await decision(), 'deny');
    await server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'x' } });
    assert.equal(await decision(), 'allow');
    server.advance(600);
    assert.deepEqual(
      (await admit()).reasons.map(({ code }) => code),
      ['VERDICT_EXPIRED'],
    );
    await again();
    assert.equal(await decision(), 'allow');
    await server.operator.call('releaseHost', { path: { hostId: id }, body: { reason: 'x' } });
    assert.equal(await decision(), 'deny');
  });

  it('never admits what was revoked, whether it was revoked before the statement or after', async () => {
    host.reboot({ boot: { ...ordinaryBoot, kernel: 'linux of this test' }, tampering: [] });
    await again();
    const goldens = await approveBoot(server, id, operators);
    const act = async (operation: 'retireGoldenMeasurement' | 'revokeGoldenMeasurement') => {
      const { items } = await server.operator.call('listGoldenMeasurements', {});
      const kernels = items.filter((golden) => golden.layer === 'kernel' && goldens.includes(golden.id));
      for (const { id: goldenId } of kernels) {
        await server.operator.call(operation, { path: { goldenId }, body: { reason: 'CVE' } });
      }
    };
    await again();
    assert.equal(await decision(), 'allow', 'its golden measurement is active');
    await refuses(begin(), 'BREAK_GLASS_COVERS_NOBODY', 409);
    await act('retireGoldenMeasurement');
    await again();
    assert.equal(await decision(), 'deny');
    const { id: breakGlassId } = await begin();
    assert.equal(await decision(), 'allow', 'to retire is housekeeping');
    await act('revokeGoldenMeasurement');
    await again();
    assert.equal(await decision(), 'deny');
    assert.deepEqual((await server.operator.call('getBreakGlass', { path: { breakGlassId } })).covers, [
      { host: id, covered: false, obstacle: 'revoked' },
    ]);
    const problem = await refuses(begin({ ticket: 'INC-2' }), 'BREAK_GLASS_COVERS_NOBODY', 409);
    assert.match(problem.message, new RegExp(`${id}: revoked`));
  });

  it('never admits what a deny list denies, and the list wins at once', async () => {
    await begin();
    const denies = { kind: 'endorsement', sha256: encodeHex(hash('sha256', authority.rootCertificate)) } as const;
    const entries = [{ id: 'root', reason: 'stolen', cves: [], denies }];
    const payload = encodeBase64(encodeDenyList({ name: 'fleet', version: 1, issuedAt: server.now(), entries }));
    const document = { payloadType: denyPayloadType, payload };
    const signatures = operators.map((operator) => ({ sig: signStatement(operator, document) }));
    await server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
    assert.equal(await decision(), 'deny');
    await again();
    assert.equal(await decision(), 'deny');
    await server.operator.call('removeDenyList', { path: { denyListName: 'fleet' }, body: { reason: 'x' } });
  });

  for (const tampering of [
    'broken-signature',
    'rolled-back',
    'replayed-quote',
    'secure-boot-disabled',
    'additional-event',
  ] as const) {
    it(`never admits a host that shows ${tampering}`, async () => {
      await begin({ excuses: ['KERNEL_DIVERGED', 'LAYER_GOLDEN_NONE', 'BOOT_LOADER_DIVERGED'] });
      assert.equal(await decision(), 'allow');
      if (!['secure-boot-disabled', 'additional-event'].includes(tampering)) host.tamper(tampering);
      else host.reboot({ tampering: [tampering] });
      await again().catch(() => undefined);
      const after = await decision();
      assert.equal(after, 'deny');
    });
  }

  it('never admits another machine that comes under the name', async () => {
    await begin();
    await server.operator.call('releaseHost', { path: { hostId: id }, body: { reason: 'x' } });
    host = paperHost(id, { seed: `another ${id}`, tampering: ['changed-kernel'] });
    enrolled = await enrol(server, host);
    await again();
    assert.equal(await decision(), 'deny');
  });

  it('refuses a statement that too few signed, that lasts too long, that is not due, or that helps nobody', async () => {
    const [alice] = operators;
    await refuses(submit({}, [alice]), 'BREAK_GLASS_QUORUM_NOT_REACHED', 422);
    await refuses(submit({ seconds: 43_201 }), 'BREAK_GLASS_TOO_LONG', 422);
    await refuses(submit({ issuedAt: new Date(server.now().getTime() + 1000) }), 'BREAK_GLASS_OUT_OF_TIME', 422);
    const bound = await boundHost(server, id);
    const stale = draftBreakGlass(server, [bound], { seconds: 60 });
    server.advance(60);
    await refuses(submitBreakGlass(server, stale, operators), 'BREAK_GLASS_OUT_OF_TIME', 422);
    const unknown = draftBreakGlass(server, [{ ...bound, id: 'hv-unknown' }]);
    const nobody = await refuses(submitBreakGlass(server, unknown, operators), 'BREAK_GLASS_COVERS_NOBODY', 409);
    assert.match(nobody.message, /hv-unknown: HOST_UNKNOWN/);
    await refuses(submit({ excuses: ['INITRD_DIVERGED'] }), 'BREAK_GLASS_COVERS_NOBODY');
    assert.equal(await decision(), 'deny');
  });

  it('is over by what the configuration allows, where that is sooner than what was signed', async () => {
    const statement = draftBreakGlass(server, [await boundHost(server, id)]);
    const isOver = (longestSeconds: number, seconds: number): boolean =>
      !isCurrent({ breakGlass: { longestSeconds } }, statement, new Date(server.now().getTime() + seconds * 1000));
    assert.deepEqual(
      [isOver(86_400, 3599), isOver(86_400, 3600), isOver(60, 59), isOver(60, 60)],
      [false, true, false, true],
    );
    assert.equal(isOver(0, 0), true, '0 allows none');
  });

  const acts = {
    attest: async () => {
      await again();
    },
    wait: () => {
      server.advance(250);
      return Promise.resolve();
    },
    quarantine: async (model: Model) => {
      const hosts = { names: [id] };
      model.quarantines.push((await server.operator.call('createQuarantine', { body: { hosts, reason: 'x' } })).id);
    },
    lift: async (model: Model) => {
      const quarantineId = model.quarantines.pop();
      if (quarantineId === undefined) return;
      await server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'x' } });
    },
    reboot: (model: Model) => {
      model.isBooted = true;
      host.reboot();
      return Promise.resolve();
    },
    submit: async (model: Model) => {
      model.statements.push({
        ...(await begin({ seconds: 600, ticket: `INC-${(tickets += 1)}` })),
        isSame: true,
      });
    },
    end: async (model: Model) => {
      const last = model.statements.findLast(({ state }) => state === 'in-force');
      if (last === undefined || Date.parse(last.until) <= server.now().getTime()) return;
      last.state = (await end(last.id)).statement.state;
    },
  } as const;
  interface Model {
    statements: { id: string; until: string; state: string; isSame: boolean }[];
    quarantines: string[];
    attestedAt: number;
    /** It booted again, and the server has not heard of it. */
    isBooted: boolean;
  }

  let tickets = 0;
  it('never gives a stale yes, whatever happens in whatever order: time, end, reboot, quarantine, silence', async () => {
    const names = ['attest', 'attest', 'wait', 'quarantine', 'lift', 'reboot', 'submit', 'submit', 'end'] as const;
    let allowed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(fc.constantFrom(...names), { minLength: 6, maxLength: 14 }), async (order) => {
        await again();
        const model: Model = { statements: [], quarantines: [], attestedAt: server.now().getTime(), isBooted: false };
        for (const act of ['submit', ...order] as const) {
          const now = server.now().getTime();
          const isFresh = now - model.attestedAt < 600_000;
          // Nobody signs for a host of which nothing is known.
          if (act === 'submit' && (!isFresh || model.quarantines.length > 0)) continue;
          await acts[act](model);
          if (act === 'attest') {
            if (model.isBooted) for (const one of model.statements) one.isSame = false;
            Object.assign(model, { attestedAt: now, isBooted: false });
          }
          const at = server.now().getTime();
          const isGranted = model.statements.some(
            ({ until, state, isSame }) => isSame && state === 'in-force' && at < Date.parse(until),
          );
          const expected = isGranted && at - model.attestedAt < 600_000 && model.quarantines.length === 0;
          assert.equal(await decision(), expected ? 'allow' : 'deny', `${act} of ${order.join(', ')}`);
          if (expected) allowed += 1;
        }
        while (model.quarantines.length > 0) await acts.lift(model);
        host.reboot();
      }),
      { numRuns: 12, endOnFailure: true },
    );
    assert.ok(allowed > 10, `only ${allowed} times yes: the property proves nothing`);
  });
});
