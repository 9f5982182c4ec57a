// Events for those who ask: a page, a page that is waited for, or a stream. A stream keeps no queue of its own: the audit log is read
// on as fast as the receiver reads, and a receiver that is gone comes back with the last id that it had.
import { readActorNames } from '../auth/actor-names.ts';
import type { ServerContext } from '../context.ts';
import type { JsonObject } from '../../core/encoding/index.ts';
import { ServerError } from '../errors.ts';
import type { Soon } from '../soon.ts';
import { cloudEventOf, type CloudEvent } from './cloud-event.ts';
import { formatEvent, type EventFormat } from './event-format.ts';
import { readEvents, type EventFilter } from './read-events.ts';

export interface EventQuestion {
  readonly filter: EventFilter;
  /** Undefined: from the beginning; for those who wait, what is still to come. */
  readonly after: number | undefined;
  readonly format: EventFormat;
  /** Whether who asks may know what the tokens among the actors are called. */
  readonly tellsNames: boolean;
  /** Aborted when whoever asked is gone. */
  readonly signal: AbortSignal;
}

export interface EventAnswer {
  readonly events: readonly JsonObject[];
  /** The cursor of the next question. */
  readonly next: number;
  /** Nothing has happened after `next`. */
  readonly isEnd: boolean;
}

const pageSize = 100;
/** How often one question looks further where a filter selects nothing. */
const longestScan = 20;
const heartbeatMs = 15_000;
/** A stream ends after this, so that whoever lost the right to listen does not listen on. */
const longestStreamMs = 300_000;

/** A page of events; with `waitSeconds` an empty one is waited for.
 * @throws ServerError EVENTS_BUSY */
export async function askEvents(
  context: ServerContext,
  { after, signal, format, ...asked }: EventQuestion,
  { limit, waitSeconds }: { readonly limit: number; readonly waitSeconds: number },
): Promise<EventAnswer> {
  const { store, events } = context;
  const answerOf = ({ events: page, ...rest }: CloudEventPage): EventAnswer => ({
    events: page.map((event) => formatEvent(event, format)),
    ...rest,
  });
  if (waitSeconds === 0) return answerOf(await readPage(context, asked, { after: after ?? 0, limit }));
  const leave = takePlace(context);
  try {
    const until = performance.now() + waitSeconds * 1000;
    let from = after ?? (await store.lastAuditSequence());
    for (;;) {
      const heard = events.bell.rings;
      const page = await readPage(context, asked, { after: from, limit });
      const milliseconds = until - performance.now();
      if (page.events.length > 0 || milliseconds <= 0 || signal.aborted || events.stopping.aborted)
        return answerOf(page);
      from = page.next;
      if (page.isEnd)
        await events.bell.wait(heard, { milliseconds, signal: AbortSignal.any([signal, events.stopping]) });
    }
  } finally {
    leave();
  }
}

/** Server-sent events, as text. Nothing is read ahead of the receiver. [HTML §9.2]
 * @throws ServerError EVENTS_BUSY */
export function streamEvents(context: ServerContext, question: EventQuestion): AsyncIterable<string> {
  return stream(context, question, takePlace(context));
}

async function* stream(
  context: ServerContext,
  { after, signal, format, ...asked }: EventQuestion,
  leave: () => void,
): AsyncGenerator<string> {
  const { store, events } = context;
  try {
    const end = AbortSignal.any([signal, events.stopping, AbortSignal.timeout(longestStreamMs)]);
    let from = after ?? (await store.lastAuditSequence());
    yield 'retry: 2000\n\n';
    while (!end.aborted) {
      const heard = events.bell.rings;
      const page = await readPage(context, asked, { after: from, limit: pageSize });
      for (const event of page.events) yield encodeServerSent(event, format);
      from = page.next;
      if (!page.isEnd) continue;
      await events.bell.wait(heard, { milliseconds: heartbeatMs, signal: end });
      // A comment: the line is alive, and a receiver that is gone is noticed.
      if (events.bell.rings === heard) yield ':\n\n';
    }
  } finally {
    leave();
  }
}

function encodeServerSent(event: CloudEvent, format: EventFormat): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(formatEvent(event, format))}\n\n`;
}

interface CloudEventPage extends Omit<EventAnswer, 'events'> {
  readonly events: readonly CloudEvent[];
}

async function readPage(
  { store, config }: ServerContext,
  { filter, tellsNames }: Pick<EventQuestion, 'filter' | 'tellsNames'>,
  { after, limit }: { readonly after: number; readonly limit: number },
): Promise<CloudEventPage> {
  let from = after;
  for (let scan = 0; scan < longestScan; scan += 1) {
    const { events, through } = await readEvents(store, filter, { after: from, limit });
    if (events.length > 0 || through === from) {
      const isEnd = events.length === 0;
      const names = await readActorNames(store, tellsNames ? events.map(({ actor }) => actor) : []);
      const told = events.map((entry) => cloudEventOf(entry, config.serverId, names.get(entry.actor)));
      return { events: told, next: through, isEnd };
    }
    from = through;
  }
  return { events: [], next: from, isEnd: false };
}

/** The time of a verdict ends it without an event. */
const lookMs = 1000;

/** Reads again and again until `isEnough`, the time is over or the caller is gone.
 * @throws ServerError EVENTS_BUSY */
export async function waitUntil<Value>(
  context: Pick<ServerContext, 'events'>,
  read: () => Soon<Value>,
  isEnough: (value: Value) => boolean,
  { seconds, signal }: { readonly seconds: number; readonly signal: AbortSignal },
): Promise<Value> {
  const { bell, stopping } = context.events;
  const leave = takePlace(context);
  try {
    const end = AbortSignal.any([signal, stopping]);
    const until = performance.now() + seconds * 1000;
    for (;;) {
      const heard = bell.rings;
      const value = await read();
      const left = until - performance.now();
      if (isEnough(value) || left <= 0 || end.aborted) return value;
      await bell.wait(heard, { milliseconds: Math.min(left, lookMs), signal: end });
    }
  } finally {
    leave();
  }
}

/** @throws ServerError EVENTS_BUSY */
function takePlace({ events }: Pick<ServerContext, 'events'>): () => void {
  const leave = events.places.take();
  if (leave === undefined) throw new ServerError('EVENTS_BUSY', undefined, { headers: { 'retry-after': '10' } });
  return leave;
}
