// What must be true, kept apart from the server: for each host at each moment, whether a yes may be given, and on what ground. It
// knows nothing of quotes, verdicts or tables; it is told what happened, in the words of operators and machines.
import { createLockoutOracle, type LockoutRules } from './oracle-lockout.ts';

/** What a yes rests on. The last two may be refused by who asks. */
export type Ground = 'evidence' | 'break-glass' | 'hold';

export interface Yes {
  readonly ground: Ground;
  /** Until when it may be relied on, in milliseconds. */
  readonly until: number;
}

export interface Oracle {
  /** The host's binding to its TPM began: anew where there was one before. */
  enrolled(host: string): void;
  /** The host says, before any proof, in which boot it is. */
  announced(host: string, boot: string): void;
  /** It proved this boot: an honest one of this kernel, or one that was tampered with. */
  proved(host: string, boot: { readonly id: string; readonly kernel: string; readonly isHonest: boolean }): void;
  /** `golden` is the document that says so. */
  approved(kernel: string, golden: string): void;
  /** Housekeeping: what was trusted by it is so until it has to prove itself again. */
  retiredGolden(kernel: string): void;
  /** Danger: what was trusted by it is so no more, and nobody excuses its kernel. */
  revoked(kernel: string, golden: string): void;
  denied(kernel: string): void;
  undenied(kernel: string): void;
  quarantined(id: string, hosts: readonly string[], seconds?: number): void;
  lifted(id: string): void;
  /** Quarantines of this host that hold now. */
  quarantinesOf(host: string): readonly string[];
  /** A quorum signed that these boots are admitted although no golden measurement accepts them. */
  excused(id: string, boots: ReadonlyMap<string, string>, seconds: number): void;
  excuseEnded(id: string): void;
  /** Statements of break-glass that are in force. */
  excuses(): readonly string[];
  /** Whether break-glass for this boot can do anything for the host, as it stands now. */
  isExcusable(host: string, boot: string): boolean;
  lockoutEnded(): void;
  /** Whether there is a hold, over or not, that no operator has ended. */
  isHoldOpen(): boolean;
  released(host: string): void;
  retired(host: string): void;
  isRetired(host: string): boolean;
  /** Undefined where there is none. */
  yesFor(host: string): Yes | undefined;
  /** Rises with everything that is told of the host or of all: unchanged, the answer was the same all the while. */
  version(host: string): number;
}

interface Proof {
  readonly boot: string;
  readonly kernel: string;
  readonly until: number;
  /** `good` by a golden measurement; `unknown` where only that is missing; `bad` for any other reason. */
  readonly is: 'good' | 'unknown' | 'bad';
}

interface Known {
  binding: 'bound' | 'released' | 'retired';
  boot: string | undefined;
  /** Undefined where nothing was proved, or what was proved was voided. */
  proof: Proof | undefined;
  /** The document that made it trusted last, in the boot that it has proved without a gap since. */
  trustedBy: string | undefined;
  version: number;
}

/** Who relies on less than the evidence asks again soon. */
const groundMs = 30_000;

