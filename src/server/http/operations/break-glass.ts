// break-glass: hosts that a quorum of operators admits for a while.
import type { components } from '../../../api/index.ts';
import { encodeDsseEnvelope, isoTime } from '../../../core/encoding/index.ts';
import { readBreakGlass } from '../../break-glass/read-statements.ts';
import {
  endBreakGlass,
  findBreakGlass,
  readCovers,
  submitBreakGlass,
  viewBreakGlass,
  type BreakGlassView,
} from '../../break-glass/statements.ts';
import { readActorNames, type ActorNames } from '../../auth/actor-names.ts';
import type { ServerContext } from '../../context.ts';
import type { Handlers } from '../handler.ts';
import { wireEnding } from '../wire/audit.ts';
import { readEnvelope } from '../wire/envelope.ts';
import { present } from '../wire/present.ts';

type Schemas = components['schemas'];
type BreakGlassOperations = Pick<Handlers, 'listBreakGlass' | 'getBreakGlass' | 'submitBreakGlass' | 'endBreakGlass'>;

export const breakGlassOperations: BreakGlassOperations = {
  listBreakGlass: async (_request, context) => {
    const items: Schemas['BreakGlass'][] = [];
    let names: ActorNames = new Map();
    for await (const record of readBreakGlass(context.store)) {
      const view = await viewBreakGlass(context, record);
      names = await namesIn(context, view, names);
      items.push(wireBreakGlass(view, names));
    }
    return { status: 200, body: { items, longestSeconds: context.config.breakGlass.longestSeconds } };
  },
  getBreakGlass: async ({ path }, context) => ({
    status: 200,
    body: await wireDetails(context, await findBreakGlass(context, path.breakGlassId)),
  }),
  submitBreakGlass: async ({ body, principal }, context) => {
    const envelope = encodeDsseEnvelope(readEnvelope(body.envelope));
    return {
      status: 201,
      body: await wireDetails(context, await submitBreakGlass(context, envelope, principal.actor)),
    };
  },
  endBreakGlass: async ({ path, body, principal }, context) => {
    const end = { id: path.breakGlassId, reason: body.reason, actor: principal.actor };
    return { status: 200, body: await wireDetails(context, await endBreakGlass(context, end)) };
  },
};

async function wireDetails(context: ServerContext, view: BreakGlassView): Promise<Schemas['BreakGlassDetails']> {
  const covers = await readCovers(context, view.statement);
  return {
    statement: wireBreakGlass(view, await namesIn(context, view)),
    covers: covers.map(({ host, obstacle }) => ({
      host,
      covered: obstacle === undefined,
      ...present('obstacle', obstacle),
    })),
  };
}

function namesIn(
  { store }: Pick<ServerContext, 'store'>,
  { record: { storedBy, ended } }: BreakGlassView,
  known?: ActorNames,
): Promise<ActorNames> {
  return readActorNames(store, [storedBy, ended?.by], known);
}

function wireBreakGlass(
  { record, statement, state, until, signers }: BreakGlassView,
  names: ActorNames,
): Schemas['BreakGlass'] {
  const { id, storedAt, storedBy, ended } = record;
  const { issuedAt, status, reason, ticket, excuses, hosts } = statement;
  return {
    id,
    state,
    issuedAt: issuedAt.toISOString(),
    until: until.toISOString(),
    status,
    reason,
    ticket,
    excuses: [...excuses],
    hosts: hosts.length,
    signers: [...signers],
    storedAt: isoTime(storedAt),
    storedBy,
    ...present('storedByName', names.get(storedBy)),
    ...present('ended', ended && wireEnding(ended, names)),
  };
}
