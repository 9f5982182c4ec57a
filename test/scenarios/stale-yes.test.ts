// Never a yes that has gone stale: a random life of hosts under a moved clock, beside a model of a few lines that says what
// must be true at each moment. Every way of asking must give the model's answer. [STANDARDS 10, attacks 27 and 41]
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeBase64, encodeBase64 } from '../../src/core/encoding/index.ts';
import { ordinaryBoot, type PaperHost } from '../../src/simulator/index.ts';
import {
  applyPolicy,
  attest,
  authorise,
  bootLayers,
  challengeFor,
  enrol,
  evidenceFor,
  paperHost,
  propose,
  submit,
  trustSimulator,
  type EnrolledHost,
  type Operator,
  type Statement,
} from '../support/paper-story.ts';
import { refuses } from '../support/problems.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const verdictSeconds = 600;

/** One machine, and what the model knows about it. */
interface Machine {
  readonly host: PaperHost;
  readonly enrolled: EnrolledHost;
  isHonest: boolean;
  /** Until when a good verdict holds; 0 when there is none. */
  goodUntil: number;
  /** Quarantines of this machine that were not lifted, with their end. */
  readonly quarantines: Map<string, number>;
}

interface World {
  readonly server: TestServer;
  readonly machines: readonly Machine[];
  readonly operators: readonly Operator[];
  readonly kernel: Statement;
  goldenIsActive: boolean;
  goldenId: string;
  revisions: number;
}

type Step =
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'attest' | 'reboot' | 'reboot tampered' | 'announce' | 'late answer'; readonly machine: number }
  | { readonly do: 'quarantine' | 'quarantine briefly' | 'lift'; readonly machine: number }
  | { readonly do: 'revoke' | 'approve' | 'restart' };

const machine = fc.nat({ max: 1 });
const steps: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 299, 300, 599, 600) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('attest' as const), machine }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('reboot' as const, 'reboot tampered' as const, 'announce' as const, 'late answer' as const),
      machine,
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('quarantine' as const, 'quarantine briefly' as const, 'lift' as const),
      machine,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom('revoke' as const, 'approve' as const, 'restart' as const) }),
  },
);

describe('a stale yes', () => {
  it('is never given: not after expiry, reboot, revocation, quarantine or a late answer, whoever asks and however', async function () {
    this.timeout(180_000);
    const runs = fc.array(steps, { minLength: 8, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(runs, async (story) => {
        const world = await createWorld();
        try {
          await checkAnswers(world, 'at first');
          for (const step of story) {
            await take(world, step);
            await checkAnswers(world, JSON.stringify(step));
          }
        } finally {
          await world.server.close();
        }
      }),
      { numRuns: 8 },
    );
  });
});

async function createWorld(): Promise<World> {
  const server = await startTestServer();
  await trustSimulator(server);
  const machines: Machine[] = [];
  for (const name of ['hv-a', 'hv-b']) {
    const host = paperHost(name);
    machines.push({ host, enrolled: await enrol(server, host), isHonest: true, goodUntil: 0, quarantines: new Map() });
  }
  const [first] = machines;
  assert.ok(first);
  await attest(first.enrolled, first.host);
  const operators = [await authorise(server, 'alice'), await authorise(server, 'bob')];
  const { statements } = await server.operator.call('createCapture', {
    path: { hostId: 'hv-a' },
    body: { layers: bootLayers },
  });
  for (const statement of statements) await propose(server, statement, operators);
  await applyPolicy(server, 'fleet', { verdictSeconds });
  const kernel = statements.find(({ layer }) => layer === 'kernel');
  assert.ok(kernel);
  return { server, machines, operators, kernel, goldenIsActive: true, goldenId: kernel.goldenId, revisions: 0 };
}

async function take(world: World, step: Step): Promise<void> {
  const { server } = world;
  switch (step.do) {
    case 'wait':
      server.advance(step.seconds);
      return;
    case 'restart':
      await server.restart();
      return;
    case 'revoke':
      return revoke(world);
    case 'approve':
      return approveAgain(world);
    case 'quarantine':
      return quarantine(world, world.machines[step.machine]!);
    case 'quarantine briefly':
      return quarantine(world, world.machines[step.machine]!, 300);
    case 'lift':
      return lift(world, world.machines[step.machine]!);
    default:
      return takeOn(world, step.do, world.machines[step.machine]!);
  }
}

async function takeOn({ server, ...world }: World, act: string, one: Machine): Promise<void> {
  // A restarted server listens elsewhere.
  const enrolled = { ...one.enrolled, client: server.client(one.enrolled.token, one.enrolled.prove) };
  switch (act) {
    case 'reboot':
      one.host.reboot({ boot: ordinaryBoot, tampering: [] });
      one.isHonest = true;
      return;
    case 'reboot tampered':
      one.host.reboot({ tampering: ['changed-kernel'] });
      one.isHonest = false;
      return;
    case 'announce':
      await challengeFor(enrolled, one.host);
      one.goodUntil = (await hasBootedSince(one)) ? 0 : one.goodUntil;
      return;
    case 'attest':
      await attest(enrolled, one.host);
      await hasBootedSince(one);
      one.goodUntil = one.isHonest && world.goldenIsActive ? server.now().getTime() + verdictSeconds * 1000 : 0;
      return;
    case 'late answer': {
      // A quote of this boot that is on its way while the host boots again and says so.
      const evidence = await evidenceFor(one.host, await challengeFor(enrolled, one.host));
      one.host.reboot({ boot: ordinaryBoot, tampering: [] });
      one.isHonest = true;
      await challengeFor(enrolled, one.host);
      await hasBootedSince(one);
      await refuses(submit(enrolled, evidence), 'CHALLENGE_NOT_FOUND', 409);
      one.goodUntil = 0;
      return;
    }
    default:
      assert.fail(act);
  }
}

const announced = new WeakMap<PaperHost, string>();

/** Whether the host said now, for the first time, that it is in another boot than before. */
async function hasBootedSince({ host }: Machine): Promise<boolean> {
  const before = announced.get(host);
  const now = await host.bootId();
  announced.set(host, now);
  return before !== undefined && before !== now;
}

async function quarantine({ server }: World, one: Machine, expiresInSeconds?: number): Promise<void> {
  const hosts = { names: [one.enrolled.hostId] };
  const body = { hosts, reason: 'a story', ...(expiresInSeconds === undefined ? {} : { expiresInSeconds }) };
  const { id } = await server.operator.call('createQuarantine', { body });
  one.quarantines.set(id, expiresInSeconds === undefined ? Infinity : server.now().getTime() + expiresInSeconds * 1000);
}

/** The first that still holds; one that has ended by itself cannot be lifted. */
async function lift({ server }: World, one: Machine): Promise<void> {
  const [quarantineId] = [...one.quarantines].find(([, until]) => server.now().getTime() < until) ?? [];
  if (quarantineId === undefined) return;
  await server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'a story' } });
  one.quarantines.delete(quarantineId);
}

