// When lockout protection holds, as docs/lockout.md has it: too many hosts lose trust within a while by what operators did.
export interface LockoutRules {
  readonly sharePercent: number;
  readonly windowSeconds: number;
  readonly holdSeconds: number;
  readonly leastHosts: number;
}

export interface LockoutOracle {
  trusted(host: string): void;
  /** By the operators' doing, a moment ago; `fleet` is how many hosts are bound. */
  lostTrust(host: string, fleet: number): void;
  /** By an operator. */
  ended(): void;
  /** 0 where nothing is held. */
  heldUntil(): number;
  /** Begun, over by its time or not, and not ended by an operator: there is no other before that. */
  isOpen(): boolean;
  /** Rises when a hold begins: it changes the answers about hosts that nobody talked of. */
  version(): number;
}

/** `now` in milliseconds. */
export function createLockoutOracle(now: () => number, rules: LockoutRules): LockoutOracle {
  const { sharePercent, leastHosts } = rules;
  const [windowMs, holdMs] = [rules.windowSeconds * 1000, rules.holdSeconds * 1000];
  const lost = new Map<string, number>();
  let until: number | undefined;
  let endedAt = -Infinity;
  let version = 0;
  return {
    trusted: (host) => lost.delete(host),
    lostTrust: (host, fleet) => {
      lost.set(host, now());
      if (until !== undefined || now() - endedAt <= windowMs) return;
      const count = [...lost.values()].filter((at) => now() - at <= windowMs).length;
      if (count < leastHosts || count * 100 <= fleet * sharePercent) return;
      until = now() + holdMs;
      version += 1;
    },
    ended: () => {
      until = undefined;
      endedAt = now();
    },
    heldUntil: () => until ?? 0,
    isOpen: () => until !== undefined,
    version: () => version,
  };
}
