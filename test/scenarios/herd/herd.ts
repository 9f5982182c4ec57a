// A thundering herd: every host of a fleet boots at the same moment and dials the one server, each on a connection of its own, over
// TLS. The server is a process of its own, and so is the fleet: `touchstone simulate`.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { touchstone } from '../../support/program.ts';

/** A server with ten thousand hosts enrolled and nobody there, and 90 kB for each of the 8192 connections that there may be. */
export const mostServerBytes = 450_000_000 + 8192 * 90_000;

export interface Herd {
  readonly hosts: number;
  readonly trusted: number;
  readonly lost: number;
  /** How often one was told to come back, and how many of those came back and were heard. */
  readonly sentAway: number;
  readonly cameBack: number;
  /** How often one host was told to, at most. */
  readonly sentAwayMost: number;
  /** How often with a challenge in its hands. */
  readonly sentAwayBegun: number;
  readonly cutOff: number;
  readonly errors: number;
  readonly seconds: number;
  /** From the moment when all dialled until a host had its verdict: half of them, the last. */
  readonly heardMs: { readonly p50: number; readonly max: number };
  readonly serverBytes: number;
  readonly serverCpuSeconds: number;
  /** Share of the time in which it had nothing to do. */
  readonly serverIdle: number | undefined;
  /** Share of a core that the fleet used itself: near 1 it was the limit. */
  readonly fleetLoad: number;
}

/** What `touchstone simulate --json` says, as far as it matters here. */
interface Document {
  readonly server: { readonly peakBytes: number };
  readonly phases: readonly (Pick<
    Herd,
    | 'lost'
    | 'sentAway'
    | 'sentAwayMost'
    | 'sentAwayBegun'
    | 'cameBack'
    | 'cutOff'
    | 'errors'
    | 'seconds'
    | 'heardMs'
    | 'serverIdle'
  > & {
    readonly attestations: number;
    readonly outcomes: { readonly trusted: number };
    readonly simulationLoad: number;
    readonly serverCpu: { readonly perAttestationMicroseconds: number };
  })[];
}

/** @throws Error with what the command said when there is nothing to count */
export async function runHerd(hosts: number): Promise<Herd> {
  const load = ['--hosts', `${hosts}`, '--arrival', 'power-cut', '--concurrency', `${hosts}`, '--reconnect', '--json'];
  const child = spawn(process.execPath, [...touchstone, 'simulate', ...load], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (part: Buffer) => (text += part.toString()));
  await once(child, 'close');
  const { phases, server } = JSON.parse(text) as Partial<Document>;
  const [phase] = phases ?? [];
  if (phase === undefined || server === undefined) throw new Error(text);
  const { attestations, outcomes, simulationLoad, serverCpu, ...counted } = phase;
  return {
    hosts,
    ...counted,
    trusted: outcomes.trusted,
    serverBytes: server.peakBytes,
    serverCpuSeconds: (serverCpu.perAttestationMicroseconds * attestations) / 1e6,
    fleetLoad: simulationLoad,
  };
}
