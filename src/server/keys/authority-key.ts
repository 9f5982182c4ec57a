// Files with the key of the attestation CA: PEM beside its certificate, or both in a PKCS#12 container.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { ServerError } from '../errors.ts';
import { checkNotExposed, readFile, readSecretLine } from './key-file.ts';
import { readPkcs12 } from './pkcs12.ts';

export interface AuthorityKey {
  readonly key: KeyObject;
  /** What a container holds beside the key. */
  readonly certificates: readonly Uint8Array[] | undefined;
}

interface KeyFiles {
  readonly keyFile: string;
  readonly passphraseFile: string | undefined;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_EXPOSED, KEY_FILE_INVALID */
export function readAuthorityKey({ keyFile, passphraseFile }: KeyFiles): AuthorityKey {
  checkNotExposed(keyFile);
  const passphrase = passphraseFile === undefined ? undefined : readSecretLine(passphraseFile);
  const bytes = readFile(keyFile);
  if (!bytes.includes('-----BEGIN')) return readContainer(bytes, passphrase ?? '', keyFile);
  return { key: readPemKey(bytes, passphrase, keyFile), certificates: undefined };
}

function readPemKey(bytes: Buffer, passphrase: string | undefined, path: string): KeyObject {
  try {
    return createPrivateKey({ key: bytes, ...(passphrase === undefined ? {} : { passphrase }) });
  } catch {
    // The cause may quote what it read.
    throw new ServerError('KEY_FILE_INVALID', `${path} holds no private key that the passphrase opens`);
  }
}

function readContainer(bytes: Buffer, passphrase: string, path: string): AuthorityKey {
  const found = readPkcs12(bytes, passphrase);
  if (found === undefined) {
    throw new ServerError(
      'KEY_FILE_INVALID',
      `${path} is neither PEM nor a PKCS#12 container that the passphrase opens`,
    );
  }
  try {
    const key = createPrivateKey({ key: Buffer.from(found.key), format: 'der', type: 'pkcs8' });
    return { key, certificates: found.certificates };
  } catch {
    throw new ServerError('KEY_FILE_INVALID', `${path} holds a key of a kind that cannot be used`);
  }
}
