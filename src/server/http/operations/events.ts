// events: what happened, for those who ask.
import type { components } from '../../../api/index.ts';
import { rowOf } from '../../events/cloud-event.ts';
import { parseKinds, parseLabels, type EventFilter } from '../../events/read-events.ts';
import { askEvents, streamEvents } from '../../events/stream.ts';
import { readActorNames } from '../../auth/actor-names.ts';
import type { Principal } from '../../auth/access.ts';
import { ServerError } from '../../errors.ts';
import type { ApiRequest, Handlers } from '../handler.ts';
import { wireActorNames } from '../wire/audit.ts';

export const eventOperations: Pick<Handlers, 'listEvents'> = {
  listEvents: async ({ query, accept, principal, lastEventId, signal }, context) => {
    const after = lastEventId === undefined ? query.after : parseEventId(lastEventId);
    const isTold = principal.role !== 'orchestrator';
    const question = {
      filter: filterOf(query, principal),
      after,
      signal: signal(),
      format: query.format ?? 'cloudevents',
      tellsNames: isTold,
    };
    if (accept === 'text/event-stream') {
      return { status: 200, mediaType: 'text/event-stream', parts: streamEvents(context, question) };
    }
    const bounds = { limit: query.limit ?? 100, waitSeconds: query.wait ?? 0 };
    const { events, next, isEnd } = await askEvents(context, question, bounds);
    const items = events as components['schemas']['EventPage']['items'];
    const names = isTold ? await readActorNames(context.store, items.map(actorOf)) : undefined;
    return { status: 200, body: { items, next, ...(names && wireActorNames(names)), end: isEnd } };
  },
};

function actorOf(event: components['schemas']['EventPage']['items'][number]): string | undefined {
  const actor = 'data' in event ? event.data['actor'] : event.actor?.user.name;
  return typeof actor === 'string' ? actor : undefined;
}

/** @throws ServerError REQUEST_INVALID, AUTH_FORBIDDEN */
function filterOf({ kinds, labels, host }: ApiRequest<'listEvents'>['query'], { role }: Principal): EventFilter {
  const wanted = parseKinds(kinds);
  const audience = role === 'orchestrator' ? 'fleet' : 'operators';
  const hidden = wanted.find((kind) => audience === 'fleet' && rowOf(kind).audience !== 'fleet');
  if (hidden !== undefined) throw new ServerError('AUTH_FORBIDDEN', `role ${role} may not hear of ${hidden}`);
  return { kinds: wanted, labels: parseLabels(labels), host, audience };
}

/** The header that a browser sends when it comes back.
 * @throws ServerError REQUEST_INVALID */
function parseEventId(text: string): number {
  if (!/^\d{1,15}$/.test(text))
    throw new ServerError('REQUEST_INVALID', 'a cursor is expected', { at: 'last-event-id' });
  return Number(text);
}
