// subscriptions: who is told of events.
import { isoTime } from '../../../core/encoding/index.ts';
import type { components } from '../../../api/index.ts';
import { readActorNames, type ActorNames } from '../../auth/actor-names.ts';
import type { ServerContext } from '../../context.ts';
import {
  addSubscription,
  listSubscriptions,
  removeSubscription,
  replaySubscription,
  testSubscription,
  viewSubscription,
  type SubscriptionView,
} from '../../events/subscriptions.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

type WireSubscription = components['schemas']['Subscription'];

type SubscriptionOperations = Pick<
  Handlers,
  | 'listSubscriptions'
  | 'getSubscription'
  | 'createSubscription'
  | 'removeSubscription'
  | 'testSubscription'
  | 'replaySubscription'
>;

export const subscriptionOperations: SubscriptionOperations = {
  listSubscriptions: async (_request, context) => {
    const views = await listSubscriptions(context);
    const names = await namesIn(context, views);
    return { status: 200, body: { items: views.map((view) => wireSubscription(view, names)) } };
  },
  getSubscription: async ({ path }, context) => {
    const view = await viewSubscription(context, path.subscriptionId);
    return { status: 200, body: wireSubscription(view, await namesIn(context, [view])) };
  },
  createSubscription: async ({ body, principal }, context) => {
    const { url, kinds = [], labels = {}, batch = false, format, after } = body;
    const view = await addSubscription(context, { url, kinds, labels, batch, format, after }, principal.actor);
    return { status: 201, body: wireSubscription(view, await namesIn(context, [view])) };
  },
  removeSubscription: async ({ path, principal }, context) => {
    await removeSubscription(context, path.subscriptionId, principal.actor);
    return { status: 204 };
  },
  testSubscription: async ({ path, principal }, context) => {
    const failure = await testSubscription(context, path.subscriptionId, principal.actor);
    return { status: 200, body: { acknowledged: failure === undefined, ...present('failure', failure) } };
  },
  replaySubscription: async ({ path, body, principal }, context) => {
    const request = { id: path.subscriptionId, after: body.after, actor: principal.actor };
    const view = await replaySubscription(context, request);
    return { status: 200, body: wireSubscription(view, await namesIn(context, [view])) };
  },
};

function namesIn({ store }: Pick<ServerContext, 'store'>, views: readonly SubscriptionView[]): Promise<ActorNames> {
  return readActorNames(
    store,
    views.map(({ subscription }) => subscription.createdBy),
  );
}

function wireSubscription({ subscription, delivery, last }: SubscriptionView, names: ActorNames): WireSubscription {
  const { id, url, kinds, labels, batch, format, rate, createdAt, createdBy, pausedAt } = subscription;
  const { cursor, failing } = delivery;
  return {
    id,
    url,
    state: pausedAt !== undefined ? 'paused' : failing !== undefined ? 'failing' : 'active',
    kinds: kinds as WireSubscription['kinds'],
    labels: { ...labels },
    batch,
    format,
    createdAt: isoTime(createdAt),
    createdBy,
    ...present('createdByName', names.get(createdBy)),
    cursor,
    behind: Math.max(0, last - cursor),
    ...present('ratePerMinute', rate),
    ...present('failingSince', failing && isoTime(failing.since)),
    ...present('failure', failing?.failure),
    ...present('pausedAt', pausedAt === undefined ? undefined : isoTime(pausedAt)),
  };
}
