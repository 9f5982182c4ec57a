// Who is trusted while the question is asked, by a verdict from before: evidence under what is in force says nothing of that.
import { quarantineOf } from '../attestation/host-state.ts';
import type { FleetRecord } from '../storage/index.ts';

export interface TrustedNow {
  readonly count: number;
  /** Milliseconds: when the last of their verdicts ends by itself. */
  readonly until: number;
  /** When the last of them was asked to come; undefined where none was. */
  readonly dueBy: number | undefined;
}

export function createTrustedNow(now: Date): {
  note(record: FleetRecord): void;
  among(hosts: readonly string[]): TrustedNow | undefined;
} {
  const known = new Map<string, Pick<TrustedNow, 'until' | 'dueBy'>>();
  return {
    note: ({ host, evidence }) => {
      const until = evidence?.trustedUntil;
      if (until === undefined || until <= now.getTime() || quarantineOf(host, now) !== undefined) return;
      known.set(host.hostId, { until, dueBy: host.dueAt });
    },
    among: (hosts) => {
      const trusted = hosts.flatMap((host) => known.get(host) ?? []);
      if (trusted.length === 0) return undefined;
      const until = trusted.reduce((last, each) => Math.max(last, each.until), 0);
      const dueBy = trusted.reduce((last, each) => Math.max(last, each.dueBy ?? 0), 0);
      return { count: trusted.length, until, dueBy: dueBy === 0 ? undefined : dueBy };
    },
  };
}
