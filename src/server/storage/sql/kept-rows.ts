// What the next attestation of a host comes behind, and what it takes the place of.
import type { AttestationRecord } from '../records.ts';
import { call, statement, type Call, type Sql } from './sql.ts';

export interface Kept {
  /** Golden measurements that the last verdict rests on. */
  readonly rests: ReadonlySet<string>;
  /** Verdicts up to this sequence go. */
  readonly oldest: number;
  readonly isPruned: boolean;
  /** How many verdicts go, and the last one: while there are as many and no sequence was added, they are these. */
  readonly count: number;
  /** Names of the logs of the last verdict: those are there. */
  readonly held: ReadonlySet<string>;
  /** Names of the logs of verdicts that go, once for each use. */
  readonly dropped: readonly string[];
}

interface KeptRow {
  readonly sequence: number;
  readonly event_log: string | null;
  readonly ima_log: string | null;
  readonly userspace_log: string | null;
  readonly host: string | null;
  readonly trust: string | null;
}

const listRests = statement<{ readonly golden_id: string }>('SELECT golden_id FROM verdict_goldens WHERE host_id = ?');
const rowsOfHost = `SELECT evidence.sequence, event_log, ima_log, userspace_log, host, trust
   FROM evidence LEFT JOIN verdict_grounds
     ON verdict_grounds.host_id = $host AND verdict_grounds.sequence = evidence.sequence
   WHERE evidence.host_id = $host`;
const listUpTo = statement<KeptRow>(`${rowsOfHost} AND evidence.sequence <= $oldest`);
const listKept = statement<KeptRow>(
  `${rowsOfHost} AND (evidence.sequence <= (SELECT verdict_sequence FROM hosts WHERE id = $host) + 1 - $keep
     OR evidence.sequence = (SELECT verdict_sequence FROM hosts WHERE id = $host))`,
);

/** What `findKept` asks. */
export function askingKept(hostId: string, keepEvidence: number): readonly Call[] {
  return [call(listRests, hostId), call(listKept, { host: hostId, keep: keepEvidence })];
}

/** Counted from the sequence that the attestation rests on: where the host has another one by now, it is not recorded. */
export async function findKept(
  sql: Pick<Sql, 'all'>,
  { hostId, basis: { verdictSequence: last }, keepEvidence }: AttestationRecord,
): Promise<Kept> {
  const oldest = last + 1 - keepEvidence;
  const [rests, rows] = await Promise.all([
    sql.all(listRests, hostId),
    sql.all(listKept, { host: hostId, keep: keepEvidence }),
  ]);
  const leaving = rows.filter(({ sequence }) => sequence <= oldest);
  return {
    rests: new Set(rests.map(({ golden_id }) => golden_id)),
    oldest,
    isPruned: leaving.length > 0,
    count: rows.length,
    held: new Set(rows.filter(({ sequence }) => sequence === last).flatMap(logsOf)),
    dropped: leaving.flatMap(logsOf),
  };
}

/** Of all verdicts of a host up to this sequence, once for each use. */
export async function logsUpTo(sql: Pick<Sql, 'all'>, host: string, oldest: number): Promise<readonly string[]> {
  return (await sql.all(listUpTo, { host, oldest })).flatMap(logsOf);
}

function logsOf(row: KeptRow): readonly string[] {
  const names = [row.event_log, row.ima_log, row.userspace_log, row.host, row.trust];
  return names.filter((name) => name !== null);
}
