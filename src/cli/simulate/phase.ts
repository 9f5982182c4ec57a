// One phase of a simulation: hosts come as planned, and what became of each is counted.
import process from 'node:process';
import { createTransport, readTlsOnce } from '../../api/index.ts';
import { sleepUnless } from '../signals.ts';
import { planArrivals, type ArrivalName, type ArrivalOptions } from './arrivals.ts';
import { drawOrder, type SimulatedHost } from './fleet.ts';
import { inLanes } from './lanes.ts';
import { createTally, outcomes, type Tally } from './tally.ts';
import { cpuBetween, type ServerUsage } from './usage.ts';
import { visit, type Road } from './visit.ts';

export interface PhaseOptions extends ArrivalOptions {
  readonly seed: string;
  readonly arrival: ArrivalName;
  /** How many hosts may talk, or wait to be let in, at once. */
  readonly concurrency: number;
  readonly reconnect: boolean;
}

export interface PhaseWorld extends Omit<Road, 'kept'> {
  readonly usage: () => Promise<ServerUsage | undefined>;
  readonly onProgress: (tally: Tally) => void;
}

export interface PhaseResult {
  readonly arrival: ArrivalName;
  readonly seconds: number;
  readonly attestations: number;
  readonly tally: Tally;
  /** What the server used meanwhile, where it can be seen. */
  readonly serverCpuMicroseconds: number | undefined;
  /** Share of the time in which the server had nothing to do, where it can be seen. */
  readonly serverIdle: number | undefined;
  /** Share of one core that the simulation itself used: near 1 it was the limit, not the server. */
  readonly ownLoad: number;
}

export async function runPhase(
  world: PhaseWorld,
  members: readonly SimulatedHost[],
  options: PhaseOptions,
): Promise<PhaseResult> {
  const { arrival, concurrency, reconnect, seed } = options;
  const tally = createTally();
  const order = drawOrder(members, `${seed} ${arrival}`);
  if (arrival === 'power-cut') for (const { host } of order) host.reboot();
  const kept = reconnect ? undefined : createTransport(world.server);
  const road: Road = { ...world, server: readTlsOnce(world.server), kept };
  const before = await world.usage();
  const ownBefore = process.cpuUsage();
  const begun = performance.now();
  const isOver = (): boolean => arrival === 'full-speed' && performance.now() - begun >= options.durationSeconds * 1000;
  const oneAtATime = createTurns();
  const arriving = takeUntil(planArrivals(arrival, order, options), isOver);
  await inLanes(
    arriving,
    Math.min(concurrency, members.length),
    async ({ member, atMs }) => {
      await sleepUnless(begun + atMs - performance.now(), world.signal);
      if (world.signal.aborted) return;
      // Who comes as fast as the server answers wants nothing earlier than that.
      const since = arrival === 'full-speed' ? performance.now() : begun + atMs;
      await oneAtATime(member, () => visit(road, member, tally, since));
      world.onProgress(tally);
    },
    world.signal,
  );
  const seconds = (performance.now() - begun) / 1000;
  const own = process.cpuUsage(ownBefore);
  const after = await world.usage();
  const busy = before?.busyMicroseconds && after?.busyMicroseconds && after.busyMicroseconds - before.busyMicroseconds;
  const attestations = outcomes.reduce((sum, outcome) => sum + tally.outcomes[outcome], 0);
  kept?.close();
  return {
    arrival,
    seconds,
    attestations,
    tally,
    serverCpuMicroseconds: cpuBetween(before, after, attestations),
    serverIdle: busy === undefined ? undefined : Math.max(0, 1 - busy / 1_000_000 / seconds),
    ownLoad: (own.user + own.system) / 1_000_000 / seconds,
  };
}

function* takeUntil<T>(items: Iterable<T>, isOver: () => boolean): Generator<T> {
  for (const item of items) {
    if (isOver()) return;
    yield item;
  }
}

/** A machine has one agent: what it does next waits for what it does now. */
function createTurns(): (member: SimulatedHost, work: () => Promise<void>) => Promise<void> {
  const underWay = new Map<SimulatedHost, Promise<void>>();
  return (member, work) => {
    const turn = (underWay.get(member) ?? Promise.resolve()).then(work);
    underWay.set(member, turn);
    return turn;
  };
}
