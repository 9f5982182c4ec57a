// An operator's signature over a golden measurement: made here, with a key that never leaves the operator's machine.
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { basename } from 'node:path';
import { decodeUtf8, encodeBase64, encodeBase64url, preAuthEncoding, printable } from '../../core/encoding/index.ts';
import { publicKeyFromHandle, publicKeyFromPem, spkiDigest } from '../../core/crypto/index.ts';
import { goldenPayloadType, type AuthorisedSigner } from '../../core/golden/index.ts';
import { systemReason } from '../../files/index.ts';
import { CliError } from '../errors.ts';
import { naming, parseInput, readTextInput } from '../files.ts';

export interface GoldenSignature {
  readonly keyid: string;
  /** Base64. */
  readonly sig: string;
}

/** Base64url SHA-256 of the SubjectPublicKeyInfo. */
export function keyIdOf(key: KeyObject): string {
  return encodeBase64url(spkiDigest(publicKeyFromHandle(key)));
}

/** @throws CliError CLI_KEY_UNUSABLE, CLI_FILE_UNREADABLE */
export function readSigningKey(file: string): KeyObject {
  const text = readTextInput(file);
  try {
    return createPrivateKey(text);
  } catch (cause) {
    throw new CliError(
      'CLI_KEY_UNUSABLE',
      `${printable(file)} holds no private key that can be read (${systemReason(cause)})`,
      { cause },
    );
  }
}

/** A public key, PEM, as it is sent. Of a private one nothing leaves the machine.
 * @throws CliError CLI_FILE_*, CLI_KEY_PRIVATE; MalformedError ENCODING_*; VerificationError CRYPTO_KEY_INVALID */
export function readPublicPem(file: string): string {
  const pem = readTextInput(file);
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw new CliError('CLI_KEY_PRIVATE', `${printable(file)} holds a private key: nothing of it was sent`);
  }
  naming(file, () => publicKeyFromPem(pem));
  return pem;
}

/** Of a public key, PEM: the name of the file is that of the signer.
 * @throws CliError CLI_FILE_*; MalformedError CRYPTO_KEY_* */
export function readSigner(file: string): AuthorisedSigner {
  return {
    name: basename(file).replace(/(\.pub)?\.pem$/, ''),
    publicKey: parseInput(file, (bytes) => publicKeyFromPem(decodeUtf8(bytes))),
  };
}

/** Signs the DSSE pre-authentication encoding of `payload`. [DSSE]
 * @throws CliError CLI_KEY_UNUSABLE */
export function signGolden(payload: Uint8Array, key: KeyObject): GoldenSignature {
  return signDocument(goldenPayloadType, payload, key);
}

/** The same for any document that operators sign together. [DSSE]
 * @throws CliError CLI_KEY_UNUSABLE */
export function signDocument(payloadType: string, payload: Uint8Array, key: KeyObject): GoldenSignature {
  const message = preAuthEncoding(payloadType, payload);
  const sig = sign(digestFor(key), message, key);
  return { keyid: keyIdOf(createPublicKey(key)), sig: encodeBase64(sig) };
}

function digestFor(key: KeyObject): string | null {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'ed25519') return null;
  if (key.asymmetricKeyType === 'ec' && details?.namedCurve === 'prime256v1') return 'sha256';
  if (key.asymmetricKeyType === 'ec' && details?.namedCurve === 'secp384r1') return 'sha384';
  if (key.asymmetricKeyType === 'rsa' && (details?.modulusLength ?? 0) >= 3072) return 'sha256';
  throw new CliError(
    'CLI_KEY_UNUSABLE',
    `a key of type ${key.asymmetricKeyType ?? 'unknown'} cannot sign golden measurements`,
  );
}
