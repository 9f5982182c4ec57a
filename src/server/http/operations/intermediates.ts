// trust: authorities between TPMs and trust anchors.
import { allowSource, forgetSource } from '../../trust/intermediate-sources.ts';
import { importIntermediates, listIntermediates, removeIntermediate } from '../../trust/intermediates.ts';
import type { Handlers } from '../handler.ts';
import { wireIntermediate, wireIntermediateSource, wireIntermediates } from '../wire/trust.ts';

type IntermediateOperations = Pick<
  Handlers,
  | 'listIntermediates'
  | 'importIntermediates'
  | 'removeIntermediate'
  | 'allowIntermediateSource'
  | 'forgetIntermediateSource'
>;

export const intermediateOperations: IntermediateOperations = {
  listIntermediates: async (_request, context) => ({
    status: 200,
    body: wireIntermediates(await listIntermediates(context)),
  }),
  importIntermediates: async ({ body, principal }, context) => {
    const added = await importIntermediates(context, body.pem, principal.actor);
    return { status: 201, body: { items: added.map(wireIntermediate) } };
  },
  removeIntermediate: async ({ path, principal }, context) => {
    await removeIntermediate(context, path.intermediateId, principal.actor);
    return { status: 204 };
  },
  allowIntermediateSource: async ({ body, principal }, context) => {
    const request = { url: body.url, keyIdHex: body.keyId, name: body.name };
    const { source, items } = await allowSource(context, request, principal.actor);
    return { status: 201, body: { source: wireIntermediateSource(source), items: items.map(wireIntermediate) } };
  },
  forgetIntermediateSource: async ({ path, principal }, context) => {
    await forgetSource(context, path.sourceId, principal.actor);
    return { status: 204 };
  },
};
