// Whether the digest of an event covers its data: recomputed, never assumed.
import { isHashOf, type HashAlgorithm } from '../../crypto/index.ts';
import type { LogEvent } from '../claimed-log.ts';
import { furtherCandidates, type Candidate } from './coverage.table.ts';

/** The bytes that the digests of `event` cover, in every one of `banks`. The digests of one record are not tied to each
 * other, so a match in one bank says nothing about another. [TCG-PFP §10.2.2] */
export function readBinding(event: LogEvent, banks: readonly HashAlgorithm[]): Candidate | undefined {
  if (banks.length === 0) return undefined;
  const isCovered = ({ content }: Candidate): boolean =>
    banks.every((bank) => {
      const digest = event.digests.get(bank);
      // Both sides are public: the log's digest, and the digest of the log's bytes.
      return digest !== undefined && isHashOf(bank, content, digest);
    });
  const whole: Candidate = { coverage: 'whole', content: event.untrustedData };
  if (isCovered(whole)) return whole;
  return furtherCandidates(event.untrustedType, event.untrustedData).find(isCovered);
}
