// Where events may be sent to, judged by the addresses that a name has when it is resolved, not before.
import { lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

export interface AddressPolicy {
  /** This machine may be a receiver. */
  readonly allowLoopback: boolean;
}

/** Told as its code. */
export class RefusedAddress extends TypeError {
  readonly code = 'an address that is not allowed';
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Unspecified, link-local (where clouds serve credentials), multicast and reserved. */
const never = new BlockList();
never.addSubnet('0.0.0.0', 8, 'ipv4');
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addSubnet('224.0.0.0', 3, 'ipv4');
never.addAddress('::', 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');

function isRefused(address: string, { allowLoopback }: AddressPolicy): boolean {
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return never.check(address, family) || (!allowLoopback && loopback.check(address, family));
}

/** Whether a host name is an address, perhaps in brackets, that is refused. */
export function isRefusedLiteral(hostname: string, policy: AddressPolicy): boolean {
  const literal = withoutBrackets(hostname);
  return isIP(literal) !== 0 && isRefused(literal, policy);
}

export function isLoopbackName(hostname: string): boolean {
  const literal = withoutBrackets(hostname);
  const family = isIP(literal);
  return literal === 'localhost' || (family !== 0 && loopback.check(literal, family === 6 ? 'ipv6' : 'ipv4'));
}

/** `[::1]` of a URL as the address that it is. */
export function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}

/** Resolves a name, and refuses it when any of its addresses is refused: the one that is used is among those that were judged. */
export function createLookup(policy: AddressPolicy): LookupFunction {
  return (hostname, options, callback) => {
    resolveName(hostname, { ...options, all: true }, (error, addresses) => {
      if (error !== null) {
        callback(error, '');
        return;
      }
      const [first] = addresses;
      const isBad = addresses.some(({ address }) => isRefused(address, policy));
      if (first === undefined || isBad) callback(new RefusedAddress(), '');
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

/** What went wrong, in a word for operators. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return 'no answer in time';
  return (error as NodeJS.ErrnoException).code ?? error.name;
}
