// What lockout protection would make of a change that nobody made yet.
import type { ServerConfig } from '../config/config.ts';
import type { LockoutRecord } from '../storage/index.ts';
import { areTooMany, holdInForce, wasJustEnded } from './lockout.ts';

/** `few`: they begin no hold. `not-ended`: the last hold ran out and no operator ended it. `just-ended`: an operator ended one. */
export type LockoutOutcome = 'off' | 'few' | 'begins' | 'in-force' | 'not-ended' | 'just-ended';

export interface LockoutForecast {
  readonly outcome: LockoutOutcome;
  /** Hosts that lose trust by the operators' own doing alone. */
  readonly holdable: number;
  /** How many of them would be held. */
  readonly held: number;
  /** Until when, at most. */
  readonly until: Date | undefined;
}

/** Of hosts that attest in time, within one window. */
export function foreseeLockout(
  config: Pick<ServerConfig, 'lockout'>,
  last: LockoutRecord | undefined,
  { holdable, fleet, at }: { readonly holdable: number; readonly fleet: number; readonly at: Date },
): LockoutForecast {
  const inForce = holdInForce(config, last, at);
  const outcome = outcomeOf();
  const isHeld = outcome === 'begins' || outcome === 'in-force';
  const until = inForce?.until ?? new Date(at.getTime() + config.lockout.holdSeconds * 1000);
  return { outcome, holdable, held: isHeld ? holdable : 0, until: isHeld && holdable > 0 ? until : undefined };

  function outcomeOf(): LockoutOutcome {
    if (config.lockout.sharePercent === undefined) return 'off';
    if (inForce !== undefined) return 'in-force';
    if (last !== undefined && last.endedAt === undefined) return 'not-ended';
    if (wasJustEnded(config, last, at.getTime())) return 'just-ended';
    return areTooMany(config, holdable, fleet) ? 'begins' : 'few';
  }
}
