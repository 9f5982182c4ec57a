// policy and trust: policies, signers, tokens, the audit log.
import { encodeHex, isoTime } from '../../../core/encoding/index.ts';
import { searchAudit } from '../../audit/search-audit.ts';
import { signAuditCheckpoint } from '../../audit/sign-checkpoint.ts';
import { readActorNames } from '../../auth/actor-names.ts';
import { parseKinds } from '../../events/read-events.ts';
import { thenDo } from '../../fleet/progress.ts';
import type { AuditFilter } from '../../storage/index.ts';
import { findPolicy, writePolicy } from '../../trust/policies.ts';
import { addSigner, foreseeRemoval, removeSigner } from '../../trust/signers.ts';
import { addToken, revokeToken } from '../../trust/tokens.ts';
import { emptyDraft } from '../../what-if/draft.ts';
import { walkGate } from '../../what-if/gate.ts';
import type { ApiRequest, Handlers } from '../handler.ts';
import { wireActorNames, wireAudit } from '../wire/audit.ts';
import { wirePolicy, wireSigner, wireSignerEnd } from '../wire/golden.ts';
import { present } from '../wire/present.ts';
import { selectorOf } from '../wire/selector.ts';
import { wireToken } from '../wire/token.ts';
import { answerSteps } from './lines.ts';
import { pageOf } from './page.ts';

type TrustOperations = Pick<
  Handlers,
  | 'listSigners'
  | 'createSigner'
  | 'removeSigner'
  | 'listPolicies'
  | 'getPolicy'
  | 'putPolicy'
  | 'listTokens'
  | 'createToken'
  | 'revokeToken'
  | 'listAudit'
  | 'getAuditCheckpoint'
>;

export const trustOperations: TrustOperations = {
  listSigners: async (_request, { store }) => ({
    status: 200,
    body: { items: (await store.listSigners()).map(wireSigner) },
  }),
  createSigner: async ({ body, principal }, context) => {
    const request = { name: body.name, publicKeyPem: body.publicKeyPem, layers: body.layers };
    return { status: 201, body: wireSigner(await addSigner(context, request, principal.actor)) };
  },
  removeSigner: async ({ path, query, body, principal, accept }, context) => {
    const end = await foreseeRemoval(context, path.keyid);
    const { reason } = body;
    const gate = walkGate(context, { ...emptyDraft, retire: end.lapsed }, query);
    const steps = thenDo(gate, (passage) => removeSigner(context, { end, reason, actor: principal.actor, passage }));
    return answerSteps(steps, { accept, wire: wireSignerEnd });
  },
  listPolicies: async (_request, { store }) => ({
    status: 200,
    body: { items: (await store.listPolicies()).map(wirePolicy) },
  }),
  getPolicy: async ({ path }, context) => ({
    status: 200,
    body: wirePolicy(await findPolicy(context, path.policyId)),
  }),
  putPolicy: async ({ path, query, body, principal, accept }, context) => {
    const { hosts, ...document } = body;
    const request = { id: path.policyId, document, hosts: selectorOf(hosts) };
    const steps = thenDo(walkGate(context, { ...emptyDraft, policies: [request] }, query), (passage) =>
      writePolicy(context, request, { actor: principal.actor, passage }),
    );
    return answerSteps(steps, { accept, wire: wirePolicy });
  },
  listTokens: async ({ query }, { store }) => {
    const rows = await store.listTokens({ after: query.after, limit: (query.limit ?? 100) + 1 });
    const page = pageOf(rows, query.limit, ({ id }) => id);
    return { status: 200, body: { items: page.items.map(wireToken), ...present('next', page.next) } };
  },
  createToken: async ({ body, principal }, context) => {
    const { name, role, expiresInSeconds, enrolments } = body;
    const request = { name, role, expiresInSeconds, enrolments };
    const { record, token } = await addToken(context, request, principal.actor);
    const expiresAt = record.expiresAt === undefined ? undefined : isoTime(record.expiresAt);
    return { status: 201, body: { id: record.id, token, ...present('expiresAt', expiresAt) } };
  },
  revokeToken: async ({ path, principal }, context) => {
    await revokeToken(context, path.tokenId, principal.actor);
    return { status: 204 };
  },
  listAudit: async ({ query }, { store }) => {
    const { order = 'oldest', after, before, limit = 100 } = query;
    const { entries, next } = await searchAudit(store, { order, after, before, filter: auditFilterOf(query) }, limit);
    const names = await readActorNames(
      store,
      entries.map(({ actor }) => actor),
    );
    return { status: 200, body: { items: entries.map(wireAudit), ...present('next', next), ...wireActorNames(names) } };
  },
  getAuditCheckpoint: async ({ query: { from, entry } }, context) => {
    const { signed, path, inclusion: way } = await signAuditCheckpoint(context, { from, entry });
    const consistency = from !== undefined && path !== undefined ? { from, path: path.map(encodeHex) } : undefined;
    const inclusion = entry !== undefined && way !== undefined ? { entry, path: way.map(encodeHex) } : undefined;
    const proofs = { ...present('consistency', consistency), ...present('inclusion', inclusion) };
    return { status: 200, body: { checkpoint: signed.text, signature: signed.signature, ...proofs } };
  },
};

/** @throws ServerError REQUEST_INVALID */
function auditFilterOf({
  subject,
  actor,
  actions,
  since,
  until,
  byPeople = false,
}: ApiRequest<'listAudit'>['query']): AuditFilter {
  return {
    ...{ subject, actor, byPeople, actions: parseKinds(actions, 'actions') },
    since: since === undefined ? 0 : Date.parse(since),
    until: until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(until),
  };
}
