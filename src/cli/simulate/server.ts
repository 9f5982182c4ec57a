// The server of a simulation, its own or a given one, and what is made on it: a join token, labels, and their end.
import type { KeyObject } from 'node:crypto';
import type { ApiClient, TransportOptions } from '../../api/index.ts';
import type { SimulatorAuthority } from '../../simulator/index.ts';
import type { ProcessUsage } from '../process-usage.ts';
import { readAllPages } from '../pages.ts';
import type { SimulatedHost } from './fleet.ts';
import { inLanes } from './lanes.ts';

export interface SimulationServer {
  /** Made for this run, and gone with it. */
  readonly isOwn: boolean;
  readonly server: TransportOptions;
  readonly operatorToken: string;
  readonly authority: SimulatorAuthority;
  /** What the keys of simulated TPMs are derived from, together with the seed of the fleet. */
  readonly secret: string;
  /** Keys that sign golden measurements; none: somebody else signs. */
  readonly operatorKeys: readonly KeyObject[];
  /** Of the server's process, where it is ours. */
  readonly usage: () => ProcessUsage | undefined;
  /** How much its data directory holds, where it is ours. */
  readonly dataBytes: () => number | undefined;
  close(): Promise<void>;
}

export const namePrefix = 'sim-';
export const simulatedLabel = { simulated: 'true' } as const;

const callsAtOnce = 8;

/** A join token for exactly this fleet, for as long as `work` runs. */
export async function withJoinToken<T>(
  api: ApiClient,
  hosts: number,
  work: (joinToken: string) => Promise<T>,
): Promise<T> {
  const body = { name: 'simulation', role: 'joiner', enrolments: hosts, expiresInSeconds: 86_400 } as const;
  const { id, token } = await api.call('createToken', { body });
  try {
    return await work(token);
  } finally {
    await api.call('revokeToken', { path: { tokenId: id } });
  }
}

/** Labels that a host has already stay: whoever tries a rollout on the fleet lets its hosts come again. */
export async function labelFleet(api: ApiClient, members: readonly SimulatedHost[]): Promise<void> {
  await inLanes(members, callsAtOnce, async ({ enrolment: { hostId } }) => {
    const { labels } = await api.call('getHost', { path: { hostId } });
    if (labels['simulated'] === simulatedLabel.simulated) return;
    await api.call('setHostLabels', { path: { hostId }, body: { labels: { ...labels, ...simulatedLabel } } });
  });
}

/** Retires every simulated host of the server: by name and label, so that no other is ever touched. Returns how many. */
export async function retireSimulated(api: ApiClient): Promise<number> {
  const hosts = await readAllPages((query) => api.call('listHosts', { query }));
  const left = hosts.filter(
    ({ id, labels, state }) => id.startsWith(namePrefix) && labels['simulated'] === 'true' && state !== 'retired',
  );
  await inLanes(left, callsAtOnce, async ({ id: hostId }) => {
    await api.call('retireHost', { path: { hostId }, body: { reason: 'end of a simulation' } });
  });
  return left.length;
}
