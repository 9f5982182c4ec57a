// A webhook that is told of events: asked for permission before anything is sent, and then sent signed CloudEvents. [CE-WEBHOOK]
import { encodeUtf8 } from '../../core/encoding/index.ts';
import { signEvent } from '../../core/verdict/index.ts';
import type { ServerKeys } from '../keys/server-keys.ts';
import type { SubscriptionRecord } from '../storage/index.ts';
import { describeFailure } from './addresses.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { Outcome } from './courier.ts';
import { formatEvent } from './event-format.ts';
import type { WebhookLine } from './webhook-exchange.ts';

export interface Sender {
  readonly serverId: string;
  readonly keys: Pick<ServerKeys, 'signing'>;
  readonly now: () => Date;
}

/** What the receiver permits: requests a minute, or undefined for any number; or why it does not. [CE-WEBHOOK §4] */
export type Permission =
  { readonly isGiven: true; readonly rate: number | undefined } | { readonly isGiven: false; readonly failure: string };

/** The status says nothing: who knows nothing of webhooks may answer OPTIONS too. [CE-WEBHOOK §4.2] */
export async function askPermission(line: WebhookLine, { serverId }: Sender): Promise<Permission> {
  try {
    const answer = await line.exchange({ method: 'OPTIONS', headers: originOf(serverId) });
    const origin = answer.header('webhook-allowed-origin');
    if (origin !== '*' && origin?.toLowerCase() !== serverId.toLowerCase()) {
      return {
        isGiven: false,
        failure: `status ${answer.status}, and WebHook-Allowed-Origin does not name ${serverId}`,
      };
    }
    const rate = Number(answer.header('webhook-allowed-rate'));
    return { isGiven: true, rate: Number.isSafeInteger(rate) && rate > 0 ? rate : undefined };
  } catch (error) {
    return { isGiven: false, failure: describeFailure(error) };
  }
}

export interface Delivery {
  readonly subscription: Pick<SubscriptionRecord, 'id' | 'batch' | 'format'>;
  readonly events: readonly CloudEvent[];
  readonly signal?: AbortSignal;
}

/** Sends events as one request. Whoever answers 2xx has them. [CE-WEBHOOK §2] */
export async function post(line: WebhookLine, sender: Sender, delivery: Delivery): Promise<Outcome> {
  const { subscription, events, signal } = delivery;
  const at = sender.now();
  const { batch, format } = subscription;
  const documents = events.map((event) => formatEvent(event, format));
  const body = encodeUtf8(JSON.stringify(batch ? documents : documents[0]));
  const form = format === 'ocsf' ? 'json' : batch ? 'cloudevents-batch+json' : 'cloudevents+json';
  const headers = {
    'content-type': `application/${form}; charset=UTF-8`,
    ...originOf(sender.serverId),
    'touchstone-signature': await signEvent(body, {
      key: sender.keys.signing.at(at),
      subscription: subscription.id,
      at,
    }),
  };
  try {
    const answer = await line.exchange({ method: 'POST', headers, body, ...(signal === undefined ? {} : { signal }) });
    const { status } = answer;
    if (status >= 200 && status < 300) return { accepted: true };
    const retryAfterMs = parseRetryAfter(answer.header('retry-after'), sender.now());
    return { accepted: false, failure: `status ${status}`, retryAfterMs, isGone: status === 410 };
  } catch (error) {
    return { accepted: false, failure: describeFailure(error) };
  }
}

function originOf(serverId: string): Readonly<Record<string, string>> {
  return { 'webhook-request-origin': serverId };
}

/** Seconds, or a date. [RFC9110 §10.2.3] */
export function parseRetryAfter(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined;
  const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now.getTime();
  return Number.isFinite(milliseconds) && milliseconds > 0 ? milliseconds : undefined;
}
