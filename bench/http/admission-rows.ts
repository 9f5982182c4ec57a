// What an answer about a host costs the server, one by one and many at once, and how long it takes while the fleet attests.
import { constants, setPriority } from 'node:os';
import process from 'node:process';
import { takeRealtime } from '../../src/server/workers/realtime.ts';
import { measurePairs, type Sample } from '../measure.ts';
import { rowOf, type Row } from '../row.ts';
import { attestationOf } from './attestation-rows.ts';
import { ask, jsonBytes, ofServer, type Bench } from './bench.ts';
import { startChild, type ServerChild } from './child.ts';
import { concurrency, type Exchange } from './load.ts';
import type { ProbeReady, ProbeSettings } from './probe-child.ts';
import type { World } from './world.ts';

/** The question for the verdict of a host, as an orchestrator asks it. */
export function verdictOf({ orchestratorToken }: World, hostId: string): Exchange {
  const headers = { authorization: `Bearer ${orchestratorToken}` };
  return { method: 'GET', path: `/v1/hosts/${hostId}/verdict`, headers };
}

function verdictInLane({ world }: Bench, lane: number): Exchange {
  return verdictOf(world, world.fleet[lane]?.hostId ?? '');
}

/** A GET is soon asked for a thousand times, and goes on getting cheaper for ten thousand: both sides are warm before they are measured. */
const warmer = 2;

export async function measureVerdict(bench: Bench): Promise<Row> {
  const { world, floor, toFloor, toProduct } = bench;
  const effort = { ...bench.effort, warmExchanges: bench.effort.warmExchanges * warmer };
  const { body } = await toProduct.exchange(verdictInLane(bench, 0));
  const hello = (lane: number): Exchange => {
    const verdict = verdictInLane(bench, lane);
    return { ...verdict, headers: { ...verdict.headers, 'x-answer-bytes': body.length } };
  };
  const sides = {
    floor: await ofServer(floor, effort, (lane) => ask(toFloor, hello(lane))),
    product: await ofServer(world.server, effort, (lane) => ask(toProduct, verdictInLane(bench, lane))),
  };
  return rowOf({ name: 'GET verdict: of a node:https hello world', target: 1.3 }, await measurePairs(sides, effort));
}

/** How many times a batch asks about the whole fleet. */
const repeats = 64;

/** One request about many hosts, for each of them, against a request for each. */
export async function measureBatch(bench: Bench): Promise<Row> {
  const { effort, world, toProduct } = bench;
  const hosts = world.fleet.map(({ hostId }) => hostId);
  const body = jsonBytes({ requests: Array.from({ length: repeats }, () => ({ hosts })) });
  const headers = { authorization: `Bearer ${world.orchestratorToken}`, 'content-type': 'application/json' };
  const batch = await ofServer(world.server, { ...effort, warmExchanges: effort.warmExchanges / repeats }, () =>
    ask(toProduct, { method: 'POST', path: '/v1/admission/batches', headers, body }),
  );
  const sides = {
    floor: await ofServer(world.server, effort, (lane) => ask(toProduct, verdictInLane(bench, lane))),
    product: async () => (await batch()) / (hosts.length * repeats),
  };
  return rowOf(
    { name: 'admission batch, for each host: of a GET verdict', target: 0.02 },
    await measurePairs(sides, effort),
  );
}

/** The rows of storms, one server after the other. The load stands for other machines, so it steps back behind all of them; an ordinary user
 * cannot undo that, and whatever is started later is behind them, too: so every server is there before, and every probe. A probe stands for
 * another machine, too: it goes before all, where it may. The hello world does, where admission does. */
export async function measureStorms(benches: readonly Bench[]): Promise<readonly Row[]> {
  const storms = await Promise.all(benches.map(async (bench) => ({ bench, probe: await startProbe(bench) })));
  setPriority(constants.priority.PRIORITY_LOW);
  const rows: Row[] = [];
  for (const { bench, probe } of storms) {
    const { floor, world } = bench;
    await goBefore(world.server.ready.admissionUrl === undefined ? [probe] : [probe, floor]);
    rows.push(...(await measureStorm(bench, probe)));
    await probe.stop();
  }
  return rows;
}

async function goBefore(processes: readonly ServerChild<unknown>[]): Promise<void> {
  for (const { pid } of processes) {
    for (const { message } of await takeRealtime('chrt', pid)) process.stderr.write(`${message}\n`);
  }
}

type Probe = Awaited<ReturnType<typeof startProbe>>;

/** Asks at the address of admission where it has one. */
async function startProbe({ effort, world, floor, toProduct }: Bench) {
  const exchange = verdictOf(world, world.fleet[0]?.hostId ?? '');
  const { body } = await toProduct.exchange(exchange);
  const hello = { ...exchange, headers: { ...exchange.headers, 'x-answer-bytes': body.length } };
  const { ca } = world;
  const { url, admissionUrl } = world.server.ready;
  const settings = {
    product: { url: admissionUrl ?? url, ca, exchange },
    bare: { url: floor.ready.url, ca, exchange: hello },
    count: Math.max(20, effort.sampleMs * 5),
  };
  return startChild<ProbeReady>('probe-child', settings satisfies ProbeSettings);
}

/** Wall time: how long the slowest of a hundred answers takes while every lane attests; against the same on an idle server, and against a
 * bare server that is asked in the same storm. Where there are fewer cores than processes, both wait for one. */
async function measureStorm({ effort, world, toProduct }: Bench, probe: Probe): Promise<readonly Row[]> {
  const product: Sample = () => probe.ask('product');
  const attestation = attestationOf(world, toProduct, 'held');
  const storm = (sample: Sample) => inStorm(attestation, sample);
  const idle = await measurePairs({ floor: product, product: storm(product) }, effort);
  const bare = await measurePairs({ floor: storm(() => probe.ask('bare')), product: storm(product) }, effort);
  const where = world.server.ready.admissionUrl === undefined ? '' : ' at its own address';
  const name = `GET verdict${where} while the fleet attests, p99 (wall time)`;
  return [
    rowOf({ name: `${name}: of p99 when idle`, target: 2 }, idle),
    rowOf({ name: `${name}: of a hello world beside it`, target: 2 }, bare),
  ];
}

/** The same while every lane attests. */
function inStorm(attestation: (lane: number) => Promise<unknown>, sample: Sample): Sample {
  return async () => {
    let isOver = false;
    const lanes = Array.from({ length: concurrency }, async (_, lane) => {
      while (!isOver) await attestation(lane);
    });
    const slowest = await sample();
    isOver = true;
    await Promise.all(lanes);
    return slowest;
  };
}
