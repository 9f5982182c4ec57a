// A signature apart from the bytes it is over: a compact JWS with the payload left out. [RFC7515 Appendix F]
import { MalformedError } from '../error.ts';
import { encodeBase64url, type JsonObject } from '../encoding/index.ts';
import type { SigningKey } from '../crypto/index.ts';
import { openCompact, signCompact, type OpenedJws, type TokenKey } from './jws.ts';

/** `header..signature` over `bytes`. `typ` says what kind of bytes they are, so that a signature over one kind never counts for another. */
export async function signDetached(
  bytes: Uint8Array,
  key: SigningKey,
  { typ, claims = {} }: { readonly typ: string; readonly claims?: JsonObject },
): Promise<string> {
  const [header = '', , signature = ''] = (await signCompact(bytes, key, typ, claims)).split('.');
  return `${header}..${signature}`;
}

/** Proves what `openCompact` proves, of `bytes`.
 * @throws MalformedError VERDICT_TOKEN_MALFORMED; VerificationError as openCompact */
export async function openDetached(
  bytes: Uint8Array,
  signature: string,
  { keys, typ }: { readonly keys: readonly TokenKey[]; readonly typ: string },
): Promise<OpenedJws> {
  const [header = '', payload, value = '', ...more] = signature.split('.');
  if (payload !== '' || more.length > 0) {
    throw new MalformedError('VERDICT_TOKEN_MALFORMED', 'not a signature without its payload');
  }
  return openCompact(`${header}.${encodeBase64url(bytes)}.${value}`, keys, [typ]);
}
