// The challenge that came with the last answer. Kept in memory alone: it ends with this process, so with the boot.
import type { AttestationResult, Challenge } from '../api/index.ts';
import type { HeldLogs } from './logs.ts';

/** A challenge, and the logs that the host had when the server said which of them it wants. */
export interface HeldChallenge {
  readonly challenge: Challenge;
  readonly logs: HeldLogs;
}

interface KeptChallenge extends HeldChallenge {
  readonly bootId: string | undefined;
  /** By the steady clock of this process: that of the host may be wrong. */
  readonly until: number;
}

export interface NextChallenge {
  /** What was kept for this boot, if it is still worth trying. Given once. */
  take(bootId: string | undefined): HeldChallenge | undefined;
  /** After an answer. */
  keep(result: AttestationResult, host: { readonly bootId: string | undefined; readonly logs: HeldLogs }): void;
  /** After a refusal that did nothing: the server had no time. */
  putBack(): void;
}

export function createNextChallenge(clock: () => number = () => performance.now()): NextChallenge {
  let kept: KeptChallenge | undefined;
  let taken: KeptChallenge | undefined;
  return {
    take: (bootId) => {
      [taken, kept] = [kept, undefined];
      return taken !== undefined && taken.bootId === bootId && clock() < taken.until ? taken : undefined;
    },
    keep: ({ nextChallenge: challenge, verdict }, host) => {
      if (challenge === undefined) return;
      const lifeMs = Date.parse(challenge.expiresAt) - Date.parse(verdict.issuedAt);
      kept = { challenge, ...host, until: clock() + lifeMs };
    },
    putBack: () => {
      kept = taken;
    },
  };
}
