// Keys made while the tests run, with the public area of an attestation key: they sign statements no TPM would make.
import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { hash, type EcCurve, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { concatBytes, encodeUnsigned } from '../../../src/core/encoding/index.ts';
import {
  akTemplate,
  encodeAttest,
  encodePublic,
  encodeSignature,
  qualifiedNameOf,
  hierarchyHandles,
  pcrDigestOf,
  verifyAttestationKey,
  type AttestationKey,
  type ClaimedAttest,
  type ClaimedPcrs,
  type PcrSelection,
  type PublicArea,
  type QuoteClaim,
} from '../../../src/core/tpm/index.ts';

export interface SoftwareKey {
  readonly area: PublicArea;
  readonly key: AttestationKey;
  readonly sign: (message: Uint8Array) => Uint8Array;
}

type Kind = 'rsassa' | 'rsapss' | 'ecdsa';

export function softwareKey(
  kind: Kind = 'ecdsa',
  alg: HashAlgorithm = 'sha256',
  curve: EcCurve = 'P-256',
  saltLength = 32,
): SoftwareKey {
  const { publicKey, privateKey } =
    kind === 'ecdsa'
      ? generateKeyPairSync('ec', { namedCurve: curve })
      : generateKeyPairSync('rsa', { modulusLength: 2048 });
  const area = { ...publicArea(publicKey, curve), scheme: { kind, hash: alg } } as PublicArea;
  const signer = (message: Uint8Array): Uint8Array => signWith(privateKey, { kind, alg, saltLength }, message);
  return { area, key: verifyAttestationKey(encodePublic(area)), sign: signer };
}

/** The AK template filled in with a public key. */
export function publicArea(publicKey: KeyObject, curve: EcCurve = 'P-256'): PublicArea {
  const jwk = publicKey.export({ format: 'jwk' });
  const bytes = (text: string | undefined): Uint8Array => new Uint8Array(Buffer.from(text ?? '', 'base64url'));
  if (jwk.kty === 'RSA') {
    const modulus = bytes(jwk.n);
    return { ...akTemplate('rsa'), modulus, keyBits: modulus.length * 8 } as PublicArea;
  }
  return { ...akTemplate('ecc'), curve, x: bytes(jwk.x), y: bytes(jwk.y) } as PublicArea;
}

interface SignWith {
  readonly kind: Kind;
  readonly alg: HashAlgorithm;
  readonly saltLength: number;
}

function signWith(key: KeyObject, { kind, alg, saltLength }: SignWith, message: Uint8Array): Uint8Array {
  if (kind === 'ecdsa') {
    const pair = new Uint8Array(sign(alg, message, { key, dsaEncoding: 'ieee-p1363' }));
    const strip = (bytes: Uint8Array): Uint8Array => bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const half = pair.length / 2;
    return encodeSignature({ kind, hash: alg, r: strip(pair.subarray(0, half)), s: strip(pair.subarray(half)) });
  }
  const options = kind === 'rsapss' ? { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength } : { key };
  return encodeSignature({ kind, hash: alg, signature: new Uint8Array(sign(alg, message, options)) });
}

export const nonce = hash('sha256', Uint8Array.of(1, 2, 3));

/** PCR n of a bank is the digest of n. */
export function pcrsOf(selections: readonly PcrSelection[]): ClaimedPcrs {
  return new Map(
    selections.map(({ bank, pcrs }) => [bank, new Map(pcrs.map((pcr) => [pcr, hash(bank, Uint8Array.of(pcr))]))]),
  );
}

export function quoteClaim(key: AttestationKey, change: Partial<QuoteClaim> = {}): QuoteClaim {
  const selections = change.selections ?? [{ bank: 'sha256' as const, pcrs: [0, 4, 7] }];
  return {
    type: 'quote',
    qualifiedSigner: qualifiedNameOf(encodeUnsigned(hierarchyHandles.endorsement, 4), key.name),
    extraData: nonce,
    clock: { clockMs: 1000n, resetCount: 3, restartCount: 0, safe: true },
    firmwareVersion: 1n,
    selections,
    pcrDigest: pcrDigestOf(selections, pcrsOf(selections), key.scheme.hash) ?? new Uint8Array(0),
    ...change,
  };
}

export function signedStatement(
  signer: SoftwareKey,
  claim: ClaimedAttest,
): { attest: Uint8Array; signature: Uint8Array; key: AttestationKey; qualifyingData: Uint8Array } {
  const attest = encodeAttest(claim);
  return { attest, signature: signer.sign(attest), key: signer.key, qualifyingData: nonce };
}

/** A quote of `values` by SHA-256, with whatever else it claims.
 * @throws TypeError where a selected PCR has no value */
export function signedQuote(
  signer: SoftwareKey,
  selections: readonly PcrSelection[],
  values: ClaimedPcrs,
  change: Partial<QuoteClaim> = {},
): { attest: Uint8Array; signature: Uint8Array } {
  const pcrDigest = pcrDigestOf(selections, values, 'sha256');
  if (pcrDigest === undefined) throw new TypeError('a selected PCR has no value');
  const { attest, signature } = signedStatement(signer, quoteClaim(signer.key, { selections, pcrDigest, ...change }));
  return { attest, signature };
}

/** Each way to invert one byte of `bytes`. */
export function* flipped(bytes: Uint8Array): Generator<Uint8Array> {
  for (let index = 0; index < bytes.length; index += 1) {
    const copy = Uint8Array.from(bytes);
    copy[index] = (copy[index] ?? 0) ^ 0x20;
    yield copy;
  }
}

/** Each proper prefix of `bytes`. */
export function* truncated(bytes: Uint8Array): Generator<Uint8Array> {
  for (let length = 0; length < bytes.length; length += 1) yield bytes.subarray(0, length);
}

export function withExtraByte(bytes: Uint8Array): Uint8Array {
  return concatBytes(bytes, Uint8Array.of(0));
}
