// Who may approve golden measurements.
import { publicKeyFromPem } from '../../core/crypto/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { signerKeyId, signerScheme } from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { viewGolden } from '../golden/approve.ts';
import { readActiveGoldens } from '../golden/read-active.ts';
import { authorisedSigner } from '../golden/trust-cache.ts';
import type { GoldenRecord, SignerRecord, Weighed } from '../storage/index.ts';
import type { Passage } from '../what-if/protection.ts';

export interface SignerRequest {
  readonly name: string;
  readonly publicKeyPem: string;
  readonly layers: readonly string[] | undefined;
}

/** @throws ServerError SIGNERS_LOCKED, SIGNER_EXISTS, SIGNER_REMOVED, SIGNER_KEY_UNSUITABLE; VerificationError CRYPTO_KEY_INVALID */
export async function addSigner(context: ServerContext, request: SignerRequest, actor: string): Promise<SignerRecord> {
  if (context.config.lockSigners) throw new ServerError('SIGNERS_LOCKED');
  // `createPublicKey` would take a private key too, and we would then keep it.
  if (/PRIVATE KEY/.test(request.publicKeyPem)) {
    throw new ServerError(
      'SIGNER_KEY_UNSUITABLE',
      'this is a private key: keep it to yourself and send the public key',
    );
  }
  const key = publicKeyFromPem(request.publicKeyPem);
  if (signerScheme(key) === undefined) throw new ServerError('SIGNER_KEY_UNSUITABLE');
  const at = context.now().getTime();
  const signer: SignerRecord = {
    keyid: signerKeyId(key),
    name: request.name,
    publicKeyPem: key.handle.export({ type: 'spki', format: 'pem' }).toString(),
    layers: request.layers,
    createdAt: at,
  };
  const outcome = await context.store.addSigner(signer, {
    at,
    actor,
    action: 'signer.added',
    subject: signer.name,
    details: { keyid: signer.keyid, layers: signer.layers ?? null },
  });
  if (outcome === 'exists') throw await existing(context, signer.keyid);
  if (outcome === 'removed') throw new ServerError('SIGNER_REMOVED');
  return signer;
}

async function existing({ store }: ServerContext, keyid: string): Promise<ServerError> {
  const known = (await store.listSigners()).find((signer) => signer.keyid === keyid);
  return new ServerError('SIGNER_EXISTS', known && `the key is that of ${printable(known.name)} already`);
}

/** What the removal of a key would do. */
export interface SignerEnd extends Weighed {
  readonly signer: SignerRecord;
  /** Golden measurements that would have too few signatures without it. */
  readonly lapsed: readonly string[];
}

/** @throws ServerError SIGNER_NOT_FOUND */
export async function foreseeRemoval(context: ServerContext, keyid: string): Promise<SignerEnd> {
  const revision = await context.store.fleetRevision();
  const { signers, lapsed } = await foreseeLapse(context, [keyid]);
  const [signer] = signers;
  if (signer === undefined) throw new TypeError('a key that was found has a signer');
  return { signer, lapsed, revision };
}

/** What would have too few signatures without these keys.
 * @throws ServerError SIGNER_NOT_FOUND */
export async function foreseeLapse(
  { store, config }: Pick<ServerContext, 'store' | 'config'>,
  keyids: readonly string[],
): Promise<{ readonly signers: readonly SignerRecord[]; readonly lapsed: readonly string[] }> {
  if (keyids.length === 0) return { signers: [], lapsed: [] };
  const records = await store.listSigners();
  const signers = keyids.map((keyid) => {
    const found = records.find((record) => record.keyid === keyid);
    if (found === undefined) throw new ServerError('SIGNER_NOT_FOUND', `no signer has the key ${printable(keyid, 64)}`);
    return found;
  });
  const before = records.map(authorisedSigner);
  const after = records.filter((record) => !signers.includes(record)).map(authorisedSigner);
  const isApproved = async (golden: GoldenRecord, authorised: typeof before): Promise<boolean> =>
    (await viewGolden(golden, authorised)).signatures.length >= config.goldenQuorum;
  const lapsed: string[] = [];
  for await (const golden of readActiveGoldens(store))
    if ((await isApproved(golden, before)) && !(await isApproved(golden, after))) lapsed.push(golden.id);
  return { signers, lapsed };
}

export interface SignerRemoval {
  readonly end: SignerEnd;
  readonly reason: string;
  readonly actor: string;
  readonly passage: Passage;
}

/** Takes a key away: what it signed counts without it from now on. A change that was weighed is made under what it was foreseen under.
 * @throws ServerError SIGNER_NOT_FOUND, REQUEST_CONFLICT */
export async function removeSigner(
  context: ServerContext,
  { end, reason, actor, passage }: SignerRemoval,
): Promise<SignerEnd> {
  const { signer, lapsed } = end;
  const isRemoved = await context.store.removeSigner(signer.keyid, {
    revision: passage.revision === undefined ? undefined : end.revision,
    audit: {
      at: context.now().getTime(),
      actor,
      action: 'signer.removed',
      subject: signer.name,
      details: { keyid: signer.keyid, reason: printable(reason, 1024), lapsed: [...lapsed], ...passage.details },
    },
  });
  if (!isRemoved) throw new ServerError('SIGNER_NOT_FOUND', `the key ${signer.keyid} was removed already`);
  return end;
}
