// What each verdict that is kept rests on, beside its evidence. Most hosts share what was trusted: it is kept as logs are.
import type { Grounds, KeptGrounds } from '../records.ts';
import type { Kept } from './kept-rows.ts';
import { inflateLog } from './log-table.ts';
import { call, statement, type Call } from './sql.ts';

const insert = statement('INSERT INTO verdict_grounds VALUES (?, ?, ?, ?, ?)');
const prune = statement('DELETE FROM verdict_grounds WHERE host_id = ? AND sequence <= ?');

interface GroundsOfVerdict {
  readonly hostId: string;
  readonly grounds: Grounds | undefined;
  readonly sequence: number;
  readonly kept: Pick<Kept, 'oldest' | 'isPruned'>;
}

/** Keeps what the verdict of this number rests on, and forgets what those that go did. */
export function keepingGrounds({ hostId, grounds, sequence, kept }: GroundsOfVerdict): readonly Call[] {
  const pruning = kept.isPruned ? [call(prune, hostId, kept.oldest)] : [];
  if (grounds === undefined) return pruning;
  const { attestation, host, trust } = grounds;
  return [...pruning, call(insert, hostId, sequence, attestation, host.sha256, trust.sha256)];
}

export interface GroundsColumns {
  readonly grounds_attestation: string | null;
  readonly grounds_host: Buffer | null;
  readonly grounds_trust: Buffer | null;
}

const contentOf = (column: 'host' | 'trust') =>
  `(SELECT deflated FROM logs WHERE sha256 = verdict_grounds.${column}) AS grounds_${column}`;
/** Columns of a verdict's grounds, where `verdict_grounds` is joined. */
export const groundsColumns = `verdict_grounds.attestation AS grounds_attestation, ${contentOf('host')}, ${contentOf('trust')}`;

export function groundsOf(row: GroundsColumns): KeptGrounds | undefined {
  const [host, trust] = [row.grounds_host, row.grounds_trust].map(inflateLog);
  if (row.grounds_attestation === null || host === undefined || trust === undefined) return undefined;
  return { attestation: row.grounds_attestation, host, trust };
}
