// Subscriptions: who is told of events, by webhook or syslog. A receiver must permit it, or be there, before it is added, and the
// configuration names it: operators choose among receivers, they do not choose where the server connects to.
import { encodeBase64url } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { DeliveryRecord, Labels, SubscriptionRecord } from '../storage/index.ts';
import { testEvent } from './cloud-event.ts';
import type { EventFormat } from './event-format.ts';
import { knownKind } from './read-events.ts';
import { defaultFormat, openRoute, takesFormat, type Destination, type Route } from './routes.ts';

export interface SubscriptionView {
  readonly subscription: SubscriptionRecord;
  readonly delivery: DeliveryRecord;
  /** Of the last audit entry. */
  readonly last: number;
}

export interface SubscriptionRequest {
  readonly url: string;
  readonly kinds: readonly string[];
  readonly labels: Labels;
  readonly batch: boolean;
  /** Undefined: what is usual for the receiver. */
  readonly format: EventFormat | undefined;
  /** Events after this cursor; undefined: those that are still to come. */
  readonly after: number | undefined;
}

/** @throws ServerError SUBSCRIPTION_URL_REFUSED, SUBSCRIPTION_NOT_PERMITTED, SUBSCRIPTION_TOO_MANY, REQUEST_INVALID */
export async function addSubscription(
  context: ServerContext,
  request: SubscriptionRequest,
  actor: string,
): Promise<SubscriptionView> {
  const { store, now, random, config } = context;
  const { url, labels, batch, after, format = defaultFormat(url) } = request;
  const kinds = request.kinds.map((kind) => knownKind(kind));
  if (!takesFormat(url, format))
    throw new ServerError('REQUEST_INVALID', `${url} takes no ${format}`, { at: 'format' });
  const id = `sub_${encodeBase64url(random(12))}`;
  const permission = await withRoute(context, { id, url, batch, format }, (route) => route.permit());
  if (!permission.isGiven)
    throw new ServerError(
      'SUBSCRIPTION_NOT_PERMITTED',
      `asked for its permission, the receiver gave none: ${permission.failure}`,
    );
  const at = now().getTime();
  const subscription: SubscriptionRecord = {
    id,
    url,
    kinds,
    labels,
    batch,
    format,
    rate: permission.rate,
    createdAt: at,
    createdBy: actor,
    pausedAt: undefined,
  };
  const isAdded = await store.addSubscription(subscription, {
    after,
    maximum: config.events.maximumSubscriptions,
    audit: {
      at,
      actor,
      action: 'subscription.added',
      subject: subscription.id,
      details: { url, kinds, labels: JSON.stringify(labels), format },
    },
  });
  if (!isAdded) throw new ServerError('SUBSCRIPTION_TOO_MANY');
  await context.events.restart(subscription.id);
  return viewSubscription(context, subscription.id);
}

export async function listSubscriptions({ store }: ServerContext): Promise<readonly SubscriptionView[]> {
  const last = await store.lastAuditSequence();
  const views = (await store.listSubscriptions()).map(async (subscription) => {
    const delivery = await store.findDelivery(subscription.id);
    return delivery === undefined ? [] : [{ subscription, delivery, last }];
  });
  return (await Promise.all(views)).flat();
}

/** @throws ServerError SUBSCRIPTION_NOT_FOUND */
export async function viewSubscription({ store }: ServerContext, id: string): Promise<SubscriptionView> {
  const [subscription, delivery] = [await store.findSubscription(id), await store.findDelivery(id)];
  if (subscription === undefined || delivery === undefined) throw new ServerError('SUBSCRIPTION_NOT_FOUND');
  return { subscription, delivery, last: await store.lastAuditSequence() };
}

/** @throws ServerError SUBSCRIPTION_NOT_FOUND */
export async function removeSubscription(context: ServerContext, id: string, actor: string): Promise<void> {
  const { url } = (await viewSubscription(context, id)).subscription;
  const at = context.now().getTime();
  await context.store.removeSubscription(id, {
    at,
    actor,
    action: 'subscription.removed',
    subject: id,
    details: { url },
  });
  await context.events.restart(id);
}

/** Delivers again from a cursor, or on from where it stopped; ends a pause.
 * @throws ServerError SUBSCRIPTION_NOT_FOUND */
export async function replaySubscription(
  context: ServerContext,
  { id, after, actor }: { readonly id: string; readonly after: number | undefined; readonly actor: string },
): Promise<SubscriptionView> {
  const { subscription, delivery } = await viewSubscription(context, id);
  const details = { url: subscription.url, cursor: after ?? delivery.cursor };
  const at = context.now().getTime();
  const audit = { at, actor, action: 'subscription.replayed', subject: id, details };
  await context.events.restart(id, () => context.store.replaySubscription(id, { after, audit }));
  return viewSubscription(context, id);
}

/** Sends one event that tells of nothing. Returns why the receiver did not take it; undefined when it did.
 * @throws ServerError SUBSCRIPTION_NOT_FOUND, SUBSCRIPTION_URL_REFUSED */
export async function testSubscription(context: ServerContext, id: string, actor: string): Promise<string | undefined> {
  const { now, random, config, store } = context;
  const { subscription } = await viewSubscription(context, id);
  const at = now();
  const event = testEvent(`test_${encodeBase64url(random(12))}`, id, { serverId: config.serverId, at });
  const outcome = await withRoute(context, subscription, (route) => route.send([event]));
  const failure = outcome.accepted ? undefined : outcome.failure;
  const details = { url: subscription.url, failure: failure ?? null };
  await store.appendAudit({ at: at.getTime(), actor, action: 'subscription.tested', subject: id, details });
  return failure;
}

/** @throws ServerError SUBSCRIPTION_URL_REFUSED */
async function withRoute<Result>(
  { config, keys, now, events }: ServerContext,
  destination: Destination,
  work: (route: Route) => Promise<Result>,
): Promise<Result> {
  const sender = { serverId: config.serverId, keys, now };
  const route = openRoute(destination, { config, policy: events.policy, syslog: events.syslog, sender });
  if (route === undefined) throw new ServerError('SUBSCRIPTION_URL_REFUSED');
  try {
    return await work(route);
  } finally {
    route.close();
  }
}
