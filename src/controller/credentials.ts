// What credentials of all platforms have in common: files that hold them, and what a header can carry.
import { readFileSync } from 'node:fs';
import { systemReason } from '../files/index.ts';
import { ControllerError } from './errors.ts';

/** Whether a header can carry it. */
export function isToken(text: string | undefined): text is string {
  return text !== undefined && /^[\x21-\x7e]+$/.test(text);
}

/** @throws ControllerError CONTROLLER_CREDENTIALS_UNUSABLE */
export function readCredentialFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw unusable(`${path} cannot be read (${systemReason(cause)})`, cause);
  }
}

export function unusable(message: string, cause?: unknown): ControllerError {
  return new ControllerError('CONTROLLER_CREDENTIALS_UNUSABLE', message, { cause });
}
