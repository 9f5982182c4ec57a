// Brings events to one receiver, in the order of the audit log: one batch under way, the next one after it was acknowledged. What
// was not acknowledged is brought again, also after a crash. Nothing waits in memory: the audit log is the queue.
import { setTimeout as sleep } from 'node:timers/promises';
import { ServerError } from '../errors.ts';
import type { RandomSource } from '../keys/random.ts';
import type { DeliveryRecord, Store } from '../storage/index.ts';
import type { ServerLog } from '../telemetry/log.ts';
import type { Bell } from './bell.ts';
import type { EventEntry } from './cloud-event.ts';
import { readEvents, type EventFilter } from './read-events.ts';

export type Outcome =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      /** For operators: a status, or what failed. Never what the receiver wrote. */
      readonly failure: string;
      /** When the receiver wants to be asked again. */
      readonly retryAfterMs?: number | undefined;
      /** The receiver wants no more. */
      readonly isGone?: boolean;
    };

/** Somebody who is told of events. */
export interface Receiver {
  /** Of its delivery. */
  readonly id: string;
  readonly filter: EventFilter;
  /** How many events it takes at once. */
  readonly batch: number;
  /** Shortest time from one sending to the next. */
  readonly paceMs: number;
  send(events: readonly EventEntry[], signal: AbortSignal): Promise<Outcome>;
  /** Asked when it is gone, or fails for too long: true when nothing shall be brought any more. */
  giveUp(failure: string, cursor: number, failingSince: number): Promise<boolean>;
  close(): void;
}

export interface Office {
  readonly store: Store;
  /** Names this server among those that share the store. */
  readonly replica: string;
  readonly bell: Bell;
  readonly now: () => Date;
  readonly random: RandomSource;
  readonly log: ServerLog;
}

const firstDelayMs = 200;
const longestDelayMs = 300_000;
const longestRetryAfterMs = 3_600_000;
/** How far the log may have grown with nothing in it for a receiver before its cursor is written. */
const unwritten = 1000;

/** Brings events until `signal` is aborted, the delivery is gone, paused or another server's, or the receiver is given up. */
export async function runCourier(receiver: Receiver, office: Office, signal: AbortSignal): Promise<void> {
  const errand = { receiver, office, signal };
  let state: State = { position: 0, cursor: 0, replays: 0, failures: 0 };
  while (!signal.aborted) {
    try {
      const next = await step(errand, state);
      if (next === undefined) return;
      state = next;
    } catch (error) {
      office.log.error({ err: error, receiver: receiver.id }, 'events cannot be delivered');
      await noteFault(errand, error);
      state = { position: 0, cursor: 0, replays: 0, failures: state.failures + 1 };
    }
    const { delayMs = state.failures === 0 ? 0 : retryDelay(state.failures, office.random) } = state;
    if (delayMs > 0) await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }
}

/** A fault of ours keeps a receiver from its events as one of its own does: whoever looks at it sees that it stands still. What the store
 * refuses is told by the store's own signs. */
async function noteFault({ receiver, office: { store, now } }: Errand, error: unknown): Promise<void> {
  if (error instanceof ServerError) return;
  const fault = { since: now().getTime(), failure: 'SERVER_INTERNAL' };
  await store.noteFailure(receiver.id, fault).catch(() => undefined);
}

interface Errand {
  readonly receiver: Receiver;
  readonly office: Office;
  readonly signal: AbortSignal;
}

interface State {
  /** Up to here the log was read, acknowledged or not of its business. */
  readonly position: number;
  /** Where the delivery stood then, and how often it had been replayed. Where that is otherwise, what was read counts no more. */
  readonly cursor: number;
  readonly replays: number;
  readonly failures: number;
  readonly delayMs?: number;
}

async function step({ receiver, office, signal }: Errand, state: State): Promise<State | undefined> {
  const { store, bell } = office;
  const heard = bell.rings;
  const delivery = await store.findErrand(receiver.id, office.replica);
  if (delivery === undefined) return undefined;
  const { cursor, replays } = delivery;
  const isAsBefore = state.cursor === cursor && state.replays === replays;
  const after = isAsBefore ? Math.max(state.position, cursor) : cursor;
  const { events, through } = await readEvents(store, receiver.filter, { after, limit: receiver.batch });
  if (events.length === 0) {
    if (through - cursor > unwritten) await store.moveDelivery(receiver.id, delivery, through);
    if (through === after) await bell.wait(heard, { signal });
    return { position: through, cursor, replays, failures: 0 };
  }
  const outcome = await receiver.send(events, signal);
  if (!outcome.accepted && signal.aborted) return undefined;
  if (!outcome.accepted) return fail({ receiver, office, signal }, { state, delivery, outcome });
  await store.moveDelivery(receiver.id, delivery, through);
  return { position: through, cursor: through, replays, failures: 0, delayMs: receiver.paceMs };
}

interface Failed {
  readonly state: State;
  readonly delivery: DeliveryRecord;
  readonly outcome: Exclude<Outcome, { accepted: true }>;
}

async function fail({ receiver, office }: Errand, { state, delivery, outcome }: Failed): Promise<State | undefined> {
  const { store, now, random } = office;
  const { failure, retryAfterMs = 0, isGone = false } = outcome;
  const since = await store.noteFailure(receiver.id, { since: now().getTime(), failure });
  if (await receiver.giveUp(failure, delivery.cursor, isGone ? -Infinity : since)) return undefined;
  const failures = state.failures + 1;
  const delayMs = Math.max(retryDelay(failures, random), Math.min(retryAfterMs, longestRetryAfterMs));
  return { position: state.position, cursor: delivery.cursor, replays: delivery.replays, failures, delayMs };
}

/** Doubles from one failure to the next, and is drawn from its upper half: receivers that fell together do not rise together. */
export function retryDelay(failures: number, random: RandomSource): number {
  const longest = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(failures - 1, 20));
  const [draw = 0] = random(1);
  return longest * (0.5 + draw / 512);
}
