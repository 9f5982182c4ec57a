// What each verdict that is kept rests on, beside its evidence. Most hosts share what was trusted: it is kept as logs are.
import type { Grounds, KeptGrounds } from '../records.ts';
import { inflateLog } from './log-table.ts';
import { statement, type Transaction } from './sql.ts';

const insert = statement('INSERT INTO verdict_grounds VALUES (?, ?, ?, ?, ?)');
const prune = statement<{ readonly host: string; readonly trust: string }>(
  'DELETE FROM verdict_grounds WHERE host_id = ? AND sequence <= ? RETURNING host, trust',
);

/** Keeps what the verdict of this number rests on, and forgets what those up to `oldest` did. Returns what is used more, by name,
 * and the names of what is used less. */
export async function saveGrounds(
  tx: Transaction,
  { hostId, grounds, sequence, oldest }: GroundsOfVerdict,
): Promise<{ readonly used: readonly (readonly [string, Uint8Array])[]; readonly dropped: readonly string[] }> {
  const dropped = (await tx.all(prune, hostId, oldest)).flatMap(({ host, trust }) => [host, trust]);
  if (grounds === undefined) return { used: [], dropped };
  const { attestation, host, trust } = grounds;
  await tx.run(insert, hostId, sequence, attestation, host.sha256, trust.sha256);
  return { used: [host, trust].map(({ sha256, bytes }) => [sha256, bytes] as const), dropped };
}

export interface GroundsOfVerdict {
  readonly hostId: string;
  readonly grounds: Grounds | undefined;
  readonly sequence: number;
  readonly oldest: number;
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
