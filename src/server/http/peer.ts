// Who dialled, and from which place. Where a balancer stands before the server, all come from one place.
import type { Socket } from 'node:net';

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

/** The same for a socket and for that of TLS upon it. */
export function peerOf({ remoteAddress, remotePort }: Peer): string {
  return `${remoteAddress} ${remotePort}`;
}

/** An address of IPv4; of IPv6 the network, in which one machine has as many addresses as it likes. */
export function placeOf({ remoteAddress = '' }: Peer): string {
  if (remoteAddress.includes('.') || !remoteAddress.includes(':')) return remoteAddress;
  const [left = [], right = []] = remoteAddress.split('::').map((half) => half.split(':'));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
