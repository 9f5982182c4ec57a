// Who waits, by whom they are of: where there is not enough for all, each crowd has as much as another, and who comes with thousands stands
// in its own way.

export interface Crowds<Member> {
  size(): number;
  /** Returns how to leave. */
  join(crowd: string, member: Member): () => void;
  /** One crowd after the other; of each, who came first. */
  takeNext(): Member | undefined;
  /** Who came first or last of the largest crowd, where that is larger than this one would be with one more. */
  takeFor(crowd: string, which: 'first' | 'last'): Member | undefined;
}

export function createCrowds<Member>(): Crowds<Member> {
  /** In the order in which they have their turns; none is empty. */
  const crowds = new Map<string, Set<Member>>();
  let size = 0;

  function remove(name: string, member: Member): void {
    const crowd = crowds.get(name);
    if (crowd?.delete(member) !== true) return;
    size -= 1;
    if (crowd.size === 0) crowds.delete(name);
  }

  function take(name: string, crowd: ReadonlySet<Member>, which: 'first' | 'last'): Member | undefined {
    const member = which === 'first' ? crowd.values().next().value : [...crowd].at(-1);
    if (member !== undefined) remove(name, member);
    return member;
  }

  return {
    size: () => size,
    join: (name, member) => {
      crowds.set(name, (crowds.get(name) ?? new Set<Member>()).add(member));
      size += 1;
      return () => remove(name, member);
    },
    takeNext: () => {
      for (const [name, crowd] of crowds) {
        // Behind all others.
        crowds.delete(name);
        crowds.set(name, crowd);
        return take(name, crowd, 'first');
      }
      return undefined;
    },
    takeFor: (name, which) => {
      const own = crowds.get(name)?.size ?? 0;
      // Half of all: there is no larger one, and nobody has to look.
      if (own * 2 >= size) return undefined;
      let largest: readonly [string, ReadonlySet<Member>] | undefined;
      let most = own + 1;
      for (const [other, crowd] of crowds) if (crowd.size > most) [largest, most] = [[other, crowd], crowd.size];
      return largest && take(...largest, which);
    },
  };
}
