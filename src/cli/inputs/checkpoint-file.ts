// A checkpoint of an audit log as somebody keeps it: what the server signed, and the keys that it had then. Keys are published for
// some days after their last signature, and a checkpoint is kept for years.
import { parseJwks } from '../../core/crypto/index.ts';
import {
  canonicalJson,
  decodeUtf8,
  encodeUtf8,
  isJsonObject,
  parseJsonStrict,
  type JsonValue,
  Field,
} from '../../core/encoding/index.ts';
import { parseArchive, partsOf, readClaimedKeys, readSignedCheckpoint } from '../../core/evidence-bundle/index.ts';
import { openCheckpoint, type OpenedCheckpoint, type SignedCheckpoint } from '../../core/transparency/index.ts';
import type { TokenKey } from '../../core/verdict/index.ts';
import { nameIn } from '../files.ts';

export interface KeptCheckpoint {
  readonly signed: SignedCheckpoint;
  /** JWK set, as bytes of JSON. */
  readonly keySet: Uint8Array;
}

export function encodeKept({ signed, keySet }: KeptCheckpoint): string {
  const document = {
    checkpoint: signed.text,
    signature: signed.signature,
    keys: JSON.parse(decodeUtf8(keySet)) as unknown,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** One that `encodeKept` wrote, or that of an evidence bundle.
 * @throws MalformedError CHECKPOINT_MALFORMED, EVIDENCE_*, ENCODING_* */
export function parseKept(bytes: Uint8Array): KeptCheckpoint {
  if (!isJsonText(bytes)) {
    const parts = partsOf(parseArchive(bytes));
    return { signed: readSignedCheckpoint(parts), keySet: readClaimedKeys(parts) ?? encodeUtf8('{"keys":[]}') };
  }
  const document = parseJsonStrict(bytes);
  const root = new Field(document, '', 'CHECKPOINT_MALFORMED');
  return readKept(document, root.object('checkpoint', 'signature', 'keys'));
}

/** From the members of a document that has them.
 * @throws MalformedError CHECKPOINT_MALFORMED */
export function readKept(
  document: JsonValue,
  { checkpoint, signature, keys }: Readonly<Record<'checkpoint' | 'signature' | 'keys', Field>>,
): KeptCheckpoint {
  const set = isJsonObject(document) ? document['keys'] : undefined;
  if (!isJsonObject(set)) return keys.fail('a JWK set');
  return {
    signed: { text: checkpoint.lines(4096), signature: signature.text(4096) },
    keySet: canonicalJson(set),
  };
}

/** Evidence bundles begin with the name of their manifest. */
export function isJsonText(bytes: Uint8Array): boolean {
  return bytes[0] === '{'.charCodeAt(0);
}

/** By the keys that one trusts, or those that it came with. What is refused is named.
 * @throws AttestationError CHECKPOINT_*, VERDICT_*, CRYPTO_JWK_INVALID */
export async function openKept(
  name: string,
  { signed, keySet }: KeptCheckpoint,
  own: readonly TokenKey[] | undefined,
): Promise<OpenedCheckpoint> {
  try {
    return await openCheckpoint(signed, own ?? parseJwks(keySet));
  } catch (cause) {
    throw nameIn(cause, name);
  }
}
