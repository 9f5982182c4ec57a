// Everybody who is told of events, each with a courier of its own: one that is slow or dead holds up nobody else.
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { readFile } from '../keys/key-file.ts';
import type { ServerKeys } from '../keys/server-keys.ts';
import type { SubscriptionRecord } from '../storage/index.ts';
import { createSlots, type Slots } from '../what-if/slots.ts';
import { createBell, type Bell } from './bell.ts';
import { cloudEventOf } from './cloud-event.ts';
import { runCourier, type Office, type Receiver } from './courier.ts';
import { batchSize, post } from './webhook.ts';
import { openWebhook, webhookUrl, type WebhookPolicy } from './webhook-exchange.ts';

export interface Events {
  readonly bell: Bell;
  readonly policy: WebhookPolicy;
  /** For those who wait or listen. */
  readonly places: Slots;
  /** Aborted when the server stops: whoever waits for events stops waiting. */
  readonly stopping: AbortSignal;
  /** Brings events to every receiver from now on. */
  start(): Promise<void>;
  /** Looks at a subscription anew: it was added, removed, paused or replayed. */
  restart(id: string): Promise<void>;
  stop(): Promise<void>;
}

export interface EventsOptions extends Omit<Office, 'bell'> {
  readonly config: ServerConfig;
  readonly keys: Pick<ServerKeys, 'signing'>;
}

interface Running {
  readonly end: AbortController;
  readonly done: Promise<void>;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE when the file of `events.caFile` is missing */
export async function createEvents(options: EventsOptions): Promise<Events> {
  const { config, store } = options;
  const bell = await createBell(store);
  const office: Office = { ...options, bell };
  const policy = policyOf(config);
  const stopping = new AbortController();
  const running = new Map<string, Running>();

  function send(receiver: Receiver): void {
    const end = new AbortController();
    const signal = AbortSignal.any([stopping.signal, end.signal]);
    const done = runCourier(receiver, office, signal).finally(() => receiver.close());
    running.set(receiver.id, { end, done });
  }

  async function look(id: string): Promise<void> {
    const before = running.get(id);
    running.delete(id);
    before?.end.abort();
    await before?.done;
    const subscription = await store.findSubscription(id);
    if (subscription === undefined || subscription.pausedAt !== undefined || stopping.signal.aborted) return;
    send(webhookReceiver(subscription, { ...options, policy }));
  }

  // One after the other: no subscription ever has two couriers.
  let looked: Promise<void> = Promise.resolve();
  const restart = (id: string): Promise<void> => {
    const done = looked.then(() => look(id));
    looked = done.catch(() => undefined);
    return done;
  };

  return {
    bell,
    policy,
    places: createSlots(config.events.maximumListeners),
    stopping: stopping.signal,
    start: async () => {
      for (const { id } of await store.listSubscriptions()) await restart(id);
    },
    restart,
    stop: async () => {
      stopping.abort();
      await looked;
      await Promise.all([...running.values()].map(({ done }) => done));
      bell.close();
    },
  };
}

function policyOf({ events }: ServerConfig): WebhookPolicy {
  return {
    hosts: events.webhookHosts,
    allowLoopback: events.allowLoopback,
    ca: events.caFile === undefined ? undefined : readFile(events.caFile).toString('utf8'),
    timeoutMs: events.timeoutSeconds * 1000,
  };
}

function webhookReceiver(
  subscription: SubscriptionRecord,
  { config, keys, now, store, log, policy }: EventsOptions & { readonly policy: WebhookPolicy },
): Receiver {
  const { id, kinds, labels, batch, rate } = subscription;
  const url = webhookUrl(subscription.url, policy);
  const line = url && openWebhook(url, policy);
  const sender = { serverId: config.serverId, keys, now };
  return {
    id,
    filter: { kinds, labels, host: undefined, audience: 'operators' },
    batch: batch ? batchSize : 1,
    paceMs: rate === undefined ? 0 : 60_000 / rate,
    send: async (entries, signal) => {
      // The configuration changed since it was added.
      if (line === undefined) return { accepted: false, failure: new ServerError('SUBSCRIPTION_URL_REFUSED').code };
      const events = entries.map((entry) => cloudEventOf(entry, config.serverId));
      return post(line, sender, { subscription, events, signal });
    },
    giveUp: async (failure, cursor, failingSince) => {
      const at = now().getTime();
      if (at - failingSince < config.events.pauseAfterSeconds * 1000) return false;
      const details = { url: subscription.url, failure, cursor };
      log.warn({ event: 'subscription.paused', subscription: id, failure }, 'nobody takes these events any more');
      await store.pauseSubscription(id, { at, actor: 'server', action: 'subscription.paused', subject: id, details });
      return true;
    },
    close: () => line?.close(),
  };
}
