// What the load knows of the site that it works on.
import type { PaperHost, SimulatorAuthority } from '../../src/simulator/index.ts';
import type { Ledger, Weather } from './ledger.ts';
import type { Replica } from './replicas.ts';

export interface Site {
  readonly replicas: readonly Replica[];
  readonly operatorToken: string;
  /** Who vouches for the TPMs of all hosts. */
  readonly authority: SimulatorAuthority;
  readonly newHost: (name: string) => PaperHost;
  readonly ledger: Ledger;
  readonly weather: Weather;
  /** Between two acts of one client, about. */
  readonly pauseMs: number;
  readonly isOver: () => boolean;
}

export function anyOf<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new TypeError('nothing to choose from');
  return item;
}
