// quarantines: hosts set aside by operators.
import { isoTime } from '../../../core/encoding/index.ts';
import {
  liftQuarantine,
  openQuarantine,
  viewQuarantine,
  type OpenedQuarantine,
  type QuarantineView,
} from '../../trust/quarantines.ts';
import { readActorNames, type ActorNames } from '../../auth/actor-names.ts';
import type { ServerContext } from '../../context.ts';
import { thenDo } from '../../fleet/progress.ts';
import { isProtected } from '../../lockout/protected-hosts.ts';
import type { HostView } from '../../trust/hosts.ts';
import { previewQuarantine, type QuarantinePreview } from '../../trust/quarantine-preview.ts';
import { inQuarantine, passProtection } from '../../what-if/protection.ts';
import type { Handlers } from '../handler.ts';
import type { components } from '../../../api/index.ts';
import { wireEnding } from '../wire/audit.ts';
import { wireHeldHost } from '../wire/host.ts';
import { present } from '../wire/present.ts';
import { selectorOf } from '../wire/selector.ts';
import { answerSteps } from './lines.ts';
import { readInPieces } from './page.ts';

type Schemas = components['schemas'];
type WireQuarantine = Schemas['Quarantine'];

/** A quarantine names up to 10,000 hosts, and a page has up to 1,000 quarantines. */
const namesOfPage = 20_000;

export const quarantineOperations: Pick<
  Handlers,
  'listQuarantines' | 'createQuarantine' | 'previewQuarantine' | 'liftQuarantine'
> = {
  listQuarantines: async ({ query }, context) => {
    const page = await readInPieces({
      after: query.after,
      limit: query.limit,
      read: (piece) => context.store.listQuarantines(piece),
      idOf: ({ id }) => id,
      weight: { most: namesOfPage, of: ({ hosts }) => ('names' in hosts ? hosts.names.length : 1) },
    });
    const views = page.items.map((quarantine) => viewQuarantine(quarantine, context.now()));
    const names = await namesIn(context, views);
    const items = views.map((view) => wireQuarantine(view, names));
    return { status: 200, body: { items, ...present('next', page.next) } };
  },
  createQuarantine: async ({ query, body, principal, accept }, context) => {
    const { reason, expiresInSeconds } = body;
    const request = { hosts: selectorOf(body.hosts), reason, expiresInSeconds };
    const isIncluded = query.includeProtected ?? false;
    const passing = passProtection(context, inQuarantine(request.hosts), isIncluded);
    const steps = thenDo(passing, (passage) => openQuarantine(context, request, { actor: principal.actor, passage }));
    const wire = async (opened: OpenedQuarantine): Promise<WireQuarantine> => ({
      ...wireQuarantine(opened, await namesIn(context, [opened])),
      selected: opened.selected,
    });
    return answerSteps(steps, { accept, status: 201, wire });
  },
  previewQuarantine: async ({ body, accept }, context) => {
    const question = { hosts: selectorOf(body.hosts), lifted: body.lifted ?? [] };
    const wire = (preview: QuarantinePreview) => wirePreview(preview, context);
    return answerSteps(previewQuarantine(context, question, shownHosts), { accept, wire });
  },
  liftQuarantine: async ({ path, body, principal }, context) => {
    const lift = { id: path.quarantineId, reason: body.reason, actor: principal.actor };
    const view = await liftQuarantine(context, lift);
    return { status: 200, body: wireQuarantine(view, await namesIn(context, [view])) };
  },
};

const shownHosts = 1000;

function wirePreview(
  { selected, trusted, shown }: QuarantinePreview,
  context: Pick<ServerContext, 'config'>,
): Schemas['QuarantinePreview'] {
  return { selected, trusted, items: shown.map((view) => wireSelected(view, context)) };
}

function wireSelected(
  view: HostView,
  { config }: Pick<ServerContext, 'config'>,
): Schemas['QuarantinePreview']['items'][number] {
  return { ...wireHeldHost(view), ...present('protected', isProtected(config, view.host) || undefined) };
}

function namesIn({ store }: Pick<ServerContext, 'store'>, views: readonly QuarantineView[]): Promise<ActorNames> {
  return readActorNames(
    store,
    views.flatMap(({ quarantine: { createdBy, lifted } }) => [createdBy, lifted?.by]),
  );
}

function wireQuarantine({ quarantine, state }: QuarantineView, names: ActorNames): WireQuarantine {
  const { id, hosts, reason, createdAt, createdBy, until, lifted } = quarantine;
  return {
    id,
    state,
    hosts: hosts as WireQuarantine['hosts'],
    reason,
    createdAt: isoTime(createdAt),
    createdBy,
    ...present('createdByName', names.get(createdBy)),
    ...present('until', until === undefined ? undefined : isoTime(until)),
    ...present('lifted', lifted && wireEnding(lifted, names)),
  };
}
