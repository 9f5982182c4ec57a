// TPM2_MakeCredential without a TPM: a secret that only a TPM with this endorsement key AND with an object of exactly
// this name can read. [TPM2-P1 §24]
import { agreeEcdh, digestSizes, encryptAesCfb, encryptOaep, hmac } from '../crypto/index.ts';
import { curveSizes, decryptAesCfb, equalInConstantTime, type HashAlgorithm } from '../crypto/index.ts';
import { concatBytes, encodeUtf8, leftPad } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import type { EndorsementKey } from './endorsement-key.ts';
import { kdfa, kdfe } from './kdf.ts';
import { hashOfName } from './name.ts';
import type { EccPublicArea, TpmPublic } from './public-area.ts';
import { encodeSized, readSized, sizeLimits, tpmCursor } from './wire.ts';

const noBytes = new Uint8Array(0);

export interface CredentialInput {
  readonly ek: EndorsementKey | TpmPublic;
  /** Complete name, with the algorithm in front. */
  readonly akName: Uint8Array;
  /** The secret: 1 byte up to the digest size of the EK's name algorithm; use 32 random bytes. */
  readonly credential: Uint8Array;
  /** RSA: secret random bytes, `credentialSizes(ek).seed` of them. ECC: not used, the seed comes out of ECDH. */
  readonly seed: Uint8Array;
  /** Secret random bytes, `credentialSizes(ek).randomness` of them: OAEP seed, or ephemeral private scalar. */
  readonly randomness: Uint8Array;
}

export interface MadeCredential {
  /** TPM2B_ID_OBJECT. */
  readonly credentialBlob: Uint8Array;
  /** TPM2B_ENCRYPTED_SECRET. */
  readonly encryptedSecret: Uint8Array;
}

/** How many random bytes a credential for `ek` takes. */
export function credentialSizes(ek: EndorsementKey | TpmPublic): {
  readonly seed: number;
  readonly randomness: number;
} {
  const area = publicOf(ek);
  const digestSize = digestSizes[area.nameAlg];
  return { seed: digestSize, randomness: area.type === 'rsa' ? digestSize : curveSizes[area.curve] };
}

/** Makes a credential; deterministic. Whoever returns the secret has shown that one TPM holds both keys. It does not show
 * what the attestation key may do: verify its attributes first (`verifyAttestationKey`), with the same name.
 * @throws VerificationError TPM_CREDENTIAL_INPUT_INVALID, TPM_KEY_SCHEME_REFUSED */
export function makeCredential(input: CredentialInput): MadeCredential {
  const area = publicOf(input.ek);
  checkInput(input, area);
  const { seed, secret } = area.type === 'rsa' ? encryptSeed(input, area) : agreeSeed(input, area);
  const protection = { nameAlg: area.nameAlg, symmetricBits: symmetricBitsOf(area), seed, akName: input.akName };
  return { credentialBlob: protectCredential(protection, input.credential), encryptedSecret: encodeSized(secret) };
}

export interface CredentialProtection {
  /** Of the endorsement key, as is every hash here. */
  readonly nameAlg: HashAlgorithm;
  readonly symmetricBits: number;
  readonly seed: Uint8Array;
  readonly akName: Uint8Array;
}

/** TPM2B_ID_OBJECT: encrypt-then-MAC of the credential under keys derived from the seed and the name. */
export function protectCredential(protection: CredentialProtection, credential: Uint8Array): Uint8Array {
  const identity = encryptAesCfb(storageKey(protection), encodeSized(credential));
  return encodeSized(concatBytes(encodeSized(integrityOf(protection, identity)), identity));
}

/** The inside of TPM2_ActivateCredential, for simulators: the seed is already decrypted.
 * @throws VerificationError TPM_CREDENTIAL_INTEGRITY_INVALID
 * @throws MalformedError TPM_STRUCTURE_* */
