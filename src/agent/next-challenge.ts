// The challenge that the next attestation answers: it came with the last answer, or was asked for and could not be answered because the
// server had no time. Kept in memory alone: it ends with this process, so with the boot.
import type { AttestationResult, Challenge, Pcrs } from '../api/index.ts';
import type { HeldLogs } from './logs.ts';

export interface HeldChallenge {
  readonly challenge: Challenge;
  /** Those that the host had when the server said which of them it wants. */
  readonly logs: HeldLogs;
  /** Those of the attestation that it came with; undefined where it was asked for. */
  readonly pcrs: Pcrs | undefined;
  readonly bootId: string | undefined;
  /** By the steady clock of this process: that of the host may be wrong. Absent: the server says when it is over. */
  readonly until?: number;
}

export interface NextChallenge {
  /** What was kept for this boot, if it is still worth trying. Given once. */
  take(bootId: string | undefined): HeldChallenge | undefined;
  /** After an answer. */
  keep(result: AttestationResult, host: Pick<HeldChallenge, 'bootId' | 'logs' | 'pcrs'>): void;
  /** After a refusal that did nothing: the server had no time. */
  putBack(challenge: HeldChallenge): void;
}

export function createNextChallenge(clock: () => number = () => performance.now()): NextChallenge {
  let kept: HeldChallenge | undefined;
  return {
    take: (bootId) => {
      const taken = kept;
      kept = undefined;
      return taken?.bootId === bootId && clock() < (taken?.until ?? Infinity) ? taken : undefined;
    },
    keep: ({ nextChallenge: challenge, verdict }, host) => {
      if (challenge === undefined) return;
      const lifeMs = Date.parse(challenge.expiresAt) - Date.parse(verdict.issuedAt);
      kept = { challenge, ...host, until: clock() + lifeMs };
    },
    putBack: (challenge) => {
      kept = challenge;
    },
  };
}
