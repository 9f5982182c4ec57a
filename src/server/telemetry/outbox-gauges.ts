// The audit log, and how far each receiver of events is behind it.
import type { ServerContext } from '../context.ts';
import { readEvents, type EventFilter } from '../events/read-events.ts';
import type { Store, SubscriptionRecord } from '../storage/index.ts';
import type { Family, MetricLabels } from './exposition.ts';

/** Enough to see that a receiver is behind; nobody reads a whole log for a number. */
const mostCounted = 500;
/** Pages without anything for a receiver that are read to find what waits for it. */
const mostPages = 4;

interface Backlog {
  readonly labels: MetricLabels;
  readonly waiting: number;
  readonly oldestSeconds: number;
  readonly failingSeconds: number;
  readonly isPaused: boolean;
}

export async function surveyOutbox({ store, now }: Pick<ServerContext, 'store' | 'now'>): Promise<readonly Family[]> {
  const at = now().getTime();
  const backlogs: Backlog[] = [];
  for (const subscription of await store.listSubscriptions()) backlogs.push(await measure(store, subscription, at));
  const gauge = (name: string, help: string, read: (backlog: Backlog) => number): Family => ({
    name,
    type: 'gauge',
    help,
    samples: backlogs.map((backlog) => ({ labels: backlog.labels, value: read(backlog) })),
  });
  return [
    {
      name: 'touchstone_audit_entries_total',
      type: 'counter',
      help: 'Entries of the audit log, by all servers that share the store.',
      samples: [{ labels: {}, value: await store.lastAuditSequence() }],
    },
    gauge(
      'touchstone_outbox_events',
      `Events that a receiver has not acknowledged; ${mostCounted} stands for as many or more.`,
      ({ waiting }) => waiting,
    ),
    gauge(
      'touchstone_outbox_oldest_seconds',
      'How long the oldest of them waits; 0 where none does.',
      ({ oldestSeconds }) => oldestSeconds,
    ),
    gauge(
      'touchstone_outbox_failing_seconds',
      'For how long a receiver has refused; 0 where it has not.',
      ({ failingSeconds }) => failingSeconds,
    ),
    gauge('touchstone_outbox_paused', 'Whether a receiver was given up.', ({ isPaused }) => (isPaused ? 1 : 0)),
  ];
}

async function measure(
  store: Store,
  { id, kinds, labels, pausedAt }: SubscriptionRecord,
  at: number,
): Promise<Backlog> {
  const delivery = await store.findDelivery(id);
  const filter: EventFilter = { kinds, labels, host: undefined, audience: 'operators' };
  const { count, oldestAt = at } = await findWaiting(store, filter, delivery?.cursor ?? 0);
  return {
    labels: { subscription: id },
    waiting: count,
    oldestSeconds: Math.max(0, at - oldestAt) / 1000,
    failingSeconds: Math.max(0, at - (delivery?.failing?.since ?? at)) / 1000,
    isPaused: pausedAt !== undefined,
  };
}

async function findWaiting(
  store: Store,
  filter: EventFilter,
  cursor: number,
): Promise<{ readonly count: number; readonly oldestAt?: number }> {
  let after = cursor;
  for (let page = 0; page < mostPages; page += 1) {
    const { events, through } = await readEvents(store, filter, { after, limit: mostCounted });
    const [oldest] = events;
    if (oldest !== undefined) return { count: events.length, oldestAt: oldest.at };
    if (through === after) break;
    after = through;
  }
  return { count: 0 };
}
