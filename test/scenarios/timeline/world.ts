// A server under a clock that only the story moves, a fleet of paper hosts, and everything that can happen to them. Each act is
// done to the server first and then told to the oracle.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createProver, enrolDevice } from '../../../src/agent/index.ts';
import {
  ApiProblem,
  ApiUnreachable,
  createApiClient,
  createTransport,
  type Transport,
} from '../../../src/api/index.ts';
import { inLanes } from '../../../src/cli/simulate/lanes.ts';
import { createFleet, ordinaryBoot, type PaperHost } from '../../../src/simulator/index.ts';
import {
  applyPolicy,
  authority,
  authorise,
  challengeFor,
  evidenceFor,
  submit,
  trustSimulator,
  type EnrolledHost,
  type Operator,
  type Statement,
} from '../../support/paper-story.ts';
import { startTestServer, type TestServer } from '../../support/test-server.ts';
import { createOracle, type Oracle } from './oracle.ts';

export const verdictSeconds = 600;
export const firstKernel = ordinaryBoot.kernel;

export interface Member {
  readonly host: PaperHost;
  readonly id: string;
  enrolled: Pick<EnrolledHost, 'hostId' | 'token' | 'prove'>;
  kernel: string;
  /** Requests under way: until they are answered nobody can say what the server knows. */
  underWay: number;
}

export interface GoldenKernel {
  readonly statement: Statement;
  readonly goldenId: string;
}

export interface World {
  readonly server: TestServer;
  readonly fleet: readonly Member[];
  readonly oracle: Oracle;
  readonly operators: readonly Operator[];
  /** Kernel layers by kernel: what was signed last, under which id. */
  readonly kernels: Map<string, GoldenKernel>;
  transport: Transport;
  issues: number;
}

/** How often a host comes until it is given up: none may be. */
const mostTries = 100;

/** How many hosts talk at once when they do not come all together. The server takes no more than that, and sends a herd away. */
export const lanes = 6;
/** One process plays server and fleet: what it takes to play ten thousand hosts must not look like hosts that send slowly. */
const limits = { hostRequests: 2 * (lanes + 1), headersSeconds: 60 };
export const lockout = { sharePercent: 40, windowSeconds: 300, holdSeconds: 900, leastHosts: 2 };
/** More verdicts than any host gets: a hold looks back to the last good one. */
const attestation = { keepEvidence: 50 };
const settings = { limits, lockout, attestation };

/** Hosts that are enrolled, two operators, a policy; nothing is golden yet. */
export async function createWorld(size: number, onEnrolled: (count: number) => void = () => undefined): Promise<World> {
  const server = await startTestServer({ settings });
  await trustSimulator(server);
  const fleet: Member[] = [];
  const oracle = createOracle(() => server.now().getTime(), verdictSeconds, lockout);
  const operators = [await authorise(server, 'alice'), await authorise(server, 'bob')];
  await applyPolicy(server, 'fleet', { verdictSeconds });
  const transport = createTransport({ baseUrl: server.url });
  const world: World = { server, fleet, oracle, operators, kernels: new Map(), transport, issues: 0 };
  await inLanes(createFleet({ seed: 'timeline', size, authority }), lanes / 2, async (host) => {
    const member: Member = {
      host,
      id: host.name,
      enrolled: await enrol(world, host),
      kernel: firstKernel,
      underWay: 0,
    };
    host.reboot({ boot: ordinaryBoot });
    oracle.enrolled(member.id);
    fleet.push(member);
    onEnrolled(fleet.length);
  });
  fleet.sort((left, right) => (left.id < right.id ? -1 : 1));
  return world;
}

export async function closeWorld({ server, transport }: World): Promise<void> {
  transport.close();
  await server.close();
}

async function enrol({ server }: World, host: PaperHost): Promise<Member['enrolled']> {
  const door = { server: { baseUrl: server.url }, token: server.operatorToken };
  const { hostId, hostToken, ...state } = await enrolDevice({ ...door, device: host, hostName: host.name });
  const prove = createProver(host, { hostId, ...state });
  // By the server's clock, wherever the story has moved it.
  return { hostId, token: hostToken, prove: (request) => prove({ ...request, at: server.now().getTime() }) };
}

