// The algorithms that tokens and signed documents may use, by their JOSE names and COSE numbers. Asymmetric only: a MAC
// would let every relying party issue verdicts. [RFC7518 §3.1] [RFC8037] [RFC9053 §2] [RFC8230 §2] [RFC8812 §2]
import { VerificationError } from '../error.ts';
import type { EcCurve, PublicKey } from './key.ts';
import type { SignatureScheme } from './signature.ts';

export type SigningAlgorithm = 'ES256' | 'ES384' | 'ES512' | 'EdDSA' | 'PS256' | 'RS256';

interface SigningAlgorithmRow {
  /** COSE algorithm identifier. */
  readonly cose: number;
  readonly scheme: SignatureScheme;
  readonly keyType: PublicKey['type'];
  /** ECDSA: one algorithm, one curve. */
  readonly curve?: EcCurve;
}

const ecdsa = (hash: 'sha256' | 'sha384' | 'sha512') => ({ kind: 'ecdsa', hash, encoding: 'ieee-p1363' }) as const;

export const signingAlgorithms: Readonly<Record<SigningAlgorithm, SigningAlgorithmRow>> = {
  ES256: { cose: -7, scheme: ecdsa('sha256'), keyType: 'ec', curve: 'P-256' },
  ES384: { cose: -35, scheme: ecdsa('sha384'), keyType: 'ec', curve: 'P-384' },
  ES512: { cose: -36, scheme: ecdsa('sha512'), keyType: 'ec', curve: 'P-521' },
  EdDSA: { cose: -8, scheme: { kind: 'ed25519' }, keyType: 'ed25519' },
  PS256: { cose: -37, scheme: { kind: 'rsapss', hash: 'sha256' }, keyType: 'rsa' },
  RS256: { cose: -257, scheme: { kind: 'rsassa', hash: 'sha256' }, keyType: 'rsa' },
};

/** A public key with the one algorithm it may be used for. [RFC8725 §3.1] */
export interface VerificationKey {
  /** Names the key among others; a thumbprint unless someone chose another name. */
  readonly kid: string;
  readonly alg: SigningAlgorithm;
  readonly publicKey: PublicKey;
}

const minimumRsaBits = 2048;

/** Whether a token may use it: never `none`, never a MAC. */
export function isSigningAlgorithm(name: unknown): name is SigningAlgorithm {
  return typeof name === 'string' && Object.hasOwn(signingAlgorithms, name);
}

/** The only algorithm for a key of this kind; for RSA the one named, because there are two.
 * @throws VerificationError CRYPTO_KEY_UNSUITABLE */
export function algorithmFor(key: PublicKey, named?: SigningAlgorithm): SigningAlgorithm {
  const candidates = Object.keys(signingAlgorithms).filter(isSigningAlgorithm);
  const fitting = candidates.filter((alg) => isSuitable(key, alg));
  const chosen = named === undefined ? fitting : fitting.filter((alg) => alg === named);
  const [alg, second] = chosen;
  if (alg === undefined) throw unsuitable(`no algorithm for this kind of key${named ? ` is ${named}` : ''}`);
  if (second !== undefined) throw unsuitable('a key of this kind needs its algorithm named');
  return alg;
}

/** @throws VerificationError CRYPTO_KEY_UNSUITABLE */
export function checkSuitable(key: PublicKey, alg: SigningAlgorithm): void {
  if (!isSuitable(key, alg)) throw unsuitable(`the key cannot be used with ${alg}`);
}

function isSuitable(key: PublicKey, alg: SigningAlgorithm): boolean {
  const { keyType, curve } = signingAlgorithms[alg];
  if (key.type !== keyType || (key.type === 'rsa' && key.bits < minimumRsaBits)) return false;
  return curve === undefined || key.curve === curve;
}

function unsuitable(problem: string): VerificationError {
  return new VerificationError('CRYPTO_KEY_UNSUITABLE', problem);
}
