// Public keys as members of a COSE_KeySet, for relying parties that verify CWT. [RFC9052 §7] [RFC9053 §7] [RFC8230 §4]
import { decodeBase64url, encodeUtf8, type CborMap, type CborValue } from '../encoding/index.ts';
import { signingAlgorithms, type VerificationKey } from './signing-algorithm.ts';

const labels = { kty: 1, kid: 2, alg: 3, keyOps: 4 } as const;
/** Key operation `verify`. */
const verify = 2;
const curves = { 'P-256': 1, 'P-384': 2, 'P-521': 3 } as const;
const ed25519 = 6;

/** The key with its name and the one algorithm it is for. */
export function coseKeyOf({ publicKey, alg, kid }: VerificationKey): CborMap {
  const { x = '', y = '', n = '', e = '' } = publicKey.handle.export({ format: 'jwk' });
  const common: readonly (readonly [number, CborValue])[] = [
    [labels.kid, encodeUtf8(kid)],
    [labels.alg, signingAlgorithms[alg].cose],
    [labels.keyOps, [verify]],
  ];
  if (publicKey.curve !== undefined) {
    const point = [[-1, curves[publicKey.curve]], [-2, decodeBase64url(x)], [-3, decodeBase64url(y)]] as const; // prettier-ignore
    return new Map<number, CborValue>([...common, [labels.kty, 2], ...point]);
  }
  const own: readonly (readonly [number, CborValue])[] =
    publicKey.type === 'rsa'
      ? [[labels.kty, 3], [-1, decodeBase64url(n)], [-2, decodeBase64url(e)]] // prettier-ignore
      : [[labels.kty, 1], [-1, ed25519], [-2, decodeBase64url(x)]]; // prettier-ignore
  return new Map<number, CborValue>([...common, ...own]);
}
