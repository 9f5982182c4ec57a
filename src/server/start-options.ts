// What a start may be told beside the configuration: by the process that starts workers, and by tests.
import type { RandomSource } from './keys/random.ts';
import type { Store } from './storage/index.ts';
import type { Family } from './telemetry/exposition.ts';

export interface StartOptions {
  /** Instead of the system's, for tests. */
  readonly now?: () => Date;
  readonly random?: RandomSource;
  /** Wraps the store, for fault injection. */
  readonly wrapStore?: (store: Store) => Store;
  /** A fleet of so many hosts is looked at by another process; a thousand unless told, for tests. */
  readonly walkApartFrom?: number;
  /** Receives the start-up banner, line by line. Standard error unless told. */
  readonly announce?: (line: string) => void;
  /** Where it is one of several processes behind one socket. */
  readonly worker?: WorkerSeat;
}

export interface WorkerSeat {
  /** From 1. */
  readonly seat: number;
  /** Lets the others have what this one measures, and returns how to ask for what all measure. */
  readonly share: (measure: () => readonly Family[]) => () => Promise<readonly Family[]>;
}
