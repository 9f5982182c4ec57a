// The server's own keys: one signs verdicts and decisions, one certifies attestation keys. Files of mode 0600, named by the
// layout of the data directory; a file that others can read stops the server. [PEERS T5]
import { sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { ServerConfig } from '../config/config.ts';
import { loadAttestationAuthority, type AttestationAuthority } from './attestation-authority.ts';
import { loadSigningKeys, type SigningKeys } from './signing-keys.ts';

export const keysFolder = 'keys';

export const keyFiles = {
  attestationCa: 'keys/attestation-ca.pem',
  attestationCaCertificate: 'keys/attestation-ca.crt',
} as const;

export interface ServerKeys {
  readonly signing: SigningKeys;
  readonly authority: AttestationAuthority;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function loadServerKeys(config: Pick<ServerConfig, 'dataDirectory' | 'attestationCa'>): ServerKeys {
  return {
    signing: loadSigningKeys(join(config.dataDirectory, keysFolder)),
    authority: loadAttestationAuthority(config),
  };
}

/** ECDSA over SHA-256, in DER. */
export function signWith(key: KeyObject): (message: Uint8Array) => Uint8Array {
  return (message) => new Uint8Array(sign('sha256', message, key));
}
