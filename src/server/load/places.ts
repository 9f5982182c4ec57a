// The places of those who are under way: how many are taken, and who may take another one.
import type { Stage } from './turns.ts';

export interface Places {
  /** What is found. `own`: none, since this one has as many as one may have. `full`: none, since others have them all. */
  take(actor: string, stage: Stage): 'place' | 'own' | 'full';
  /** Gives one back that `actor` took. */
  leave(actor: string): void;
  /** Whether hosts have more than what is new may take. */
  isCrowded(): boolean;
  /** Taken by hosts. */
  hosts(): number;
  /** Taken by anybody. */
  all(): number;
}

/** One host has one request under way; the second place is for the retry of one that was cut off. */
const placesOfOne = 2;

export function createPlaces(places: number): Places {
  /** For what is new. The others are for what was begun. */
  const opening = Math.ceil(places / 2);
  const taken = new Map<string, number>();
  // Apart: whoever is no host yet, or never will be, takes no place from those that are.
  const inside = { hosts: 0, others: 0 };
  return {
    take: (actor, stage) => {
      const own = taken.get(actor) ?? 0;
      const kind = kindOf(actor);
      // A join token or nobody in particular may be many machines: half of the places, for all of them together.
      if (own >= (kind === 'hosts' ? placesOfOne : opening)) return 'own';
      if (inside[kind] >= (stage === 'finishing' ? places : opening)) return 'full';
      inside[kind] += 1;
      taken.set(actor, own + 1);
      return 'place';
    },
    leave: (actor) => {
      inside[kindOf(actor)] -= 1;
      const left = (taken.get(actor) ?? 1) - 1;
      if (left > 0) taken.set(actor, left);
      else taken.delete(actor);
    },
    isCrowded: () => inside.hosts > opening,
    hosts: () => inside.hosts,
    all: () => inside.hosts + inside.others,
  };
}

function kindOf(actor: string): 'hosts' | 'others' {
  return actor.startsWith('host ') ? 'hosts' : 'others';
}
