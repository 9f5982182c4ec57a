// The keys that sign tokens: published for everybody, rotated by operators.
import { coseKeyOf, jwkOf } from '../../../core/crypto/index.ts';
import { encodeCbor } from '../../../core/encoding/index.ts';
import type { components } from '../../../api/index.ts';
import type { SigningKeyRecord } from '../../keys/signing-keys.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';

type SigningKeyOperations = Pick<Handlers, 'getJwks' | 'getCoseKeys' | 'listSigningKeys' | 'createSigningKey'>;
type WireSigningKey = components['schemas']['SigningKey'];
type WireJwk = components['schemas']['JsonWebKeySet']['keys'][number];

/** A key that signs is published for longer than a cache keeps the set. */
const cached = { 'cache-control': 'public, max-age=300' };

export const signingKeyOperations: SigningKeyOperations = {
  getJwks: (_request, { keys, now }) => {
    const published = keys.signing.published(now()).map((key) => jwkOf(key) as WireJwk);
    return Promise.resolve({ status: 200, body: { keys: published }, headers: cached });
  },
  getCoseKeys: (_request, { keys, now }) => {
    const content = encodeCbor(keys.signing.published(now()).map(coseKeyOf));
    return Promise.resolve({ status: 200, raw: { mediaType: 'application/cose-key-set', content }, headers: cached });
  },
  listSigningKeys: (_request, { keys, now }) => {
    const at = now();
    return Promise.resolve({ status: 200, body: { items: keys.signing.published(at).map((key) => wireKey(key, at)) } });
  },
  createSigningKey: async ({ body, principal }, { keys, store, now }) => {
    const at = now();
    const { alg = 'ES256', signsInSeconds = 86_400, withdrawOthers = false, reason } = body;
    const signsFrom = new Date(at.getTime() + (withdrawOthers ? 0 : signsInSeconds * 1000));
    const made = keys.signing.rotate({ kind: alg, signsFrom, withdrawOthers }, at);
    await store.appendAudit({
      at: at.getTime(),
      actor: principal.actor,
      action: 'signing-key.created',
      subject: made.kid,
      details: { alg, signsFrom: signsFrom.toISOString(), withdrawOthers, reason },
    });
    return { status: 201, body: wireKey(made, at) };
  },
};

function wireKey({ kid, alg, signsFrom, signsUntil, publishedUntil }: SigningKeyRecord, at: Date): WireSigningKey {
  const isRetired = signsUntil !== undefined && signsUntil <= at;
  return {
    kid,
    alg,
    state: signsFrom > at ? 'next' : isRetired ? 'retired' : 'signing',
    signsFrom: signsFrom.toISOString(),
    ...present('signsUntil', signsUntil?.toISOString()),
    ...present('publishedUntil', publishedUntil?.toISOString()),
  };
}
