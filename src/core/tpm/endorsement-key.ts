// Endorsement keys: restricted decryption keys, the identity of a TPM. [TCG-EK §2.1.5]
import { VerificationError } from '../error.ts';
import { verifyKeyStrength } from './key-strength.ts';
import { verifyAttributes, type KeyRole } from './key-role.ts';
import { nameOf } from './name.ts';
import { parseAnyPublic } from './parse-public.ts';
import type { TpmPublic } from './public-area.ts';

declare const endorsementKey: unique symbol;

/** A public area with the attributes of an endorsement key. Made by `verifyEndorsementKey` only. */
export interface EndorsementKey {
  readonly [endorsementKey]: true;
  readonly name: Uint8Array;
  readonly public: TpmPublic;
}

const role: KeyRole = {
  title: 'the endorsement key',
  required: ['fixedTpm', 'fixedParent', 'sensitiveDataOrigin', 'restricted', 'decrypt', 'adminWithPolicy'],
  forbidden: ['sign', 'x509Sign', 'encryptedDuplication', 'stClear'],
};

/** Proves about a TPMT_PUBLIC or TPM2B_PUBLIC:
 * 1. a TPM that holds this very area uses it only to open what was sealed for it (activation), and never gave it away;
 * 2. credentials for it can be made: AES-128 or AES-256 in CFB mode, no scheme of its own;
 * 3. its key is strong.
 * Does not prove that a genuine TPM holds it: that is the EK certificate, compared with this key (x509).
 * @throws VerificationError TPM_KEY_ATTRIBUTES_REFUSED, TPM_KEY_SCHEME_REFUSED, TPM_KEY_WEAK, TPM_KEY_ROCA
 * @throws MalformedError as parsePublic */
export function verifyEndorsementKey(publicArea: Uint8Array): EndorsementKey {
  const area = parseAnyPublic(publicArea);
  verifyAttributes(area, role);
  const { symmetric, scheme, nameAlg } = area;
  const aesCfb = symmetric?.alg === 'aes' && symmetric.mode === 'cfb' && [128, 256].includes(symmetric.keyBits);
  if (!aesCfb || scheme !== undefined || nameAlg === 'sha1') {
    throw new VerificationError(
      'TPM_KEY_SCHEME_REFUSED',
      'an endorsement key has AES-128-CFB or AES-256-CFB, no scheme, and a name made with SHA-256 or stronger',
    );
  }
  verifyKeyStrength(area);
  return { name: nameOf(area), public: area } as EndorsementKey;
}
