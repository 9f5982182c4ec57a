// deny lists: what no trusted host may have, and which hosts have it.
import type { components } from '../../../api/index.ts';
import {
  type ClaimedEnvelope,
  decodeBase64,
  encodeDsseEnvelope,
  encodeHex,
  isoTime,
} from '../../../core/encoding/index.ts';
import type { Denied, DenyEntry } from '../../../core/deny/index.ts';
import {
  findDenyList,
  importDenyList,
  removeDenyList,
  viewDenyList,
  type DenyListView,
} from '../../deny/deny-lists.ts';
import { readActorNames, type ActorNames } from '../../auth/actor-names.ts';
import type { ServerContext } from '../../context.ts';
import { ServerError } from '../../errors.ts';
import { findDenied, type DeniedHosts, type DeniedQuestion } from '../../deny/find-denied.ts';
import type { Steps } from '../../fleet/progress.ts';
import { emptyDraft } from '../../what-if/draft.ts';
import { walkGate, type GateTerms } from '../../what-if/gate.ts';
import type { Handlers } from '../handler.ts';
import { wireEnding } from '../wire/audit.ts';
import { readEnvelope } from '../wire/envelope.ts';
import { present } from '../wire/present.ts';
import { wireFinding } from '../wire/verdict.ts';
import { answerSteps } from './lines.ts';
import { groupByCode, namedHosts } from './named-hosts.ts';
import { pageOf } from './page.ts';

type Schemas = components['schemas'];

type DenyOperations = Pick<
  Handlers,
  'listDenyLists' | 'getDenyList' | 'importDenyList' | 'removeDenyList' | 'findDeniedHosts'
>;

export const denyOperations: DenyOperations = {
  listDenyLists: async (_request, context) => {
    const views: DenyListView[] = [];
    for (const record of await context.store.listDenyLists()) views.push(await viewDenyList(record));
    const names = await namesIn(context, views);
    const items = views.map((view) => wireDenyList(view, { names, now: context.now() }));
    return { status: 200, body: { items } };
  },
  getDenyList: async ({ path, query }, context) => {
    const view = await findDenyList(context, path.denyListName);
    const { after = '', limit } = query;
    const rows = view.claimed.untrustedList.entries
      .filter(({ id }) => id > after)
      .sort((left, right) => (left.id < right.id ? -1 : 1));
    const page = pageOf(rows.slice(0, (limit ?? 100) + 1), limit, ({ id }) => id);
    const body = { list: await wireOne(context, view), items: page.items.map(wireEntry) };
    return { status: 200, body: { ...body, ...present('next', page.next) } };
  },
  importDenyList: async ({ query, body, principal, accept }, context) => {
    const wire = async (imported: Imported) => ({ ...(await wireOne(context, imported)), hosts: imported.hosts });
    const steps = passAndImport(context, readEnvelope(body.envelope), { terms: query, actor: principal.actor });
    return answerSteps(steps, { accept, status: 201, wire });
  },
  removeDenyList: async ({ path, body, principal }, context) => {
    const end = { name: path.denyListName, reason: body.reason, actor: principal.actor };
    return { status: 200, body: await wireOne(context, await removeDenyList(context, end)) };
  },
  findDeniedHosts: async ({ body, accept }, context) => {
    const { after, limit = 100 } = body;
    const steps = findDenied(context, { list: listOf(body), after, limit });
    return answerSteps(steps, { accept, wire: wireDenied });
  },
};

type Imported = DenyListView & { readonly hosts: number };

async function* passAndImport(
  context: ServerContext,
  envelope: ClaimedEnvelope,
  { terms, actor }: { readonly terms: GateTerms; readonly actor: string },
): Steps<Imported> {
  const passage = yield* walkGate(context, { ...emptyDraft, deny: [envelope.payload] }, terms);
  return yield* importDenyList(context, encodeDsseEnvelope(envelope), { actor, passage });
}

/** @throws ServerError REQUEST_INVALID */
function listOf({ list, name }: Schemas['DeniedHostsRequest']): DeniedQuestion['list'] {
  if (list !== undefined && name === undefined) return { payload: decodeBase64(list) };
  if (name !== undefined && list === undefined) return { name };
  throw new ServerError('REQUEST_INVALID', 'exactly one of list and name is expected');
}

function namesIn({ store }: Pick<ServerContext, 'store'>, views: readonly DenyListView[]): Promise<ActorNames> {
  return readActorNames(
    store,
    views.flatMap(({ record: { storedBy, removed } }) => [storedBy, removed?.by]),
  );
}

async function wireOne(context: ServerContext, view: DenyListView): Promise<Schemas['DenyList']> {
  return wireDenyList(view, { names: await namesIn(context, [view]), now: context.now() });
}

function wireDenyList(
  { record, claimed }: DenyListView,
  { names, now }: { readonly names: ActorNames; readonly now: Date },
): Schemas['DenyList'] {
  const { version, issuedAt, nextIssue, entries } = claimed.untrustedList;
  const { name, storedAt, storedBy, removed } = record;
  return {
    name,
    version,
    digest: claimed.id,
    state: removed === undefined ? 'in-force' : 'removed',
    issuedAt: issuedAt.toISOString(),
    ...present('nextIssue', nextIssue?.toISOString()),
    overdue: nextIssue !== undefined && nextIssue <= now,
    entries: entries.length,
    storedAt: isoTime(storedAt),
    storedBy,
    ...present('storedByName', names.get(storedBy)),
    ...present('removed', removed && wireEnding(removed, names)),
  };
}

function wireEntry({ id, reason, cves, source, until, denies }: DenyEntry): Schemas['DenyEntry'] {
  return {
    id,
    reason,
    cves: [...cves],
    ...present('source', source),
    ...present('until', until?.toISOString()),
    kind: denies.kind,
    what: describe(denies),
  };
}

/** One line for people; the signed document has the whole. */
function describe(denied: Denied): string {
  switch (denied.kind) {
    case 'measurement': {
      const digests = [...denied.digests].map(([bank, value]) => `${bank}:${encodeHex(value)}`).join(' ');
      return denied.pcr === undefined ? digests : `${digests} in PCR ${denied.pcr}`;
    }
    case 'certificate':
    case 'endorsement':
      return denied.sha256;
    case 'sbat':
      return `${denied.component} below generation ${denied.below}`;
    case 'firmware-version':
      return denied.version;
    case 'golden':
      return denied.id;
    case 'golden-subject':
      return `${denied.layer} of ${denied.name}`;
  }
}

const shownGroups = 200;

function wireDenied({ at, hosts, denied, groups, items, next, unread }: DeniedHosts): Schemas['DeniedHosts'] {
  return {
    at: at.toISOString(),
    hosts,
    denied,
    groups: groups.slice(0, shownGroups).map(({ finding, hosts: members }) => ({
      count: members.length,
      finding: wireFinding(finding),
      hosts: members.slice(0, namedHosts),
    })),
    furtherGroups: Math.max(0, groups.length - shownGroups),
    items: items.map(({ host, denials, isProtected }) => ({
      host,
      findings: denials.map(wireFinding),
      ...present('protected', isProtected || undefined),
    })),
    ...present('next', next),
    unread: groupByCode(unread),
  };
}
