// What an attestation costs the server.
import { createHash } from 'node:crypto';
import { measurePairs } from '../measure.ts';
import { rowOf, type Row } from '../row.ts';
import { ask, jsonBytes, ofServer, type Bench } from './bench.ts';
import { floorHeader, type FloorWork } from './floor-work.ts';
import type { Answer, Connections } from './load.ts';
import { answerChallenge, type FleetHost, type OpenChallenge, type World } from './world.ts';

/** Sent by a host that booted; held by the server where nothing changed. */
type Log = 'sent' | 'held';

/** One attestation, whatever requests it takes, against a bare server that is sent the same bytes and does what cannot be left out. The same
 * load makes each quote and each proof for both: what keeps one core busy makes work on the other dearer. */
export async function measureAttestation(bench: Bench, log: Log): Promise<Row> {
  const { effort, world, floor, toProduct } = bench;
  const sides = {
    floor: await ofServer(floor, effort, await bareAttestationOf(bench, log)),
    product: await ofServer(world.server, effort, attestationOf(world, toProduct, log)),
  };
  const [what, target] = log === 'sent' ? (['log sent', 2] as const) : (['log unchanged', 2.3] as const);
  return rowOf({ name: `attestation over HTTPS, ${what}: of its floors`, target }, await measurePairs(sides, effort));
}

/** Runs one attestation of a lane's host. A steady host, whose log is held, answers the challenge that came with the answer before; one that
 * sends its log has booted, and asks for a challenge first. */
export function attestationOf(world: World, connections: Connections, log: Log): (lane: number) => Promise<void> {
  const kept = new Map<number, OpenChallenge>();
  return async (lane) => {
    const member = memberOf(world, lane);
    const to = { connections, log };
    const challenge = kept.get(lane) ?? challengeIn(await askForChallenge(member, to));
    const answer = await answerWith(member, challenge, to);
    if (log === 'held') kept.set(lane, nextIn(answer));
  };
}

/** The same requests to a server that knows no hosts: each answers a challenge that the product drew, again and again. */
async function bareAttestationOf({ world, toFloor, toProduct }: Bench, log: Log) {
  const [first, product] = [memberOf(world, 0), { connections: toProduct, log }];
  const asked = challengeIn(await askForChallenge(first, product));
  const challenge = log === 'sent' ? asked : nextIn(await answerWith(first, asked, product));
  const to = (work: FloorWork) => ({
    connections: toFloor,
    log,
    headers: { [floorHeader]: work, 'x-answer-bytes': 900 },
  });
  return async (lane: number): Promise<void> => {
    const member = memberOf(world, lane);
    if (log === 'sent') await askForChallenge(member, to('challenge'));
    await answerWith(member, challenge, to(log));
  };
}

interface To {
  readonly connections: Connections;
  readonly log: Log;
  readonly headers?: Readonly<Record<string, string | number>>;
}

async function askForChallenge(member: FleetHost, to: To): Promise<Answer> {
  const { log } = member;
  const logs = to.log === 'sent' ? {} : { eventLog: { sha256: sha256(log), length: log.length } };
  return post(member, { ...to, path: 'challenges', body: jsonBytes({ logs }) });
}

async function answerWith(member: FleetHost, challenge: OpenChallenge, to: To): Promise<Answer> {
  const body = jsonBytes(await answerChallenge(member, challenge, to.log === 'sent'));
  const headers = { ...to.headers, accept: 'application/eat+jwt' };
  return post(member, { ...to, path: 'attestations', body, headers });
}

interface Post extends To {
  readonly path: string;
  readonly body: Uint8Array;
}

async function post({ hostId, token, prove }: FleetHost, { connections, path: end, body, headers }: Post) {
  const path = `/v1/hosts/${hostId}/${end}`;
  const proof = await prove({ method: 'POST', path, body, at: Date.now() });
  const own = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'touchstone-proof': proof };
  return ask(connections, { method: 'POST', path, headers: { ...own, ...headers }, body });
}

function memberOf({ fleet }: World, lane: number): FleetHost {
  const member = fleet[lane];
  if (member === undefined) throw new TypeError('a host for each lane');
  return member;
}

function challengeIn({ body }: Answer): OpenChallenge {
  return JSON.parse(body.toString()) as OpenChallenge;
}

function nextIn({ headers }: Answer): OpenChallenge {
  return JSON.parse(Buffer.from(String(headers['touchstone-next-challenge']), 'base64url').toString()) as OpenChallenge;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
