// trust: who may vouch for a TPM.
import type { components } from '../../../api/index.ts';
import { encodeUtf8 } from '../../../core/encoding/index.ts';
import { thenDo } from '../../fleet/progress.ts';
import { activateAnchor, addAnchor, importAnchorBundle, listAnchors, withdrawAnchor } from '../../trust/anchors.ts';
import { registerEk, unregisterEk } from '../../trust/registered-eks.ts';
import {
  findRemovable,
  importRevocationLists,
  listRevocationLists,
  removeRevocationList,
  throwRefusedAlone,
  type RevocationListRequest,
} from '../../trust/revocation-lists.ts';
import { previewRevocationLists } from '../../trust/revocation-preview.ts';
import { passProtection, withoutEndorser } from '../../what-if/protection.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';
import { wireImportedLists, wireRevocationList, wireRevocationPreviews } from '../wire/revocation.ts';
import { wireAnchor, wireRegisteredEk } from '../wire/trust.ts';
import { answerSteps } from './lines.ts';
import { pageOf } from './page.ts';

type Schemas = components['schemas'];

type EndorserOperations = Pick<
  Handlers,
  | 'listTrustAnchors'
  | 'createTrustAnchor'
  | 'importTrustAnchorBundle'
  | 'activateTrustAnchor'
  | 'withdrawTrustAnchor'
  | 'listRevocationLists'
  | 'importRevocationLists'
  | 'previewRevocationLists'
  | 'removeRevocationList'
  | 'listRegisteredEks'
  | 'registerEk'
  | 'unregisterEk'
>;

export const endorserOperations: EndorserOperations = {
  listTrustAnchors: async (_request, context) => ({
    status: 200,
    body: { items: (await listAnchors(context)).map(wireAnchor) },
  }),
  createTrustAnchor: async ({ body, principal }, context) => {
    const request = {
      name: body.name,
      pem: body.pem,
      scope: body.scope ?? 'vendor',
      revocation: body.revocation ?? 'if-present',
      staged: body.staged ?? false,
    };
    return { status: 201, body: wireAnchor(await addAnchor(context, request, principal.actor)) };
  },
  importTrustAnchorBundle: async ({ body, principal }, context) => {
    const request = {
      envelope: encodeUtf8(JSON.stringify(body.envelope)),
      staged: body.staged ?? false,
      actor: principal.actor,
    };
    const { sequence, signers, added, known } = await importAnchorBundle(context, request);
    return { status: 201, body: { sequence, signers: [...signers], known, added: added.map(wireAnchor) } };
  },
  withdrawTrustAnchor: async ({ path, query, body, principal, accept }, context) => {
    const withdrawal = { id: path.anchorId, reason: body.reason };
    const ended = { withdrawn: [path.anchorId], removedLists: [] };
    const passing = passProtection(context, withoutEndorser(ended), query.includeProtected === true);
    const { actor } = principal;
    const steps = thenDo(passing, (passage) => withdrawAnchor(context, withdrawal, { actor, passage }));
    return answerSteps(steps, { accept, wire: (hosts) => ({ hosts }) });
  },
  activateTrustAnchor: async ({ path, principal }, context) => {
    await activateAnchor(context, path.anchorId, principal.actor);
    return { status: 204 };
  },
  listRevocationLists: async (_request, context) => ({
    status: 200,
    body: { items: (await listRevocationLists(context)).map((view) => wireRevocationList(view, context.now())) },
  }),
  importRevocationLists: async ({ body, principal, accept }, context) => {
    const imported = thenDo(
      importRevocationLists(context, listsOf(body), { actor: principal.actor }),
      throwRefusedAlone,
    );
    return answerSteps(imported, { accept, wire: (answers) => wireImportedLists(answers, context.now()) });
  },
  previewRevocationLists: async ({ body, accept }, context) => {
    const previews = thenDo(previewRevocationLists(context, listsOf(body)), throwRefusedAlone);
    return answerSteps(previews, { accept, wire: (answers) => wireRevocationPreviews(answers, context.now()) });
  },
  removeRevocationList: async ({ path, query, body, principal, accept }, context) => {
    const { reason, thisUpdate } = body;
    const removal = { id: path.revocationListId, thisUpdate: new Date(thisUpdate), reason };
    const ended = { withdrawn: [], removedLists: [await findRemovable(context, removal)] };
    const passing = passProtection(context, withoutEndorser(ended), query.includeProtected === true);
    const { actor } = principal;
    const steps = thenDo(passing, (passage) => removeRevocationList(context, removal, { actor, passage }));
    return answerSteps(steps, { accept, wire: (view) => wireRevocationList(view, context.now()) });
  },
  listRegisteredEks: async ({ query }, { store }) => {
    const rows = await store.listRegisteredEks({ after: query.after, limit: (query.limit ?? 100) + 1 });
    const page = pageOf(rows, query.limit, ({ ekDigest }) => ekDigest);
    return { status: 200, body: { items: page.items.map(wireRegisteredEk), ...present('next', page.next) } };
  },
  registerEk: async ({ path, body, principal }, context) => {
    const registration = { ekDigest: path.ekDigest, label: body.label, hostId: body.hostId };
    return { status: 201, body: wireRegisteredEk(await registerEk(context, registration, principal.actor)) };
  },
  unregisterEk: async ({ path, principal }, context) => ({
    status: 200,
    body: { hosts: await unregisterEk(context, path.ekDigest, principal.actor) },
  }),
};

function listsOf({ lists, issuers }: Schemas['RevocationListsRequest']): readonly RevocationListRequest[] {
  return lists.map(({ list, url }) => ({ list: encodeUtf8(list), issuerPem: issuers, url }));
}
