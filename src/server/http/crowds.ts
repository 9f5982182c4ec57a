// Connections by the place that they come from: where there is not enough for all, each place has as much as another, and who comes with
// thousands stands in its own way. Where a balancer stands before the server, all come from one place: first come, first served.
import type { Socket } from 'node:net';

type Peer = Pick<Socket, 'remoteAddress' | 'remotePort'>;

export interface Crowds<Member> {
  /** Returns how to leave: a socket that is closed does not know its peer any more. */
  join(peer: Peer, member: Member): () => void;
  /** One place after the other; of each, who came first. */
  takeNext(): Member | undefined;
  /** Who came first of the largest crowd, where that is larger than the peer's own would be with it. */
  takeFor(peer: Peer): Member | undefined;
}

export function createCrowds<Member>(): Crowds<Member> {
  const crowds = new Map<string, Set<Member>>();
  let size = 0;

  function remove(place: string, member: Member): void {
    const crowd = crowds.get(place);
    if (crowd?.delete(member) !== true) return;
    size -= 1;
    if (crowd.size === 0) crowds.delete(place);
  }

  function takeFirst(place: string): Member | undefined {
    for (const member of crowds.get(place) ?? []) {
      remove(place, member);
      return member;
    }
    return undefined;
  }

  return {
    join: (peer, member) => {
      const place = placeOf(peer);
      crowds.set(place, (crowds.get(place) ?? new Set<Member>()).add(member));
      size += 1;
      return () => remove(place, member);
    },
    takeNext: () => {
      for (const [place, crowd] of crowds) {
        crowds.delete(place);
        crowds.set(place, crowd);
        return takeFirst(place);
      }
      return undefined;
    },
    takeFor: (peer) => {
      const own = crowds.get(placeOf(peer))?.size ?? 0;
      // Half of all: there is no larger one, and nobody has to look.
      if (own * 2 >= size) return undefined;
      let [largest, most] = ['', own + 1];
      for (const [place, crowd] of crowds) if (crowd.size > most) [largest, most] = [place, crowd.size];
      return takeFirst(largest);
    },
  };
}

/** The same for a socket and for that of TLS upon it. */
export function peerOf({ remoteAddress, remotePort }: Peer): string {
  return `${remoteAddress} ${remotePort}`;
}

/** An address of IPv4; of IPv6 the network, in which one machine has as many addresses as it likes. */
function placeOf({ remoteAddress = '' }: Peer): string {
  if (remoteAddress.includes('.') || !remoteAddress.includes(':')) return remoteAddress;
  const [left = [], right = []] = remoteAddress.split('::').map((half) => half.split(':'));
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0');
  return [...left, ...zeros, ...right].slice(0, 4).join(':');
}