async function revoke(world: World): Promise<void> {
  if (!world.goldenIsActive) return;
  const path = { goldenId: world.goldenId };
  await world.server.operator.call('revokeGoldenMeasurement', { path, body: { reason: 'a hole' } });
  world.goldenIsActive = false;
  for (const one of world.machines) one.goodUntil = 0;
}

/** The same build in another document: what was revoked never comes back, and no old verdict with it. */
async function approveAgain(world: World): Promise<void> {
  if (world.goldenIsActive) return;
  world.revisions += 1;
  const { payload, payloadType } = world.kernel;
  const statement = JSON.parse(new TextDecoder().decode(decodeBase64(payload))) as { predicate: object };
  const predicate = { ...statement.predicate, description: `again, ${world.revisions}` };
  const bytes = new TextEncoder().encode(JSON.stringify({ ...statement, predicate }));
  const again = { payloadType, payload: encodeBase64(bytes) };
  world.goldenId = (await propose(world.server, again, world.operators)).id;
  world.goldenIsActive = true;
}

async function checkAnswers({ server, machines }: World, after: string): Promise<void> {
  const hosts = machines.map(({ enrolled }) => enrolled.hostId);
  const now = server.now().getTime();
  const batch = await server.operator.call('createAdmissionBatch', { body: { requests: [{ hosts }] } });
  const list = await server.operator.call('listHosts', {});
  for (const [index, { goodUntil, quarantines }] of machines.entries()) {
    const host = hosts[index] ?? '';
    const isSetAside = [...quarantines.values()].some((until) => now < until);
    const expected = now < goodUntil && !isSetAside ? 'allow' : 'deny';
    const decision = await server.operator.call('createAdmissionDecision', { body: { host } });
    const verdict = await server.operator.call('getVerdict', { path: { hostId: host } });
    const asDecision = (status: string | undefined) => (status === 'affirming' ? 'allow' : 'deny');
    const answers = {
      single: decision.decision,
      batch: batch.items[0]?.[index]?.decision,
      verdict: asDecision(verdict.status),
      list: asDecision(list.items.find(({ id }) => id === host)?.status),
    };
    const all = { single: expected, batch: expected, verdict: expected, list: expected };
    assert.deepEqual(answers, all, `${host} after ${after}`);
    if (expected === 'allow') assert.ok(Date.parse(decision.validUntil) <= goodUntil);
  }
}
