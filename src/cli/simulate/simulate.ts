// A whole simulation: a server, a fleet that enrols and comes to be trusted, phases of load, and the end of all of it.
import { setMaxListeners } from 'node:events';
import { createApiClient } from '../../api/index.ts';
import type { FleetBoot, Tampering } from '../../simulator/index.ts';
import type { ArrivalName } from './arrivals.ts';
import { trustFleet } from './approve.ts';
import { enrolFleet, tamperFleet, type SimulatedHost } from './fleet.ts';
import { runPhase, type PhaseResult } from './phase.ts';
import type { Progress } from './progress.ts';
import { labelFleet, prefixOf, withJoinToken, type SimulationServer } from './server.ts';
import type { ServerUsage } from './usage.ts';
import type { Road } from './visit.ts';

export interface SimulationOptions {
  readonly hosts: number;
  readonly seed: string;
  readonly boots: readonly FleetBoot[];
  readonly firmwareBuilds: number;
  readonly kernelBuilds: number;
  readonly ownBootEntries: boolean;
  readonly tampered: { readonly share: number; readonly names: readonly Tampering[] };
  readonly arrivals: readonly ArrivalName[];
  readonly intervalSeconds: number;
  readonly durationSeconds: number;
  /** Per phase; undefined: no limit but the duration. */
  readonly attestations: number | undefined;
  /** Undefined: what suits the arrival. */
  readonly concurrency: number | undefined;
  readonly reconnect: boolean;
  readonly now: Date;
}

export interface SimulationResult {
  /** Undefined where it was ended before that was done. */
  readonly enrolSeconds: number | undefined;
  readonly trustSeconds: number | undefined;
  readonly tamperedHosts: number;
  readonly phases: readonly PhaseResult[];
  readonly usage: ServerUsage | undefined;
  readonly dataBytes: number | undefined;
  readonly interrupted: boolean;
}

/** What one server takes well on connections that are kept; whoever comes after a power cut comes whatever it takes. */
const usualConcurrency = 16;
const sockets = 2000;

/** @throws CliError CLI_SIMULATION_UNTRUSTED; ApiProblem, ApiUnreachable, AgentError */
export async function simulate(
  target: SimulationServer,
  options: SimulationOptions,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<SimulationResult> {
  const { server } = target;
  const api = createApiClient({ ...server, token: target.operatorToken });
  const road: Road = { server, kept: undefined, signal, random: Math.random };
  const phases: PhaseResult[] = [];
  // Every host that waits listens to it.
  setMaxListeners(0, signal);
  try {
    const enrolment = await timed(() => enrol(target, options, { progress, signal }));
    const members = enrolment.value;
    const isWhole = !signal.aborted;
    const trust = await timed(async () => {
      progress.say('labelling the hosts, and approving what they boot');
      await labelFleet(api, members);
      await trustFleet(api, road, members, target);
    });
    const isTrusted = !signal.aborted;
    const tamperedHosts = tamperFleet(members, { ...options.tampered, seed: options.seed });
    for (const arrival of signal.aborted ? [] : options.arrivals) {
      const onProgress = progress.phase(arrival);
      const usual = arrival === 'full-speed' ? usualConcurrency : sockets;
      const limits = { limit: options.attestations ?? Infinity, concurrency: options.concurrency ?? usual };
      const world = { ...road, usage: target.usage, onProgress };
      phases.push(await runPhase(world, members, { ...options, ...limits, arrival }));
    }
    return {
      enrolSeconds: isWhole ? enrolment.seconds : undefined,
      trustSeconds: isTrusted ? trust.seconds : undefined,
      tamperedHosts,
      phases,
      usage: await target.usage(),
      dataBytes: target.dataBytes(),
      interrupted: signal.aborted,
    };
  } finally {
    progress.end();
    api.close();
  }
}

/** Hosts are told apart by their seed: another seed is another fleet, with other names and other TPMs. */
async function enrol(
  target: SimulationServer,
  { boots, firmwareBuilds, hosts, kernelBuilds, now, ownBootEntries, seed }: SimulationOptions,
  { progress, signal }: { readonly progress: Progress; readonly signal: AbortSignal },
): Promise<readonly SimulatedHost[]> {
  const { authority, secret, server } = target;
  const fleet = {
    seed: `${secret} ${seed}`,
    prefix: prefixOf(secret, seed),
    size: hosts,
    authority,
    boots,
    firmwareBuilds,
    kernelBuilds,
    ownBootEntries,
    // The same fleet may have lived on this server before: its TPMs have counted on since.
    earlierBoots: Math.floor(now.getTime() / 1000),
  };
  const api = createApiClient({ ...server, token: target.operatorToken });
  try {
    return await withJoinToken(api, hosts, (joinToken) =>
      enrolFleet(fleet, { server, joinToken, signal, onHost: progress.enrolled(hosts) }),
    );
  } finally {
    api.close();
  }
}

async function timed<T>(work: () => Promise<T>): Promise<{ readonly value: T; readonly seconds: number }> {
  const begun = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - begun) / 1000 };
}
