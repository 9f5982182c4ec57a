// An operator's signature over a golden measurement: made here, with a key that never leaves the operator's machine.
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { encodeBase64, preAuthEncoding, printable } from '../core/encoding/index.ts';
import { encodeBase64url } from '../core/encoding/index.ts';
import { publicKeyFromHandle, spkiDigest } from '../core/crypto/index.ts';
import { goldenPayloadType } from '../core/golden/index.ts';
import { CliError } from './errors.ts';
import { readTextInput, systemReason } from './files.ts';

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