function connected({ server, transport }: World, { enrolled: { hostId, prove, token } }: Member): EnrolledHost {
  const client = createApiClient({ baseUrl: server.url, token, prove, transport, timeoutMs: 120_000 });
  return { hostId, token, prove, client, akCertificate: '' };
}

/** The agent asks for a challenge, and names its boot by that. */
export async function announce(world: World, member: Member) {
  const enrolled = connected(world, member);
  const boot = await member.host.bootId();
  const challenge = await underWay(member, async () => {
    const opened = await challengeFor(enrolled, member.host);
    world.oracle.announced(member.id, boot);
    return opened;
  });
  return { enrolled, challenge };
}

export async function attest(world: World, member: Member): Promise<void> {
  const { challenge, enrolled } = await announce(world, member);
  const proof = { id: await member.host.bootId(), kernel: member.kernel, isHonest: member.host.tampering.length === 0 };
  const evidence = await evidenceFor(member.host, challenge);
  await underWay(member, async () => {
    await submit(enrolled, evidence);
    world.oracle.proved(member.id, proof);
  });
}

async function underWay<T>(member: Member, work: () => Promise<T>): Promise<T> {
  member.underWay += 1;
  try {
    return await work();
  } finally {
    member.underWay -= 1;
  }
}

/** As often as the server says; returns how often it was sent away. */
export async function attestWhenAllowed(world: World, member: Member, tries = 0): Promise<number> {
  let sentAway = 0;
  for (; tries + sentAway < mostTries; sentAway += 1) {
    try {
      await attest(world, member);
      return sentAway;
    } catch (error) {
      // Nobody can say whether the server heard what was cut off, until the host is heard again.
      if (error instanceof ApiUnreachable) {
        return sentAway + (await underWay(member, () => attestWhenAllowed(world, member, tries + sentAway + 1)));
      }
      if (!(error instanceof ApiProblem) || error.code !== 'SERVER_BUSY') throw error;
      const seconds = error.retryAfterSeconds;
      assert.ok(seconds !== undefined && seconds >= 1 && seconds <= 900, `Retry-After ${seconds}`);
      await sleep(seconds * 1000 * (1 + Math.random() / 10));
    }
  }
  return assert.fail(`${member.id} was never heard`);
}

/** Powered off and on: nobody hears of it yet. */
export function reboot(member: Member, { kernel = member.kernel, isHonest = true } = {}): void {
  member.kernel = kernel;
  member.host.reboot({ boot: { ...ordinaryBoot, kernel }, tampering: isHonest ? [] : ['changed-initrd'] });
}

export async function quarantine(
  { oracle, server }: World,
  members: readonly Member[],
  seconds?: number,
): Promise<void> {
  const names = members.map(({ id }) => id);
  const expiry = seconds === undefined ? {} : { expiresInSeconds: seconds };
  const body = { hosts: { names }, reason: 'a story', ...expiry };
  const { id } = await server.operator.call('createQuarantine', { body });
  oracle.quarantined(id, names, seconds);
}

/** Every quarantine of the host that holds. */
export async function lift({ oracle, server }: World, { id }: Member): Promise<void> {
  for (const quarantineId of oracle.quarantinesOf(id)) {
    await server.operator.call('liftQuarantine', { path: { quarantineId }, body: { reason: 'over' } });
    oracle.lifted(quarantineId);
  }
}

export async function release({ oracle, server }: World, { id: hostId }: Member): Promise<void> {
  await server.operator.call('releaseHost', { path: { hostId }, body: { reason: 'a story' } });
  oracle.released(hostId);
}

export async function enrolAgain(world: World, member: Member): Promise<void> {
  member.enrolled = await enrol(world, member.host);
  world.oracle.enrolled(member.id);
}

export async function retire({ oracle, server }: World, { id: hostId }: Member): Promise<void> {
  await server.operator.call('retireHost', { path: { hostId }, body: { reason: 'a story' } });
  oracle.retired(hostId);
}

export async function restart(world: World): Promise<void> {
  world.transport.close();
  await world.server.restart();
  world.transport = createTransport({ baseUrl: world.server.url });
}
