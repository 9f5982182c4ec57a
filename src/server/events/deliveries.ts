// Everybody who is told of events, each with a courier of its own: one that is slow or dead holds up nobody else.
import type { ServerConfig } from '../config/config.ts';
import { readActorNames } from '../auth/actor-names.ts';
import { ServerError } from '../errors.ts';
import { readFile } from '../keys/key-file.ts';
import type { ServerKeys } from '../keys/server-keys.ts';
import type { SubscriptionRecord } from '../storage/index.ts';
import { startRepeating, type Repeating } from '../repeat.ts';
import { createSlots, type Slots } from '../load/slots.ts';
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
  /** Looks at a subscription anew: it was added, removed, or is replayed by `change`. Nothing is under way while that runs: what is
   * acknowledged a moment later would undo it. */
  restart(id: string, change?: () => Promise<unknown>): Promise<void>;
  stop(): Promise<void>;
}

export interface EventsOptions extends Omit<Office, 'bell'> {
  readonly config: ServerConfig;
  readonly keys: Pick<ServerKeys, 'signing'>;
}

/** A subscription is brought by one server, for so long unless that one renews it. */
const leaseMs = 4000;
const shareSeconds = 1;

interface Running {
  readonly end: AbortController;
  readonly done: Promise<void>;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE when a file that `events` names is missing */
export async function createEvents(options: EventsOptions): Promise<Events> {
  const { config, store, replica, log } = options;
  const bell = await createBell(store);
  const office: Office = { ...options, bell };
  const policies = policiesOf(config);
  const stopping = new AbortController();
  const running = new Map<string, Running>();

  function send(subscription: SubscriptionRecord): void {
    const { id } = subscription;
    const receiver = receiverOf(subscription, { ...options, ...policies });
    const end = new AbortController();
    const signal = AbortSignal.any([stopping.signal, end.signal]);
    const done = runCourier(receiver, office, signal).finally(() => {
      if (running.get(id)?.end === end) running.delete(id);
      receiver.close();
    });
    running.set(id, { end, done });
  }

  async function cease(id: string): Promise<void> {
    const before = running.get(id);
    before?.end.abort();
    await before?.done;
  }

  async function look(id: string, change?: () => Promise<unknown>): Promise<void> {
    await cease(id);
    await change?.();
    const subscription = await store.findSubscription(id);
    if (subscription === undefined || !isActive(subscription) || stopping.signal.aborted) return;
    if (await store.takeLease(replica, id, leaseMs)) send(subscription);
  }

  /** Takes what nobody brings, and lets go of what another does. */
  async function share(): Promise<void> {
    if (stopping.signal.aborted) return;
    const subscriptions = (await store.listSubscriptions()).filter(isActive);
    const names = subscriptions.map(({ id }) => id);
    const held = new Set(await store.shareLeases(replica, names, leaseMs));
    await Promise.all([...running.keys()].filter((id) => !held.has(id)).map(cease));
    subscriptions.filter(({ id }) => held.has(id) && !running.has(id)).forEach(send);
  }

  // One after the other: no subscription ever has two couriers.
  let looked: Promise<void> = Promise.resolve();
  const inOrder = (work: () => Promise<void>): Promise<void> => {
    const done = looked.then(work);
    looked = done.catch(() => undefined);
    return done;
  };
  let sharing: Repeating | undefined;

  return {
    bell,
    ...policies,
    places: createSlots(config.events.maximumListeners),
    stopping: stopping.signal,
    start: async () => {
      const failure = 'subscriptions cannot be shared out';
      sharing = startRepeating(() => inOrder(share), { seconds: shareSeconds, log, failure });
      await looked;
    },
    restart: (id, change) => inOrder(() => look(id, change)),
    stop: async () => {
      stopping.abort();
      await sharing?.stop();
      await looked;
      await Promise.all([...running.values()].map(({ done }) => done));
      bell.close();
    },
  };
}

function isActive({ pausedAt }: SubscriptionRecord): boolean {
  return pausedAt === undefined;
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
      const names = await readActorNames(
        store,
        entries.map(({ actor }) => actor),
      );
      return route.send(
        entries.map((entry) => cloudEventOf(entry, config.serverId, names.get(entry.actor))),
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
