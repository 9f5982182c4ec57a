// What an import says about revocation that nobody could look up.
import type { ContentSigner } from '../x509/index.ts';

/** The certificates of a signer's path that no revocation list was at hand for, in words. */
export function withoutList(signer: ContentSigner | undefined): readonly string[] {
  return (signer?.unchecked ?? []).map((name) => `whether ${name} was revoked: no list of its issuer was given`);
}
