// What must be true, kept apart from the server: for each host at each moment, whether a yes may be given. It knows nothing of
// quotes, verdicts or tables; it is told what happened, in the words of operators and machines.

export interface Oracle {
  /** The host's binding to its TPM began: anew where there was one before. */
  enrolled(host: string): void;
  /** The host says, before any proof, in which boot it is. */
  announced(host: string, boot: string): void;
  /** It proved this boot: an honest one of this kernel, or one that was tampered with. */
  proved(host: string, boot: { readonly id: string; readonly kernel: string; readonly isHonest: boolean }): void;
  approved(kernel: string): void;
  revoked(kernel: string): void;
  denied(kernel: string): void;
  undenied(kernel: string): void;
  quarantined(id: string, hosts: readonly string[], seconds?: number): void;
  lifted(id: string): void;
  /** Quarantines of this host that hold now. */
  quarantinesOf(host: string): readonly string[];
  released(host: string): void;
  retired(host: string): void;
  isRetired(host: string): boolean;
  mayAllow(host: string): boolean;
  /** Until when a yes may be relied on; undefined where there is none. */
  goodUntil(host: string): number | undefined;
  /** Rises with everything that is told of the host or of all: unchanged, the answer was the same all the while. */
  version(host: string): number;
}

interface Known {
  binding: 'bound' | 'released' | 'retired';
  boot: string | undefined;
  good: { readonly until: number; readonly kernel: string } | undefined;
  version: number;
}

/** `now` in milliseconds; a good verdict lasts for `verdictSeconds`. */
export function createOracle(now: () => number, verdictSeconds: number): Oracle {
  const hosts = new Map<string, Known>();
  const [golden, bad] = [new Set<string>(), new Set<string>()];
  const quarantines = new Map<string, { readonly hosts: ReadonlySet<string>; readonly until: number }>();
  let ofAll = 0;

  const know = (host: string): Known => {
    const known = hosts.get(host);
    if (known === undefined) throw new TypeError(`nobody enrolled ${host}`);
    known.version += 1;
    return known;
  };
  const endWhere = (kernel: string): void => {
    ofAll += 1;
    for (const known of hosts.values()) if (known.good?.kernel === kernel) known.good = undefined;
  };
  const quarantinesOf = (host: string): readonly string[] =>
    [...quarantines].filter(([, { hosts: set, until }]) => set.has(host) && now() < until).map(([id]) => id);
  const goodUntil = (host: string): number | undefined => {
    const { binding, good } = hosts.get(host) ?? {};
    if (binding !== 'bound' || good === undefined || now() >= good.until) return undefined;
    return quarantinesOf(host).length === 0 ? good.until : undefined;
  };

  return {
    enrolled: (host) => {
      const version = (hosts.get(host)?.version ?? 0) + 1;
      hosts.set(host, { binding: 'bound', boot: undefined, good: undefined, version });
    },
    announced: (host, boot) => {
      const known = know(host);
      if (known.boot !== boot && known.boot !== undefined) known.good = undefined;
      known.boot = boot;
    },
    proved: (host, { id, isHonest, kernel }) => {
      const known = know(host);
      known.boot = id;
      const isGood = isHonest && golden.has(kernel) && !bad.has(kernel);
      known.good = isGood ? { until: now() + verdictSeconds * 1000, kernel } : undefined;
    },
    approved: (kernel) => {
      ofAll += 1;
      golden.add(kernel);
    },
    revoked: (kernel) => {
      golden.delete(kernel);
      endWhere(kernel);
    },
    denied: (kernel) => {
      bad.add(kernel);
      endWhere(kernel);
    },
    undenied: (kernel) => {
      ofAll += 1;
      bad.delete(kernel);
    },
    quarantined: (id, names, seconds) => {
      ofAll += 1;
      quarantines.set(id, { hosts: new Set(names), until: seconds === undefined ? Infinity : now() + seconds * 1000 });
    },
    lifted: (id) => {
      ofAll += 1;
      quarantines.delete(id);
    },
    quarantinesOf,
    released: (host) => {
      Object.assign(know(host), { binding: 'released', good: undefined });
    },
    retired: (host) => {
      Object.assign(know(host), { binding: 'retired', good: undefined });
    },
    isRetired: (host) => hosts.get(host)?.binding === 'retired',
    mayAllow: (host) => goodUntil(host) !== undefined,
    goodUntil,
    version: (host) => ofAll + (hosts.get(host)?.version ?? 0),
  };
}
