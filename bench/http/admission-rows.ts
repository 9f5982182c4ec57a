// What an answer about a host costs the server, one by one and many at once, and how long it takes while the fleet attests.
import { measurePairs, type Sample } from '../measure.ts';
import { rowOf, type Row } from '../row.ts';
import { attestationOf } from './attestation-rows.ts';
import { ask, jsonBytes, ofServer, type Bench } from './bench.ts';
import { startChild } from './child.ts';
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
const warmer = 8;

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

/** Wall time: how long the slowest of a hundred answers takes while every lane attests, against the same on an idle server. The load has
 * one core of two and the server the other: what the probe waits for a core is in it too. */
export async function measureStorm(bench: Bench): Promise<Row> {
  const { effort, world, toProduct } = bench;
  const exchange = verdictInLane(bench, 0);
  const settings = { url: world.server.ready.url, ca: world.ca, exchange, count: Math.max(20, effort.sampleMs * 20) };
  const probe = await startChild<ProbeReady>('probe-child', settings satisfies ProbeSettings);
  const idle: Sample = () => probe.ask('p99');
  const storm: Sample = async () => {
    let isOver = false;
    const attestation = attestationOf(world, toProduct, 'held');
    const lanes = Array.from({ length: concurrency }, async (_, lane) => {
      while (!isOver) await attestation(lane);
    });
    const slowest = await idle();
    isOver = true;
    await Promise.all(lanes);
    return slowest;
  };
  const row = rowOf(
    { name: 'GET verdict while the fleet attests, p99 (wall time): of p99 when idle', target: 2 },
    await measurePairs({ floor: idle, product: storm }, effort),
  );
  await probe.stop();
  return row;
}
