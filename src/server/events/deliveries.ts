// Everybody who is told of events. Servers that share a store share them out: each receiver is told by one of them.
import type { ServerConfig } from '../config/config.ts';
import { readFile } from '../keys/key-file.ts';
import type { ServerKeys } from '../keys/server-keys.ts';
import type { SubscriptionRecord } from '../storage/index.ts';
import { startRepeating, type Repeating } from '../repeat.ts';
import { createSlots, type Slots } from '../load/slots.ts';
import { createBell, type Bell } from './bell.ts';
import type { Office } from './courier.ts';
import { createCouriers } from './couriers.ts';
import { openReceiver } from './receiver.ts';
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

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE when a file that `events` names is missing */
export async function createEvents(options: EventsOptions): Promise<Events> {
  const { config, store, replica, log } = options;
  const bell = await createBell(store);
  const office: Office = { ...options, bell };
  const policies = policiesOf(config);
  const stopping = new AbortController();
  const couriers = createCouriers(office, stopping.signal);
  const send = (subscription: SubscriptionRecord): void =>
    couriers.send(openReceiver(subscription, { ...options, ...policies }));

  async function look(id: string, change?: () => Promise<unknown>): Promise<void> {
    await couriers.cease(id);
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
    await Promise.all(couriers.ids.filter((id) => !held.has(id)).map((id) => couriers.cease(id)));
    const sent = new Set(couriers.ids);
    subscriptions.filter(({ id }) => held.has(id) && !sent.has(id)).forEach(send);
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
      await couriers.allBack();
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
