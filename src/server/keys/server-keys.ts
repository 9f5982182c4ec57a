// The server's own keys: one signs verdicts and decisions, one certifies attestation keys. Files of mode 0600, named by the
// layout of the data directory; a file that others can read stops the server. [PEERS T5]
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { jwkOf, publicKeyFromHandle, thumbprintOf } from '../../core/crypto/index.ts';
import type { JsonObject } from '../../core/encoding/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { loadAttestationAuthority, type AttestationAuthority } from './attestation-authority.ts';
import { checkNotExposed, readFile } from './key-file.ts';

export const keyFiles = {
  tokenSigning: 'keys/token-signing.pem',
  attestationCa: 'keys/attestation-ca.pem',
  attestationCaCertificate: 'keys/attestation-ca.crt',
} as const;

export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly alg: 'ES256';
  /** RFC 7638 thumbprint. */
  readonly kid: string;
  readonly publicJwk: JsonObject;
}

export interface ServerKeys {
  readonly signing: SigningKey;
  readonly authority: AttestationAuthority;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function loadServerKeys(config: Pick<ServerConfig, 'dataDirectory' | 'attestationCa'>): ServerKeys {
  const signing = readPrivateKey(join(config.dataDirectory, keyFiles.tokenSigning));
  const publicKey = publicKeyFromHandle(createPublicKey(signing));
  const kid = thumbprintOf(publicKey);
  return {
    signing: { privateKey: signing, alg: 'ES256', kid, publicJwk: jwkOf({ publicKey, alg: 'ES256', kid }) },
    authority: loadAttestationAuthority(config),
  };
}

/** ECDSA over SHA-256, in DER. */
export function signWith(key: KeyObject): (message: Uint8Array) => Uint8Array {
  return (message) => new Uint8Array(sign('sha256', message, key));
}

/** Reads a P-256 private key from a file that nobody else can read. */
function readPrivateKey(path: string): KeyObject {
  checkNotExposed(path);
  let key: KeyObject;
  try {
    key = createPrivateKey(readFile(path));
  } catch (cause) {
    if (cause instanceof ServerError) throw cause;
    throw new ServerError('KEY_FILE_INVALID', `${path} holds no private key in PEM`);
  }
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new ServerError('KEY_FILE_INVALID', `${path} is not a P-256 key`);
  }
  return key;
}
