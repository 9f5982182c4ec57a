// What an attestation costs the server.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { createCase } from '../evidence.ts';
import { commitFloor, tokenFloor } from '../floors.ts';
import { inProcess, measurePairs, type Sample } from '../measure.ts';
import { nativeInput, nativeSignature, nativeWork } from '../native-work.ts';
import { rowOf, type Row } from '../row.ts';
import { ask, jsonBytes, ofServer, type Bench } from './bench.ts';
import type { Answer, Connections } from './load.ts';
import { answerChallenge, type OpenChallenge, type World } from './world.ts';

/** One attestation, whatever requests it takes, against the sum of what it cannot do without. */
export async function measureAttestation(bench: Bench, log: 'sent' | 'held'): Promise<Row> {
  const { effort, world, floor, toFloor, toProduct, folder } = bench;
  const attestation = attestationOf(world, toProduct, log);
  const size = await attestation(0);
  const echo = { method: 'POST', path: '/', headers: { 'x-answer-bytes': 900 }, body: new Uint8Array(size) } as const;
  const question = {
    method: 'POST',
    path: '/',
    headers: { 'x-answer-bytes': 900 },
    body: new Uint8Array(100),
  } as const;
  const native = nativeInput(await createCase('ecc'));
  const commit = commitFloor(join(folder, `floor-${log}.db`));
  const signature = inProcess(() => nativeSignature(native), effort);
  const evidence = [
    await ofServer(floor, effort, () => ask(toFloor, echo)),
    // The proof of the request.
    signature,
    log === 'sent' ? inProcess(() => nativeWork(native), effort) : signature,
    inProcess(tokenFloor(), effort),
    commit.sample(effort),
  ];
  const challenge = log === 'sent' ? [await ofServer(floor, effort, () => ask(toFloor, question)), signature] : [];
  const product = await ofServer(world.server, effort, attestation);
  const pairs = await measurePairs({ floor: sumOf([...challenge, ...evidence]), product }, effort);
  commit.close();
  const [what, target] = log === 'sent' ? (['log sent', 2] as const) : (['log unchanged', 2.3] as const);
  return rowOf({ name: `attestation over HTTPS, ${what}: of the sum of its floors`, target }, pairs);
}

/** Runs one attestation of a lane's host; resolves to the bytes of evidence it sent. A steady host, whose log is held, answers the challenge
 * that came with the answer before; one that sends its log has booted, and asks for a challenge first. */
export function attestationOf({ fleet }: World, connections: Connections, log: 'sent' | 'held') {
  const kept = new Map<number, OpenChallenge>();
  return async (lane: number): Promise<number> => {
    const member = fleet[lane];
    if (member === undefined) throw new TypeError('a host for each lane');
    const { host, hostId, token, prove } = member;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const bytes = (await host.eventLog()) ?? new Uint8Array();
    const logs = log === 'sent' ? {} : { eventLog: { sha256: sha256(bytes), length: bytes.length } };
    const post = async (path: string, body: Uint8Array, more: object = {}): Promise<Answer> => {
      const proof = await prove({ method: 'POST', path, body, at: Date.now() });
      return ask(connections, {
        method: 'POST',
        path,
        headers: { ...headers, ...more, 'touchstone-proof': proof },
        body,
      });
    };
    const asked = async (): Promise<OpenChallenge> => {
      const answer = await post(`/v1/hosts/${hostId}/challenges`, jsonBytes({ logs }));
      return JSON.parse(answer.body.toString()) as OpenChallenge;
    };
    const challenge = kept.get(lane) ?? (await asked());
    const body = jsonBytes(await answerChallenge(host, challenge, log === 'sent'));
    const { headers: answered } = await post(`/v1/hosts/${hostId}/attestations`, body, {
      accept: 'application/eat+jwt',
    });
    if (log === 'held') kept.set(lane, challengeOf(answered['touchstone-next-challenge']));
    return body.length;
  };
}

function challengeOf(header: string | string[] | undefined): OpenChallenge {
  return JSON.parse(Buffer.from(String(header), 'base64url').toString()) as OpenChallenge;
}

function sumOf(parts: readonly Sample[]): Sample {
  return async () => {
    let sum = 0;
    for (const part of parts) sum += await part();
    return sum;
  };
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
