// Addresses that secrets may be sent to, and whose answers may be believed.
import { isIPv4 } from 'node:net';

/** Secrets are sent in the clear to this machine only. */
export function isSafeAddress(address: string): boolean {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

/** As a URL has it: `127.0.0.1.example` is a name like any other. */
function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'));
}
