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
import { openRoute } from './routes.ts';
import type { SyslogPolicy } from './syslog-line.ts';
import type { WebhookPolicy } from './webhook-exchange.ts';

export interface Events {
  readonly bell: Bell;
  readonly policy: WebhookPolicy;
  readonly syslog: SyslogPolicy;
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

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE when a file that `events` names is missing */
export async function createEvents(options: EventsOptions): Promise<Events> {
  const { config, store } = options;
  const bell = await createBell(store);
  const office: Office = { ...options, bell };
  const policies = policiesOf(config);
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
    send(receiverOf(subscription, { ...options, ...policies }));
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
    ...policies,
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

function policiesOf({ events }: ServerConfig): Pick<Events, 'policy' | 'syslog'> {
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path).toString('utf8'));
  const ca = read(events.caFile);
  const timeoutMs = events.timeoutSeconds * 1000;
  const { receivers, certificateFile, keyFile } = events.syslog;
  const [cert, key] = [read(certificateFile), read(keyFile)];
  return {
    policy: { hosts: events.webhookHosts, allowLoopback: events.allowLoopback, ca, timeoutMs },
    syslog: {
      receivers,
      ca,
      certificate: cert === undefined || key === undefined ? undefined : { cert, key },
      timeoutMs,
    },
  };
}

function receiverOf(
  subscription: SubscriptionRecord,
  options: EventsOptions & Pick<Events, 'policy' | 'syslog'>,
): Receiver {
  const { config, keys, now, store, log } = options;
  const { id, kinds, labels, rate } = subscription;
  const route = openRoute(subscription, { ...options, sender: { serverId: config.serverId, keys, now } });
  return {
    id,
    filter: { kinds, labels, host: undefined, audience: 'operators' },
    batch: route?.batch ?? 1,
    paceMs: rate === undefined ? 0 : 60_000 / rate,
    send: async (entries, signal) => {
      // The configuration changed since it was added.
      if (route === undefined) return { accepted: false, failure: new ServerError('SUBSCRIPTION_URL_REFUSED').code };
      return route.send(
        entries.map((entry) => cloudEventOf(entry, config.serverId)),
        signal,
      );
    },
    giveUp: async (failure, cursor, failingSince) => {
      const at = now().getTime();
      if (at - failingSince < config.events.pauseAfterSeconds * 1000) return false;
      const details = { url: subscription.url, failure, cursor };
      log.warn({ event: 'subscription.paused', subscription: id, failure }, 'nobody takes these events any more');
      await store.pauseSubscription(id, { at, actor: 'server', action: 'subscription.paused', subject: id, details });
      return true;
    },
    close: () => route?.close(),
  };
}