/** `now` in milliseconds; a verdict lasts for `verdictSeconds`. */
export function createOracle(now: () => number, verdictSeconds: number, rules: LockoutRules): Oracle {
  const hosts = new Map<string, Known>();
  const golden = new Map<string, string>();
  const [dangerous, bad] = [new Set<string>(), new Set<string>()];
  const quarantines = new Map<string, { readonly hosts: ReadonlySet<string>; readonly until: number }>();
  const excuses = new Map<string, { readonly boots: ReadonlyMap<string, string>; readonly until: number }>();
  const lockout = createLockoutOracle(now, rules);
  let ofAll = 0;
  /** Until then Secure Boot is not golden either, which nobody excuses. */
  let isAnythingGolden = false;

  const know = (host: string): Known => {
    const known = hosts.get(host);
    if (known === undefined) throw new TypeError(`nobody enrolled ${host}`);
    known.version += 1;
    return known;
  };
  const isBound = ({ binding }: Known): boolean => binding === 'bound';
  const voidWhere = (isMeant: (known: Known) => boolean): void => {
    ofAll += 1;
    for (const known of hosts.values())
      if (isMeant(known)) Object.assign(known, { proof: undefined, trustedBy: undefined });
  };
  const quarantinesOf = (host: string): readonly string[] =>
    [...quarantines].filter(([, { hosts: set, until }]) => set.has(host) && now() < until).map(([id]) => id);
  /** What the host proved, where it counts. */
  const standing = (host: string): Proof | undefined => {
    const known = hosts.get(host);
    if (known === undefined || !isBound(known) || quarantinesOf(host).length > 0) return undefined;
    return known.proof !== undefined && now() < known.proof.until ? known.proof : undefined;
  };
  const isExcusable = (host: string, boot: string): boolean => {
    const proof = standing(host);
    return proof?.is === 'unknown' && proof.boot === boot && !dangerous.has(proof.kernel);
  };
  const excusedUntil = (host: string, boot: string): number =>
    Math.max(0, ...[...excuses.values()].filter(({ boots }) => boots.get(host) === boot).map(({ until }) => until));
  const yesFor = (host: string): Yes | undefined => {
    const proof = standing(host);
    if (proof === undefined || proof.is === 'bad') return undefined;
    if (proof.is === 'good') return { ground: 'evidence', until: proof.until };
    const grounds: Yes[] = [];
    if (isExcusable(host, proof.boot)) grounds.push({ ground: 'break-glass', until: excusedUntil(host, proof.boot) });
    if (hosts.get(host)?.trustedBy !== undefined) grounds.push({ ground: 'hold', until: lockout.heldUntil() });
    const first = grounds.find(({ until }) => now() < until);
    return first && { ...first, until: Math.min(first.until, proof.until, now() + groundMs) };
  };

  return {
    enrolled: (host) => {
      const version = (hosts.get(host)?.version ?? 0) + 1;
      hosts.set(host, { binding: 'bound', boot: undefined, proof: undefined, trustedBy: undefined, version });
    },
    announced: (host, boot) => {
      const known = know(host);
      if (known.boot !== boot) Object.assign(known, { proof: undefined, trustedBy: undefined });
      known.boot = boot;
    },
    proved: (host, { id: boot, isHonest, kernel }) => {
      const known = know(host);
      const before = known.proof;
      const by = golden.get(kernel);
      const is = !isHonest || !isAnythingGolden || bad.has(kernel) ? 'bad' : by === undefined ? 'unknown' : 'good';
      const isGapless = before?.boot === boot && now() < before.until;
      known.boot = boot;
      known.trustedBy = is === 'good' ? by : is === 'unknown' && isGapless ? known.trustedBy : undefined;
      known.proof = { boot, kernel, is, until: now() + verdictSeconds * 1000 };
      if (is === 'good') lockout.trusted(host);
      else if (before?.is === 'good' && known.trustedBy !== undefined) {
        lockout.lostTrust(host, [...hosts.values()].filter(isBound).length);
      }
    },
    approved: (kernel, document) => {
      ofAll += 1;
      isAnythingGolden = true;
      golden.set(kernel, document);
    },
    retiredGolden: (kernel) => {
      ofAll += 1;
      golden.delete(kernel);
    },
    revoked: (kernel, document) => {
      if (golden.get(kernel) === document) golden.delete(kernel);
      dangerous.add(kernel);
      voidWhere(({ proof, trustedBy }) => proof?.is === 'good' && trustedBy === document);
      for (const known of hosts.values()) if (known.trustedBy === document) known.trustedBy = undefined;
    },
    denied: (kernel) => {
      bad.add(kernel);
      voidWhere(({ proof }) => proof?.kernel === kernel);
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
    excused: (id, boots, seconds) => {
      ofAll += 1;
      excuses.set(id, { boots, until: now() + seconds * 1000 });
    },
    excuseEnded: (id) => {
      ofAll += 1;
      excuses.delete(id);
    },
    excuses: () => [...excuses].filter(([, { until }]) => now() < until).map(([id]) => id),
    isExcusable,
    lockoutEnded: () => {
      ofAll += 1;
      lockout.ended();
    },
    isHoldOpen: () => lockout.isOpen(),
    released: (host) => {
      Object.assign(know(host), { binding: 'released', proof: undefined, trustedBy: undefined });
    },
    retired: (host) => {
      Object.assign(know(host), { binding: 'retired', proof: undefined, trustedBy: undefined });
    },
    isRetired: (host) => hosts.get(host)?.binding === 'retired',
    yesFor,
    version: (host) => ofAll + lockout.version() + (hosts.get(host)?.version ?? 0),
  };
}
