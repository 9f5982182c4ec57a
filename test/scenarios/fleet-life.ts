// The life of a fleet, driven by the simulator: boot, steady state, power cut, mass update, compromise, silence. Used by the
// test with a few hundred hosts and by `npm run fleet` with as many as wanted.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiProblem, ApiUnreachable, createApiClient } from '../../src/api/index.ts';
import { createFleet, ordinaryBoot, type PaperHost } from '../../src/simulator/index.ts';
import {
  applyPolicy,
  attest,
  authority,
  authorise,
  approveBoot,
  enrol,
  challengeFor,
  evidenceFor,
  submit,
  trustSimulator,
  type EnrolledHost,
  type Operator,
} from '../support/paper-story.ts';
import type { TestServer } from '../support/test-server.ts';

export interface FleetMember {
  readonly host: PaperHost;
  readonly enrolled: EnrolledHost;
  /** `announced`: it said that it has booted again, and the server has no evidence of that boot yet. */
  state: 'settled' | 'announced';
}

export interface Herd {
  /** How often the server sent somebody away, with an appointment. */
  readonly refusals: number;
  /** How often no answer came at all. */
  readonly cuts: number;
  readonly longestWaitSeconds: number;
  readonly seconds: number;
}

/** A fleet whose boot two operators have approved. Nobody but the first host has attested under the policy. */
export async function createPaperFleet(
  server: TestServer,
  size: number,
): Promise<{ readonly fleet: readonly FleetMember[]; readonly operators: readonly Operator[] }> {
  await trustSimulator(server);
  const waiting = [...createFleet({ seed: 'fleet life', size, authority })];
  const fleet: FleetMember[] = [];
  // One operator may enrol half of what the server takes at once.
  await inParallel(waiting, 3, async (host) => {
    const enrolled = await enrol(server, host);
    enrolled.client.close();
    fleet.push({ host, enrolled, state: 'settled' });
  });
  fleet.sort((left, right) => (left.host.name < right.host.name ? -1 : 1));
  const operators = [await authorise(server, 'alice'), await authorise(server, 'bob')];
  const [first] = fleet;
  assert.ok(first);
  await approve(server, first, operators);
  await applyPolicy(server, 'fleet', { verdictSeconds: 3600 });
  return { fleet, operators };
}

/** What the host boots now becomes golden. */
export async function approve(server: TestServer, member: FleetMember, operators: readonly Operator[]): Promise<void> {
  await attest(
    { ...member.enrolled, client: server.client(member.enrolled.token, member.enrolled.prove) },
    member.host,
  );
  await approveBoot(server, member.enrolled.hostId, operators);
}

/** All of them come at the same moment, as after a power cut, and do what the server says until it has heard them. */
export async function storm(server: TestServer, members: readonly FleetMember[]): Promise<Herd> {
  const tally = { refusals: 0, cuts: 0, longestWaitSeconds: 0 };
  const startedAt = performance.now();
  await Promise.all(members.map((member) => visit(server, member, tally)));
  return { ...tally, seconds: (performance.now() - startedAt) / 1000 };
}

/** Far beyond any appointment: only a server that forgets hosts needs more. */
const maximumVisits = 200;

async function visit(
  server: TestServer,
  member: FleetMember,
  tally: { refusals: number; cuts: number; longestWaitSeconds: number },
): Promise<void> {
  const client = createApiClient({
    baseUrl: server.url,
    token: member.enrolled.token,
    prove: member.enrolled.prove,
    timeoutMs: 120_000,
  });
  const enrolled = { ...member.enrolled, client };
  try {
    for (let attempt = 0; attempt < maximumVisits; attempt += 1) {
      try {
        const challenge = await challengeFor(enrolled, member.host);
        member.state = 'announced';
        await submit(enrolled, await evidenceFor(member.host, challenge));
        member.state = 'settled';
        return;
      } catch (error) {
        const waitSeconds = appointmentOf(error);
        if (waitSeconds === undefined) tally.cuts += 1;
        else tally.refusals += 1;
        tally.longestWaitSeconds = Math.max(tally.longestWaitSeconds, waitSeconds ?? 0);
        // As the agent does: never sooner than asked, and up to a tenth later.
        await sleep((waitSeconds ?? 1) * 1000 * (1 + Math.random() / 10));
      }
    }
  } finally {
    client.close();
  }
  assert.fail(`${member.host.name} was never heard`);
}

/** Undefined when the connection was cut; every other refusal than SERVER_BUSY is a failure of the test. */
function appointmentOf(error: unknown): number | undefined {
  if (error instanceof ApiUnreachable) return undefined;
  if (!(error instanceof ApiProblem) || error.code !== 'SERVER_BUSY') throw error;
  assert.equal(error.status, 503);
  const seconds = error.retryAfterSeconds;
  assert.ok(seconds !== undefined && seconds >= 1 && seconds <= 900, `Retry-After ${seconds}`);
  return seconds;
}

/** The decision about each member, by host, in batches as a scheduler asks. */
export async function decisions(server: TestServer, members: readonly FleetMember[]): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  for (let start = 0; start < members.length; start += 1000) {
    const hosts = members.slice(start, start + 1000).map(({ enrolled }) => enrolled.hostId);
    const { items } = await server.operator.call('createAdmissionBatch', { body: { requests: [{ hosts }] } });
    for (const { host, decision } of items[0] ?? []) answers.set(host, decision);
  }
  return answers;
}

export function rebootAll(members: readonly FleetMember[], kernel: string): void {
  for (const { host } of members) host.reboot({ boot: { ...ordinaryBoot, kernel }, tampering: [] });
}

async function inParallel<T>(items: readonly T[], width: number, work: (item: T) => Promise<void>): Promise<void> {
  const left = items.values();
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const item of left) await work(item);
    }),
  );
}
