// What the database said last of hosts and tokens, for the time that it is away. Nothing is brought back that could be older than a
// bound: each entry counts from when it was read, or from when the audit log last said that nothing had happened to it since.
import { createLru } from '../lru.ts';
import type { Standing, TokenRecord } from '../storage/index.ts';

export interface Remembered {
  /** The latest moment at which this is known to have been so. */
  readonly asOf: Date;
  /** Not a moment longer is anything said from memory. */
  readonly until: Date;
}

/** By two clocks: one may be set, the other stands still while a machine sleeps. The longer time counts. */
interface Moment {
  readonly wallMs: number;
  readonly steadyMs: number;
}

/** When a question was sent, and how far the audit log had been followed then. */
export interface Reading {
  readonly at: Moment;
  readonly followed: number | undefined;
}

export interface Shelf<Value> {
  /** Kept unless something happened since the question, which the answer may not know. */
  readonly keep: (id: string, value: Value | undefined, reading: Reading) => void;
  readonly recall: (id: string) => { readonly value: Value; readonly remembered: Remembered } | undefined;
  readonly forget: (id: string) => void;
  readonly forgetAll: () => void;
}

export interface LastKnown {
  readonly tokens: Shelf<TokenRecord>;
  readonly hosts: Shelf<Standing>;
  /** Before the database is asked. */
  readonly begin: () => Reading;
  /** What happened up to the audit entry `sequence` was heeded; the question about it was sent at `reading`. */
  readonly follow: (sequence: number, reading: Reading) => void;
  /** How far anything may be said from memory; undefined when nothing may. */
  readonly horizon: () => Remembered | undefined;
}

export interface LastKnownOptions {
  /** How many hosts, and how many tokens. */
  readonly capacity: number;
  readonly boundMs: number;
  readonly now: () => Date;
  /** Milliseconds of a clock that nobody sets. */
  readonly steady: () => number;
}

export function createLastKnown({ capacity, boundMs, now, steady }: LastKnownOptions): LastKnown {
  let last: { readonly sequence: number; readonly at: Moment } | undefined;
  const moment = (): Moment => ({ wallMs: now().getTime(), steadyMs: steady() });

  function boundOf(at: Moment): Remembered | undefined {
    const { wallMs, steadyMs } = moment();
    const leftMs = boundMs - Math.max(wallMs - at.wallMs, steadyMs - at.steadyMs);
    return leftMs > 0 ? { asOf: new Date(wallMs + leftMs - boundMs), until: new Date(wallMs + leftMs) } : undefined;
  }

  function createShelf<Value>(): Shelf<Value> {
    let entries = createLru<{ readonly value: Value; readonly at: Moment }>(capacity);
    return {
      keep: (id, value, reading) => {
        if (value === undefined) entries.delete(id);
        else if (reading.followed === last?.sequence) entries.set(id, { value, at: reading.at });
      },
      recall: (id) => {
        const entry = entries.get(id);
        if (entry === undefined) return undefined;
        const remembered = boundOf(last !== undefined && last.at.steadyMs > entry.at.steadyMs ? last.at : entry.at);
        return remembered && { value: entry.value, remembered };
      },
      forget: (id) => entries.delete(id),
      forgetAll: () => {
        entries = createLru(capacity);
      },
    };
  }

  return {
    tokens: createShelf(),
    hosts: createShelf(),
    begin: () => ({ at: moment(), followed: last?.sequence }),
    follow: (sequence, { at }) => {
      last = { sequence, at };
    },
    horizon: () => last && boundOf(last.at),
  };
}
