// What a request costs the server: its CPU time, over HTTPS on kept connections, durable, with signed tokens.
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCase } from '../evidence.ts';
import { commitFloor, tokenFloor } from '../floors.ts';
import { inProcess, measurePairs, type Effort, type Sample } from '../measure.ts';
import { nativeInput, nativeSignature, nativeWork } from '../native-work.ts';
import { rowOf, type Row } from '../row.ts';
import { startChild, type ServerChild } from './child.ts';
import { connect, drive, type Connections, type Exchange } from './load.ts';
import { makeTlsFiles } from './tls.ts';
import { answerChallenge, createTrustedWorld, type OpenChallenge, type World } from './world.ts';

export async function measureHttp(effort: Effort): Promise<readonly Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'touchstone-bench-'));
  const tls = makeTlsFiles(folder);
  const floor = await startChild<{ readonly url: string }>('floor-child', tls);
  try {
    const world = await createTrustedWorld(folder, tls);
    const bench: Bench = {
      effort,
      folder,
      world,
      floor,
      toFloor: connect(floor.ready.url, readFileSync(tls.certFile, 'utf8')),
      toProduct: connect(world.server.ready.url, world.ca),
    };
    try {
      return [
        await measureVerdict(bench),
        await measureAttestation(bench, 'sent'),
        await measureAttestation(bench, 'held'),
      ];
    } finally {
      bench.toFloor.close();
      bench.toProduct.close();
      await world.server.stop();
    }
  } finally {
    await floor.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Bench {
  readonly effort: Effort;
  readonly folder: string;
  readonly world: World;
  readonly floor: ServerChild<unknown>;
  readonly toFloor: Connections;
  readonly toProduct: Connections;
}

async function measureVerdict({ effort, world, floor, toFloor, toProduct }: Bench): Promise<Row> {
  const headers = { authorization: `Bearer ${world.orchestratorToken}` };
  const path = (lane: number): string => `/v1/hosts/${world.fleet[lane]?.hostId ?? ''}/verdict`;
  const { body } = await toProduct.exchange({ method: 'GET', path: path(0), headers });
  const hello = { ...headers, 'x-answer-bytes': body.length };
  const sides = {
    floor: await ofServer(floor, effort, (lane) => ask(toFloor, { method: 'GET', path: path(lane), headers: hello })),
    product: await ofServer(world.server, effort, (lane) =>
      ask(toProduct, { method: 'GET', path: path(lane), headers }),
    ),
  };
  return rowOf({ name: 'GET verdict: of a node:https hello world', target: 1.3 }, await measurePairs(sides, effort));
}

/** One attestation, whatever requests it takes, against the sum of what it cannot do without. */
async function measureAttestation(bench: Bench, log: 'sent' | 'held'): Promise<Row> {
  const { effort, world, floor, toFloor, toProduct, folder } = bench;
  const attestation = attestationOf(world, toProduct, log);
  const size = await attestation(0);
  const echo = { method: 'POST', path: '/', headers: { 'x-answer-bytes': 900 }, body: new Uint8Array(size) } as const;
  const native = nativeInput(await createCase('ecc'));
  const commit = commitFloor(join(folder, `floor-${log}.db`));
  const parts = [
    await ofServer(floor, effort, () => ask(toFloor, echo)),
    inProcess(() => (log === 'sent' ? nativeWork(native) : nativeSignature(native)), effort),
    inProcess(tokenFloor(), effort),
    commit.sample(effort),
  ];
  const product = await ofServer(world.server, effort, attestation);
  const pairs = await measurePairs({ floor: sumOf(parts), product }, effort);
  commit.close();
  const [what, target] = log === 'sent' ? (['log sent', 2] as const) : (['log unchanged', 2.3] as const);
  return rowOf({ name: `attestation over HTTPS, ${what}: of the sum of its floors`, target }, pairs);
}

/** Runs one attestation of a lane's host; resolves to the bytes of evidence it sent. */
function attestationOf({ fleet }: World, connections: Connections, log: 'sent' | 'held') {
  return async (lane: number): Promise<number> => {
    const member = fleet[lane];
    if (member === undefined) throw new TypeError('a host for each lane');
    const { host, hostId, token, prove } = member;
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
    const bytes = (await host.eventLog()) ?? new Uint8Array();
    const logs = log === 'sent' ? {} : { eventLog: { sha256: sha256(bytes), length: bytes.length } };
    const post = async (path: string, body: Uint8Array, more: object = {}): Promise<string> => {
      const proof = await prove({ method: 'POST', path, body, at: Date.now() });
      return ask(connections, {
        method: 'POST',
        path,
        headers: { ...headers, ...more, 'touchstone-proof': proof },
        body,
      });
    };
    const opened = await post(`/v1/hosts/${hostId}/challenges`, jsonBytes({ logs }));
    const body = jsonBytes(await answerChallenge(host, JSON.parse(opened) as OpenChallenge, log === 'sent'));
    await post(`/v1/hosts/${hostId}/attestations`, body, { accept: 'application/eat+jwt' });
    return body.length;
  };
}

async function ask(connections: Connections, exchange: Exchange): Promise<string> {
  const { status, body } = await connections.exchange(exchange);
  if (status >= 300) throw new TypeError(`${exchange.method} ${exchange.path} answered ${status}: ${body.toString()}`);
  return body.toString();
}

/** CPU time of a server for each `work`. */
async function ofServer(
  server: ServerChild<unknown>,
  { sampleMs, warmExchanges }: Effort,
  work: (lane: number) => Promise<unknown>,
): Promise<Sample> {
  await drive(warmExchanges, work);
  const measure = async (count: number): Promise<number> => {
    const before = await server.cpu();
    await drive(count, work);
    return (await server.cpu()) - before;
  };
  let count = 16;
  while ((await measure(count)) < sampleMs * 1000) count *= 2;
  return async () => (await measure(count)) / count;
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

function jsonBytes(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}
