// When a host shall come back: soon enough that one failure does not let its verdict lapse, not at the same moment as
// others, and later when the server has much to do. A verdict ends by its challenge, which is one appointment old where it rode
// in the answer before: so a steady host comes after a third of the policy's time, and has another third left then.
import type { Verdict } from '../../core/verdict/index.ts';
import type { RandomSource } from '../keys/random.ts';

/** A host that is not trusted may be repaired at any moment; it need not ask more often than this. */
const untrustedSeconds = { least: 30, most: 300 };
/** Share of what is left of the verdict's life after which an idle server wants the host back, and how much more a busy one allows. */
const share = { idle: 0.5, busy: 0.25 };
/** Earlier by up to this share of the time, by chance: hosts that booted together drift apart. */
const jitter = 0.1;

export interface ReturnOptions {
  /** How busy the server is, 0 to 1. */
  readonly load: number;
  readonly random: RandomSource;
}

export function nextAttestationSeconds(
  { issuedAt, expiresAt, status }: Verdict,
  { load, random }: ReturnOptions,
): number {
  const lifeSeconds = (Date.parse(expiresAt) - Date.parse(issuedAt)) / 1000;
  const wanted = lifeSeconds * (share.idle + share.busy * load);
  const bounded =
    status === 'affirming' ? wanted : Math.min(untrustedSeconds.most, Math.max(untrustedSeconds.least, wanted));
  return Math.max(1, Math.floor(bounded * (1 - jitter * chance(random))));
}

/** In [0, 1). */
function chance(random: RandomSource): number {
  const [high = 0, low = 0] = random(2);
  return (high * 256 + low) / 65_536;
}
