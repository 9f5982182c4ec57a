// Whether the digest of an event covers its data: recomputed, never assumed.
import { equalInConstantTime, hash, type HashAlgorithm } from '../crypto/index.ts';
import type { LogEvent } from './claimed-log.ts';
import { coverageCandidates, type Candidate } from './coverage.table.ts';

/** The bytes that the digests of `event` cover, in every one of `banks`. The digests of one record are not tied to each
 * other, so a match in one bank says nothing about another. [TCG-PFP §10.2.2] */
export function readBinding(event: LogEvent, banks: readonly HashAlgorithm[]): Candidate | undefined {
  if (banks.length === 0) return undefined;
  return coverageCandidates(event.untrustedType, event.untrustedData).find(({ content }) =>
    banks.every((bank) => {
      const digest = event.digests.get(bank);
      return digest !== undefined && equalInConstantTime(hash(bank, content), digest);
    }),
  );
}
