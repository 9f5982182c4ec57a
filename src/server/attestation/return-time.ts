// When a host shall come back.
import type { Verdict } from '../../core/verdict/index.ts';

/** A host that is not trusted may be repaired at any moment; it need not ask more often than this. */
const untrustedSeconds = { least: 30, most: 300 };

/** When the host should come back: at half of the verdict's life, so that one failure does not let it lapse. */
export function nextAttestationSeconds({ issuedAt, expiresAt, status }: Verdict): number {
  const half = Math.floor((Date.parse(expiresAt) - Date.parse(issuedAt)) / 2000);
  if (status === 'affirming') return Math.max(1, half);
  return Math.min(untrustedSeconds.most, Math.max(untrustedSeconds.least, half));
}
