// The way to a receiver of events, whichever protocol it speaks: what may be reached, whether it takes events, and sending.
import type { ServerConfig } from '../config/config.ts';
import type { SubscriptionRecord } from '../storage/index.ts';
import { describeFailure } from './addresses.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { Outcome } from './courier.ts';
import type { EventFormat } from './event-format.ts';
import { speakSyslog, syslogTarget, type SyslogPolicy, type SyslogTarget } from './syslog-line.ts';
import { encodeSyslogMessage, type SyslogForm } from './syslog-message.ts';
import { askPermission, post, type Permission, type Sender } from './webhook.ts';
import { openWebhook, webhookUrl, type WebhookPolicy } from './webhook-exchange.ts';

export interface Route {
  /** Events that are sent at once, at most. */
  readonly batch: number;
  /** Whether the receiver is there and takes events. */
  permit(): Promise<Permission>;
  send(events: readonly CloudEvent[], signal?: AbortSignal): Promise<Outcome>;
  close(): void;
}

export interface RouteOptions {
  readonly config: Pick<ServerConfig, 'serverId' | 'events'>;
  readonly policy: WebhookPolicy;
  readonly syslog: SyslogPolicy;
  readonly sender: Sender;
}

export type Destination = Pick<SubscriptionRecord, 'id' | 'url' | 'batch' | 'format'>;

/** Undefined when the configuration does not list the receiver. */
export function openRoute(destination: Destination, options: RouteOptions): Route | undefined {
  return isSyslog(destination.url) ? syslogRoute(destination, options) : webhookRoute(destination, options);
}

function isSyslog(url: string): boolean {
  return url.startsWith('syslog+');
}

/** What a receiver is told events as unless it asks for something else. */
export function defaultFormat(url: string): EventFormat {
  return isSyslog(url) ? 'text' : 'cloudevents';
}

/** Whether a receiver can be told events so: a line is for syslog alone, and no document fits into every datagram. */
export function takesFormat(url: string, format: EventFormat): boolean {
  return format === 'text' ? isSyslog(url) : !url.startsWith('syslog+udp');
}

/** Events in one request of a webhook that takes several. */
const webhookBatch = 20;

function webhookRoute(destination: Destination, { policy, sender }: RouteOptions): Route | undefined {
  const url = webhookUrl(destination.url, policy);
  if (url === undefined) return undefined;
  const line = openWebhook(url, policy);
  return {
    batch: destination.batch ? webhookBatch : 1,
    permit: () => askPermission(line, sender),
    send: (events, signal) =>
      post(line, sender, { subscription: destination, events, ...(signal === undefined ? {} : { signal }) }),
    close: () => line.close(),
  };
}

/** Events over one connection. */
const syslogBatch = 200;

function syslogRoute({ url, format }: Destination, { config, syslog }: RouteOptions): Route | undefined {
  const target = syslogTarget(url, syslog);
  if (target === undefined) return undefined;
  const form = syslogForm(config, target, format);
  const speak = async (messages: readonly Uint8Array[], signal?: AbortSignal): Promise<string | undefined> => {
    try {
      await speakSyslog(target, messages, { ...syslog, signal });
      return undefined;
    } catch (error) {
      return describeFailure(error);
    }
  };
  return {
    batch: syslogBatch,
    permit: async () => {
      const failure = await speak([]);
      return failure === undefined ? { isGiven: true, rate: undefined } : { isGiven: false, failure };
    },
    send: async (events, signal) => {
      const failure = await speak(
        events.map((event) => encodeSyslogMessage(event, form)),
        signal,
      );
      return failure === undefined ? { accepted: true } : { accepted: false, failure };
    },
    close: () => undefined,
  };
}

/** What every receiver should take [RFC5425 §4.3.1]; of datagrams, what is never cut in pieces on the way [RFC5426 §3.2]. */
const maximumBytes = { tls: 8192, tcp: 8192, udp: 1180 } as const;

function syslogForm(
  { serverId, events }: RouteOptions['config'],
  target: SyslogTarget,
  format: EventFormat,
): SyslogForm {
  const { facility, enterpriseNumber } = events.syslog;
  return { format, hostname: serverId, facility, enterpriseNumber, maximumBytes: maximumBytes[target.transport] };
}
