// A receiver as a courier knows it: a subscription with a way to whoever is told, which writes what it brings as that one reads it.
import { readActorNames } from '../auth/actor-names.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import type { ServerKeys } from '../keys/server-keys.ts';
import type { SubscriptionRecord } from '../storage/index.ts';
import { cloudEventOf } from './cloud-event.ts';
import type { Office, Receiver } from './courier.ts';
import { openRoute } from './routes.ts';
import type { SyslogPolicy } from './syslog-line.ts';
import type { WebhookPolicy } from './webhook-exchange.ts';

export interface ReceiverOptions extends Pick<Office, 'store' | 'now' | 'log'> {
  readonly config: ServerConfig;
  readonly keys: Pick<ServerKeys, 'signing'>;
  readonly policy: WebhookPolicy;
  readonly syslog: SyslogPolicy;
}

/** Opens the way; whoever has the receiver closes it. */
export function openReceiver(subscription: SubscriptionRecord, options: ReceiverOptions): Receiver {
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
