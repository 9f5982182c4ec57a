// Attestation keys: restricted signing keys, whose signature under TPM_GENERATED proves that a TPM made the statement.
// [TPM2-P1 §25, §31]
import { VerificationError } from '../error.ts';
import type { HashAlgorithm } from '../crypto/index.ts';
import { verifyKeyStrength } from './key-strength.ts';
import { verifyAttributes, type KeyRole } from './key-role.ts';
import { hierarchyHandles } from './algorithms.ts';
import { nameOf, qualifiedNameOf } from './name.ts';
import { parseAnyPublic } from './parse-public.ts';
import type { TpmPublic } from './public-area.ts';
import { u32 } from './wire.ts';

declare const attestationKey: unique symbol;

export interface AttestationScheme {
  readonly kind: 'rsassa' | 'rsapss' | 'ecdsa';
  readonly hash: Exclude<HashAlgorithm, 'sha1'>;
}

/** A public area with the attributes, scheme and strength of an attestation key. Made by `verifyAttestationKey` only. */
export interface AttestationKey {
  readonly [attestationKey]: true;
  readonly name: Uint8Array;
  readonly public: TpmPublic;
  readonly scheme: AttestationScheme;
  /** Its qualified name as a primary key of the NULL hierarchy, which ends with each reset of the TPM: never accepted. */
  readonly transientName: Uint8Array;
}

const nullHierarchy = u32(hierarchyHandles.null);

const role: KeyRole = {
  title: 'the attestation key',
  required: ['fixedTpm', 'fixedParent', 'sensitiveDataOrigin', 'restricted', 'sign'],
  forbidden: ['decrypt', 'x509Sign', 'encryptedDuplication', 'stClear'],
};

/** Proves about a TPMT_PUBLIC or TPM2B_PUBLIC:
 * 1. a TPM that holds this very area signs with it only what the TPM itself made, and never gave the private key away;
 * 2. it signs with one scheme, RSASSA, RSAPSS or ECDSA, and a hash of SHA-256 or stronger;
 * 3. its key is strong.
 * Does not prove that any TPM holds it: that is credential activation with this `name`, or certification by another key.
 * @throws VerificationError TPM_KEY_ATTRIBUTES_REFUSED, TPM_KEY_SCHEME_REFUSED, TPM_KEY_WEAK, TPM_KEY_ROCA
 * @throws MalformedError as parsePublic */
export function verifyAttestationKey(publicArea: Uint8Array): AttestationKey {
  const area = parseAnyPublic(publicArea);
  verifyAttributes(area, role);
  const scheme = attestationScheme(area);
  if (area.symmetric !== undefined || area.nameAlg === 'sha1') {
    throw new VerificationError(
      'TPM_KEY_SCHEME_REFUSED',
      'an attestation key is named with SHA-256 or stronger, and has no symmetric algorithm',
    );
  }
  verifyKeyStrength(area);
  const name = nameOf(area);
  return { name, public: area, scheme, transientName: qualifiedNameOf(nullHierarchy, name) } as AttestationKey;
}

function attestationScheme({ scheme }: TpmPublic): AttestationScheme {
  if (scheme?.kind === 'rsassa' || scheme?.kind === 'rsapss' || scheme?.kind === 'ecdsa') {
    if (scheme.hash !== 'sha1') return { kind: scheme.kind, hash: scheme.hash };
  }
  throw new VerificationError(
    'TPM_KEY_SCHEME_REFUSED',
    `an attestation key signs with RSASSA, RSAPSS or ECDSA and SHA-256 or stronger, not with ${describe(scheme)}`,
  );
}

function describe(scheme: TpmPublic['scheme']): string {
  if (scheme === undefined) return 'a scheme chosen per signature';
  return 'hash' in scheme ? `${scheme.kind} and ${scheme.hash}` : scheme.kind;
}
