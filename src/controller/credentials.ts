// What credentials of all platforms have in common: files that hold them, and addresses that they may be sent to.
import { readFileSync } from 'node:fs';
import { isIPv4 } from 'node:net';
import { systemReason } from '../files/index.ts';
import { ControllerError } from './errors.ts';

/** Secrets are sent in the clear to this machine only. */
export function isSafeAddress(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

/** As a URL has it: `127.0.0.1.example` is a name like any other. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}

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
