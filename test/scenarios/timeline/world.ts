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
import { encodeDenyList, denyPayloadType } from '../../../src/core/deny/index.ts';
import { decodeBase64, encodeBase64 } from '../../../src/core/encoding/index.ts';
import { parseEventLog } from '../../../src/core/event-log/index.ts';
import { createFleet, ordinaryBoot, type PaperHost } from '../../../src/simulator/index.ts';
import {
  applyPolicy,
  authority,
  authorise,
  bootLayers,
  challengeFor,
  evidenceFor,
  propose,
  signStatement,
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

export interface World {
  readonly server: TestServer;
  readonly fleet: readonly Member[];
  readonly oracle: Oracle;
  readonly operators: readonly Operator[];
  /** Kernel layers by kernel: what was signed last, under which id. */
  readonly kernels: Map<string, { readonly statement: Statement; readonly goldenId: string }>;
  transport: Transport;
  issues: number;
}

/** How often a host comes until it is given up: none may be. */
const mostTries = 100;

/** How many hosts talk at once when they do not come all together. The server takes no more than that, and sends a herd away. */
export const lanes = 6;
/** One process plays server and fleet: what it takes to play ten thousand hosts must not look like hosts that send slowly. */
const settings = { limits: { hostRequests: 2 * (lanes + 1), headersSeconds: 60 } };

/** Hosts that are enrolled, two operators, a policy; nothing is golden yet. */
export async function createWorld(size: number, onEnrolled: (count: number) => void = () => undefined): Promise<World> {
  const server = await startTestServer({ settings });
  await trustSimulator(server);
  const fleet: Member[] = [];
  const oracle = createOracle(() => server.now().getTime(), verdictSeconds);
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

/** What the host attested last becomes golden: of its kernel a document that was never signed before. */
export async function approve(world: World, member: Member): Promise<void> {
  const { operators, server } = world;
  const path = { hostId: member.id };
  const { statements } = await server.operator.call('createCapture', { path, body: { layers: bootLayers } });
  for (const statement of statements) {
    const signed = statement.layer === 'kernel' ? rewritten(world, statement) : statement;
    const { id } = await propose(server, signed, operators);
    if (statement.layer === 'kernel') world.kernels.set(member.kernel, { statement: signed, goldenId: id });
  }
  world.oracle.approved(member.kernel);
}

interface Acceptance {
  readonly id: string;
  readonly reason: string;
}

/** The same layer in another document. What was revoked comes back only where the document says that it is meant. */
function rewritten(world: World, { payload, payloadType }: Statement, accepts: readonly Acceptance[] = []): Statement {
  world.issues += 1;
  const statement = JSON.parse(Buffer.from(decodeBase64(payload)).toString()) as {
    predicate: { readonly acceptsRevoked?: readonly Acceptance[] };
  };
  const acceptsRevoked = [...(statement.predicate.acceptsRevoked ?? []), ...accepts];
  const predicate = {
    ...statement.predicate,
    description: `issue ${world.issues}`,
    ...(acceptsRevoked.length > 0 && { acceptsRevoked }),
  };
  return { payloadType, payload: encodeBase64(Buffer.from(JSON.stringify({ ...statement, predicate }))) };
}

/** What was revoked, after the hole turned out to be none. */
export async function approveAgain(world: World, kernel: string): Promise<void> {
  const known = world.kernels.get(kernel);
  assert.ok(known);
  const statement = rewritten(world, known.statement, [{ id: known.goldenId, reason: 'no hole after all' }]);
  const { id } = await propose(world.server, statement, world.operators);
  world.kernels.set(kernel, { statement, goldenId: id });
  world.oracle.approved(kernel);
}

export async function revoke({ kernels, oracle, server }: World, kernel: string): Promise<void> {
  const path = { goldenId: kernels.get(kernel)?.goldenId ?? '' };
  await server.operator.call('revokeGoldenMeasurement', { path, body: { reason: 'a hole' } });
  oracle.revoked(kernel);
}

/** No host may run this kernel, whatever is golden. `member` runs it. */
export async function deny(world: World, member: Member): Promise<void> {
  const log = parseEventLog((await member.host.eventLog()) ?? new Uint8Array());
  const images = log.events.filter(({ pcr, untrustedType }) => pcr === 4 && untrustedType === 0x80000003);
  const digest = images.at(-1)?.digests.get('sha256');
  assert.ok(digest);
  world.issues += 1;
  const entry = {
    id: 'kernel',
    reason: 'a hole',
    cves: [],
    denies: { kind: 'measurement', digests: new Map([['sha256', digest]]) },
  };
  const list = encodeDenyList({
    name: 'fleet',
    version: world.issues,
    issuedAt: world.server.now(),
    entries: [entry as never],
  });
  const document = { payloadType: denyPayloadType, payload: encodeBase64(list) };
  const signatures = world.operators.map((operator) => ({ sig: signStatement(operator, document) }));
  await world.server.operator.call('importDenyList', { body: { envelope: { ...document, signatures } } });
  world.oracle.denied(member.kernel);
}

export async function removeDenyList({ oracle, server }: World, kernel: string): Promise<void> {
  await server.operator.call('removeDenyList', { path: { denyListName: 'fleet' }, body: { reason: 'over' } });
  oracle.undenied(kernel);
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
