// The server's own keys: one signs verdicts and decisions, one certifies attestation keys. Files of mode 0600, named by the
// layout of the data directory; a file that others can read stops the server. [PEERS T5]
import { sign, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import type { ServerConfig } from '../config/config.ts';
import { loadAuthorities, type AttestationAuthority } from './attestation-authority.ts';
import { followSigningKeys, loadSigningKeys, type SigningKeys } from './signing-keys.ts';

export const keysFolder = 'keys';

export const keyFiles = {
  attestationCa: 'keys/attestation-ca.pem',
  attestationCaCertificate: 'keys/attestation-ca.crt',
} as const;

export interface ServerKeys {
  readonly signing: SigningKeys;
  /** The key of the attestation CA that issues. */
  readonly authority: AttestationAuthority;
  /** Its keys that shall issue next, or issued before: they sign their revocation lists. */
  readonly otherAuthorities: readonly AttestationAuthority[];
}

/** `isShared`: other processes use the same keys, and may make another one that signs.
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function loadServerKeys(
  config: Pick<ServerConfig, 'dataDirectory' | 'attestationCa'>,
  isShared = false,
): ServerKeys {
  const { issuing, others } = loadAuthorities(config);
  const folder = join(config.dataDirectory, keysFolder);
  return {
    signing: isShared ? followSigningKeys(folder) : loadSigningKeys(folder),
    authority: issuing,
    otherAuthorities: others,
  };
}

export function authoritiesOf({ authority, otherAuthorities }: ServerKeys): readonly AttestationAuthority[] {
  return [authority, ...otherAuthorities];
}

/** Ends the sessions with tokens. */
export async function closeKeys(keys: ServerKeys): Promise<void> {
  for (const authority of authoritiesOf(keys)) await authority.close();
}

/** ECDSA over SHA-256, in DER. */
export function signWith(key: KeyObject): (message: Uint8Array) => Uint8Array {
  return (message) => new Uint8Array(sign('sha256', message, key));
}
