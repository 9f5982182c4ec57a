// What the next attestation of a host comes behind, and what it takes the place of.
import { nameOfLog } from '../../../../core/appraisal/index.ts';
import { goldensOf } from '../../../../core/verdict/index.ts';
import type { AttestationRecord } from '../../records.ts';
import { call, statement, type Call, type Database, type Sql } from '../sql.ts';

export interface Kept {
  /** Golden measurements that the last verdict rests on. */
  readonly rests: ReadonlySet<string>;
  /** Attestations up to this sequence go. */
  readonly oldest: number;
  /** Sequences of those that are there, ascending. */
  readonly leaving: readonly number[];
  /** How many go, and the last one: while there are as many and no sequence was added, they are these. */
  readonly count: number;
  /** Names of the logs of the last attestation: those are there. */
  readonly held: ReadonlySet<string>;
  /** Names of the logs of those that go, once for each use. */
  readonly dropped: readonly string[];
}

export const logColumns = 'event_log, ima_log, userspace_log, grounds_host, grounds_trust';
export interface LogsRow {
  readonly event_log: string | null;
  readonly ima_log: string | null;
  readonly userspace_log: string | null;
  readonly grounds_host: string | null;
  readonly grounds_trust: string | null;
}

interface KeptRow extends LogsRow {
  readonly sequence: number;
}

const listRests = statement<{ readonly golden_id: string }>('SELECT golden_id FROM verdict_goldens WHERE host_id = ?');
const listKept = statement<KeptRow>(
  `SELECT sequence, ${logColumns} FROM attestations
   WHERE host_id = $host AND (sequence <= (SELECT verdict_sequence FROM hosts WHERE id = $host) + 1 - $keep
     OR sequence = (SELECT verdict_sequence FROM hosts WHERE id = $host))
   ORDER BY sequence`,
);

/** What `readKept` asks. */
export function askingKept(hostId: string, keep: number): readonly Call[] {
  return [call(listRests, hostId), call(listKept, { host: hostId, keep })];
}

/** What the attestations of a host have left, as far as the next one needs it. */
export interface KeptRows {
  readonly rests: ReadonlySet<string>;
  /** Those that go, where they were read; all from the first on, where they are remembered. */
  readonly evidence: readonly KeptEvidence[];
}

interface KeptEvidence {
  readonly sequence: number;
  /** Names of its logs, once for each use. */
  readonly logs: readonly string[];
}

/** Bounds what is remembered of a host: where more is kept, it is asked each time which goes. */
const mostRemembered = 32;

/** Remembered are those that were written since: nothing has to be asked when they reach back to the one that goes, or
 * none goes. */
export async function recallKept(
  { recall }: Pick<Database, 'recall'>,
  sql: Pick<Sql, 'all'>,
  record: AttestationRecord,
): Promise<KeptRows> {
  const { hostId, keepEvidence } = record;
  let read: KeptRows | undefined;
  const ask = async () => (read = await readKept(sql, hostId, keepEvidence));
  const known = await recall({ host: hostId, name: 'kept' }, ask);
  const [first] = known.evidence;
  const oldest = lastThatGoes(record);
  const isEnough = first !== undefined && (oldest < 1 || first.sequence <= oldest);
  return read ?? (isEnough ? known : ask());
}

/** The sequence up to which attestations go. They begin with 1: where it is less, none does. */
function lastThatGoes({ basis, keepEvidence }: AttestationRecord): number {
  return basis.verdictSequence + 1 - keepEvidence;
}

async function readKept(sql: Pick<Sql, 'all'>, hostId: string, keep: number): Promise<KeptRows> {
  const [rests, rows] = await Promise.all([sql.all(listRests, hostId), sql.all(listKept, { host: hostId, keep })]);
  return {
    rests: new Set(rests.map(({ golden_id }) => golden_id)),
    evidence: rows.map((row) => ({ sequence: row.sequence, logs: logsOf(row) })),
  };
}

/** Counted from the sequence that the attestation rests on: where the host has another one by now, it is not recorded. */
export function keptBefore({ rests, evidence }: KeptRows, record: AttestationRecord): Kept {
  const { verdictSequence: last } = record.basis;
  const oldest = lastThatGoes(record);
  const leaving = evidence.filter(({ sequence }) => sequence <= oldest);
  const newest = evidence.filter(({ sequence }) => sequence === last);
  return {
    rests,
    oldest,
    leaving: leaving.map(({ sequence }) => sequence),
    count: new Set([...leaving, ...newest]).size,
    held: new Set(newest.flatMap(({ logs }) => logs)),
    dropped: leaving.flatMap(({ logs }) => logs),
  };
}

/** What is known behind an attestation that was recorded. */
export function keptAfter({ evidence }: KeptRows, record: AttestationRecord): KeptRows {
  const { basis, keepEvidence } = record;
  const sequence = basis.verdictSequence + 1;
  const stay = evidence.filter((each) => each.sequence > sequence - keepEvidence);
  const latest = { sequence, logs: usedLogs(record).map(([name]) => name) };
  return { rests: new Set(goldensOf(record.verdict)), evidence: [...stay, latest].slice(-mostRemembered) };
}

/** Logs of an attestation by name, and the archives among its circumstances, which are kept as logs are. */
export function usedLogs({ evidence, circumstances }: AttestationRecord): readonly (readonly [string, Uint8Array])[] {
  const logs = [evidence.eventLog, evidence.imaLog, evidence.userspaceLog].filter((log) => log !== undefined);
  const archives = circumstances === undefined ? [] : [circumstances.host, circumstances.trust];
  return [
    ...logs.map((log) => [nameOfLog(log), log] as const),
    ...archives.map(({ sha256, bytes }) => [sha256, bytes] as const),
  ];
}

/** Once for each use. */
export function logsOf(row: LogsRow): readonly string[] {
  const names = [row.event_log, row.ima_log, row.userspace_log, row.grounds_host, row.grounds_trust];
  return names.filter((name) => name !== null);
}
