// The server's own keys: one signs verdicts and decisions, one certifies attestation keys. Files of mode 0600, named by the
// layout of the data directory; a file that others can read stops the server. [PEERS T5]
import { createPrivateKey, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { jwkOf, publicKeyFromHandle, thumbprintOf } from '../../core/crypto/index.ts';
import type { JsonObject } from '../../core/encoding/index.ts';
import { parseCertificateBundle, type Certificate } from '../../core/x509/index.ts';
import { ServerError } from '../errors.ts';

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

export interface AttestationAuthority {
  readonly certificate: Certificate;
  readonly sign: (tbs: Uint8Array) => Uint8Array;
}

export interface ServerKeys {
  readonly signing: SigningKey;
  readonly authority: AttestationAuthority;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function loadServerKeys(dataDirectory: string): ServerKeys {
  const signing = readPrivateKey(join(dataDirectory, keyFiles.tokenSigning));
  const authority = readPrivateKey(join(dataDirectory, keyFiles.attestationCa));
  const certificatePath = join(dataDirectory, keyFiles.attestationCaCertificate);
  const certificates = parseCertificateBundle(new Uint8Array(readFile(certificatePath)));
  const [certificate] = certificates;
  const spki = createPublicKey(authority).export({ type: 'spki', format: 'der' });
  if (certificate === undefined || certificates.length !== 1 || !spki.equals(certificate.spki)) {
    throw new ServerError('KEY_FILE_INVALID', `${certificatePath} is not the certificate of ${keyFiles.attestationCa}`);
  }
  const publicKey = publicKeyFromHandle(createPublicKey(signing));
  const kid = thumbprintOf(publicKey);
  return {
    signing: { privateKey: signing, alg: 'ES256', kid, publicJwk: jwkOf({ publicKey, alg: 'ES256', kid }) },
    authority: { certificate, sign: signWith(authority) },
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

/** Refuses a secret that its group or everybody can read or write.
 * @throws ServerError KEY_FILE_EXPOSED, DATA_DIRECTORY_INCOMPLETE */
export function checkNotExposed(path: string): void {
  if (!existsSync(path)) throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${path} is missing`);
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new ServerError('KEY_FILE_EXPOSED', `${path} has mode ${mode.toString(8).padStart(4, '0')}`);
  }
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new ServerError('DATA_DIRECTORY_INCOMPLETE', `${path} cannot be read`, { cause });
  }
}
