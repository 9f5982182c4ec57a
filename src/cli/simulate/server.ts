// The server of a simulation, its own or a given one, and what is made on it: a join token, labels, and their end.
import type { KeyObject } from 'node:crypto';
import type { ApiClient, TransportOptions } from '../../api/index.ts';
import type { SimulatorAuthority } from '../../simulator/index.ts';
import { hashText } from '../../core/crypto/index.ts';
import { encodeHex } from '../../core/encoding/index.ts';
import type { SimulatedHost } from './fleet.ts';
import { inLanes } from './lanes.ts';
import type { ServerUsage } from './usage.ts';

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
  /** Undefined where nobody says. */
  readonly usage: () => Promise<ServerUsage | undefined>;
  /** How much its data directory holds, where it is ours. */
  readonly dataBytes: () => number | undefined;
  close(): Promise<void>;
}

export const namePrefix = 'sim-';
export const simulatedLabel = { simulated: 'true' } as const;

export const callsAtOnce = 8;

/** How the names of a fleet begin, from what its keys are derived from: two fleets on one server are never taken for each other. */
export function prefixOf(secret: string, seed: string): string {
  return namePrefix + encodeHex(hashText('sha256', `fleet\0${secret}\0${seed}`)).slice(0, 6);
}

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
