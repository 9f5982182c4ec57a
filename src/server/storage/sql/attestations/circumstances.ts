// What each verdict that is kept rests on, beside its evidence. Most hosts share what was trusted: it is kept as logs are. The columns
// have the name that this had when they were made: grounds.
import type { KeptCircumstances } from '../../records.ts';
import { restoreLog } from './log-archive.ts';

export interface CircumstanceColumns {
  readonly grounds: string | null;
  readonly host_archive: Buffer | null;
  readonly trust_archive: Buffer | null;
}

const contentOf = (part: 'host' | 'trust') =>
  `(SELECT deflated FROM logs WHERE sha256 = grounds_${part}) AS ${part}_archive`;
export const circumstanceColumns = `grounds, ${contentOf('host')}, ${contentOf('trust')}`;

/** Undefined of verdicts that were given before circumstances were kept, and of those that had too many. */
export async function circumstancesOf(row: CircumstanceColumns): Promise<KeptCircumstances | undefined> {
  const [host, trust] = [await restoreLog(row.host_archive), await restoreLog(row.trust_archive)];
  if (row.grounds === null || host === undefined || trust === undefined) return undefined;
  return { attestation: row.grounds, host, trust };
}
