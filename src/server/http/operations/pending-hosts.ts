// pending hosts: TPMs that proved themselves and wait for an operator.
import type { components } from '../../../api/index.ts';
import { encodeHex, isoTime } from '../../../core/encoding/index.ts';
import { readActorNames, type ActorNames } from '../../auth/actor-names.ts';
import type { ServerContext } from '../../context.ts';
import { decidePendingHost, listPendingHosts, tryRules, type PendingHostView } from '../../trust/pending-hosts.ts';
import type { Handlers } from '../handler.ts';
import { wireEnding } from '../wire/audit.ts';
import { present } from '../wire/present.ts';
import { pageOf } from './page.ts';

type WirePendingHost = components['schemas']['PendingHost'];

export const pendingHostOperations: Pick<
  Handlers,
  'listPendingHosts' | 'approvePendingHost' | 'rejectPendingHost' | 'tryApprovalRules'
> = {
  listPendingHosts: async ({ query }, context) => {
    const rows = await listPendingHosts(context, { after: query.after, limit: (query.limit ?? 100) + 1 });
    const page = pageOf(rows, query.limit, ({ pending }) => pending.id);
    const names = await namesIn(context, page.items);
    const items = page.items.map((view) => wirePendingHost(view, names));
    return { status: 200, body: { items, ...present('next', page.next) } };
  },
  tryApprovalRules: async ({ query, body }, context) => {
    const limit = (query.limit ?? 100) + 1;
    const rows = await tryRules(context, { after: query.after, limit }, body.rules);
    const page = pageOf(rows, query.limit, ({ pending }) => pending.id);
    const items = page.items.map(({ pending: { id, binding }, outcome, rule }) => ({
      ...{ id, hostName: binding.hostId, ekDigest: encodeHex(binding.ekDigest), outcome },
      ...present('rule', rule),
    }));
    return { status: 200, body: { items, ...present('next', page.next) } };
  },
  approvePendingHost: async ({ path, body, principal }, context) => {
    const verb = { id: path.pendingId, state: 'approved', reason: body.reason ?? '', actor: principal.actor } as const;
    const view = await decidePendingHost(context, verb);
    return { status: 200, body: wirePendingHost(view, await namesIn(context, [view])) };
  },
  rejectPendingHost: async ({ path, body, principal }, context) => {
    const verb = { id: path.pendingId, state: 'rejected', reason: body.reason, actor: principal.actor } as const;
    const view = await decidePendingHost(context, verb);
    return { status: 200, body: wirePendingHost(view, await namesIn(context, [view])) };
  },
};

function namesIn({ store }: Pick<ServerContext, 'store'>, views: readonly PendingHostView[]): Promise<ActorNames> {
  return readActorNames(
    store,
    views.map(({ pending }) => pending.decided?.by),
  );
}

function wirePendingHost({ pending, tpm, tokenName }: PendingHostView, names: ActorNames): WirePendingHost {
  const { binding, decided } = pending;
  return {
    id: pending.id,
    hostName: binding.hostId,
    state: pending.state,
    ekDigest: encodeHex(binding.ekDigest),
    akName: encodeHex(binding.akName),
    askedAt: isoTime(pending.askedAt),
    lastAskedAt: isoTime(pending.lastAskedAt),
    expiresAt: isoTime(pending.expiresAt),
    ...present('endorser', binding.endorser?.name),
    ...present('tpm', tpm && wireTpm(tpm)),
    ...present('joinToken', pending.joinToken),
    ...present('joinTokenName', tokenName),
    ...present('decided', decided && wireEnding(decided, names)),
  };
}

function wireTpm({
  issuer,
  manufacturer,
  model,
  version,
}: NonNullable<PendingHostView['tpm']>): WirePendingHost['tpm'] {
  return {
    issuer,
    ...present('manufacturer', manufacturer),
    ...present('model', model),
    ...present('version', version),
  };
}
