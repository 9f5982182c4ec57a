// Files that hold secrets.
import { closeSync, fchmodSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { ServerError } from '../errors.ts';

/** Refuses a secret that its group or everybody can read or write.
 * @throws ServerError KEY_FILE_EXPOSED, DATA_DIRECTORY_INCOMPLETE */
export function checkNotExposed(path: string): void {
  const mode = modeOf(path) & 0o777;
  if ((mode & 0o077) !== 0) {
    throw new ServerError('KEY_FILE_EXPOSED', `${path} has mode ${mode.toString(8).padStart(4, '0')}`);
  }
}

function modeOf(path: string): number {
  try {
    return statSync(path).mode;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** What may not be looked at is not lost: who were told so would make keys anew. */
function unreadable(path: string, cause: unknown): ServerError {
  const { code } = cause as NodeJS.ErrnoException;
  const what = code === 'ENOENT' ? 'is missing' : `cannot be read (${code})`;
  return new ServerError('DATA_DIRECTORY_INCOMPLETE', `${path} ${what}`, { cause });
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE */
export function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** A passphrase or PIN in a file of its own. A file ends with a line feed; what it holds does not.
 * @throws ServerError KEY_FILE_EXPOSED, DATA_DIRECTORY_INCOMPLETE */
export function readSecretLine(path: string): string {
  checkNotExposed(path);
  return readFile(path)
    .toString('utf8')
    .replace(/\r?\n$/, '');
}

/** Writes a file of mode 0600, or takes the place of an old one whole. It survives a power cut when this returns. */
export function replaceSecret(path: string, text: string): void {
  const fresh = `${path}.new`;
  const descriptor = openSync(fresh, 'w', 0o600);
  try {
    // One that a crash left may have another mode.
    fchmodSync(descriptor, 0o600);
    writeFileSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(fresh, path);
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