export function openCredential(protection: CredentialProtection, credentialBlob: Uint8Array): Uint8Array {
  const outer = tpmCursor(credentialBlob, sizeLimits.publicArea, 'credential');
  const body = tpmCursor(readSized(outer, sizeLimits.publicArea, 'credential'), sizeLimits.publicArea, 'credential');
  outer.end('credential');
  const integrity = readSized(body, sizeLimits.digest, 'credential integrity');
  const identity = body.rest();
  if (!equalInConstantTime(integrity, integrityOf(protection, identity))) {
    throw new VerificationError('TPM_CREDENTIAL_INTEGRITY_INVALID', 'the credential is not for this key and name');
  }
  const plain = tpmCursor(decryptAesCfb(storageKey(protection), identity), sizeLimits.publicArea, 'credential');
  const credential = readSized(plain, sizeLimits.digest, 'credential');
  plain.end('credential');
  return credential;
}

/** The label counts its terminating zero. [TPM2-P1 §B.10.4] */
const oaepLabel = encodeUtf8('IDENTITY\0');

interface Seed {
  readonly seed: Uint8Array;
  /** What the TPM recovers the seed from. */
  readonly secret: Uint8Array;
}

function encryptSeed({ seed, randomness }: CredentialInput, area: TpmPublic): Seed {
  const oaep = { hash: area.nameAlg, label: oaepLabel, message: seed, seed: randomness };
  return { seed, secret: encryptOaep(area.publicKey, oaep) };
}

/** One-pass ECDH with a key that is used once. [TPM2-P1 §C.6.3] */
function agreeSeed({ randomness }: CredentialInput, area: TpmPublic & EccPublicArea): Seed {
  const agreement = agreeEcdh(area.curve, randomness, area);
  if (agreement === undefined) throw invalid('the ephemeral scalar is zero');
  const { ephemeral, sharedX } = agreement;
  const seed = kdfe({
    hash: area.nameAlg,
    key: sharedX,
    label: 'IDENTITY',
    contextU: ephemeral.x,
    contextV: leftPad(area.x, curveSizes[area.curve]),
    bits: digestSizes[area.nameAlg] * 8,
  });
  return { seed, secret: concatBytes(encodeSized(ephemeral.x), encodeSized(ephemeral.y)) };
}

function storageKey({ nameAlg, seed, akName, symmetricBits }: CredentialProtection): Uint8Array {
  return kdfa({ hash: nameAlg, key: seed, label: 'STORAGE', contextU: akName, contextV: noBytes, bits: symmetricBits });
}

function integrityOf({ nameAlg, seed, akName }: CredentialProtection, identity: Uint8Array): Uint8Array {
  const bits = digestSizes[nameAlg] * 8;
  const key = kdfa({ hash: nameAlg, key: seed, label: 'INTEGRITY', contextU: noBytes, contextV: noBytes, bits });
  return hmac(nameAlg, key, identity, akName);
}

function checkInput({ akName, credential, seed, randomness }: CredentialInput, area: TpmPublic): void {
  const sizes = credentialSizes(area);
  if (credential.length === 0 || credential.length > sizes.seed)
    throw invalid(`${credential.length} bytes of credential`);
  if (hashOfName(akName) === undefined) throw invalid('the name of the attestation key is not a TPM name');
  if (randomness.length !== sizes.randomness) throw invalid(`${randomness.length} bytes of randomness`);
  if (area.type === 'rsa' && seed.length !== sizes.seed) throw invalid(`${seed.length} bytes of seed`);
}

function symmetricBitsOf({ symmetric }: TpmPublic): number {
  if (symmetric?.alg === 'aes' && symmetric.mode === 'cfb') return symmetric.keyBits;
  throw new VerificationError('TPM_KEY_SCHEME_REFUSED', 'credentials are made for keys with AES-CFB only');
}

function publicOf(ek: EndorsementKey | TpmPublic): TpmPublic {
  return 'public' in ek ? ek.public : ek;
}

function invalid(problem: string): VerificationError {
  return new VerificationError('TPM_CREDENTIAL_INPUT_INVALID', problem);
}
