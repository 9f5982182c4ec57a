// Attestations: the verdicts, the evidence behind them, and which golden measurements they rest on.
import { nameLog, nameOfLog } from '../../../../core/appraisal/index.ts';
import { goldensOf } from '../../../../core/verdict/index.ts';
import type { AttestationRecord, ChallengeRecord, EvidenceRecord, HostRecord, Standing } from '../../records.ts';
import type { Store } from '../../store.ts';
import { issuingAkCertificate } from '../hosts/ak-certificate-table.ts';
import { challengesAfter, insertingChallenge, ridingChallenge, spendingChallenge } from './challenge-table.ts';
import { circumstanceColumns, circumstancesOf, type CircumstanceColumns } from './circumstances.ts';
import { keptAfter, keptBefore, recallKept, usedLogs, type Kept, type KeptRows } from './kept-rows.ts';
import { isLongToDeflate, restoreLog } from './log-archive.ts';
import { countingUses, prepareLogs } from './log-table.ts';
import type { Amend } from '../row-memory.ts';
import { bytesOf, encodeBoot, verdictOf, type VerdictRow } from '../rows.ts';
import { call, statement, type Call, type Database, type Questions, type SqlValue } from '../sql.ts';

type AttestationMethods = Pick<
  Store,
  'recordAttestation' | 'findVerdict' | 'listVerdicts' | 'findEvidence' | 'findCircumstances'
>;

/** The next sequence, where everything is as the appraisal found it; else NULL, which undoes the whole attestation. */
const advance = statement(
  `UPDATE hosts SET
     verdict_sequence = CASE WHEN state = 'active' AND epoch = $epoch AND enrolled_at = $enrolledAt AND labels = $labels AND verdict_sequence = $sequence
       AND (SELECT value FROM meta WHERE key = 'trust_revision') = $trustRevision
       AND EXISTS (SELECT 1 FROM challenges WHERE host_id = $host AND challenges.id = $challenge)
       AND (SELECT count(*) FROM attestations WHERE host_id = $host AND (sequence <= $oldest OR sequence = $sequence)) = $kept
     THEN verdict_sequence + 1 END,
     boot = coalesce($boot, boot), due_at = $dueAt, ak_certificate = coalesce($akCertificate, ak_certificate)
   WHERE id = $host`,
);
const hasChallenge = statement('SELECT 1 FROM challenges WHERE host_id = ? AND id = ?');
const verdictColumns = 'host_id, sequence, epoch, document, issued_at, expires_at, voided_at, void_code, void_message';
const verdictsOfHost = `SELECT ${verdictColumns} FROM attestations WHERE host_id = ? ORDER BY sequence DESC`;
export const findLastVerdict = statement<VerdictRow>(`${verdictsOfHost} LIMIT 1`);
const listVerdicts = statement<VerdictRow>(verdictsOfHost);

export function openAttestationTable(database: Database): AttestationMethods {
  return {
    recordAttestation: async (given) => {
      const record = { ...given, evidence: namingLogs(given.evidence) };
      const { hostId, challengeId, audit } = record;
      const long = usedLogs(record).filter(([, log]) => isLongToDeflate(log));
      if (long.length > 0) await prepareLogs(database, long);
      const plan = async (sql: Questions) =>
        recording(record, keptBefore(await recallKept(database, sql, record), record));
      if (await database.changeHost(hostId, plan, { audit, amend: amending(record) })) return 'recorded';
      return (await database.get(hasChallenge, hostId, challengeId)) === undefined ? 'challenge-spent' : 'outdated';
    },
    findVerdict: (hostId) =>
      database.recall({ host: hostId, name: 'verdict' }, async () => {
        const row = await database.get(findLastVerdict, hostId);
        return row && verdictOf(row);
      }),
    listVerdicts: async (hostId) => (await database.all(listVerdicts, hostId)).map(verdictOf),
    findEvidence: async (hostId) => {
      const row = await database.get(findEvidence, { host: hostId });
      return row && evidenceOf(row);
    },
    findCircumstances: async (hostId, sequence) => {
      const row = await (sequence === undefined
        ? database.get(findLastCircumstances, hostId)
        : database.get(findCircumstances, hostId, sequence));
      return (
        row && {
          verdict: verdictOf(row),
          evidence: await evidenceOf(row),
          circumstances: await circumstancesOf(row),
        }
      );
    },
  };
}

/** Their names are asked for more than once. Whoever has named a log already did not hash it for nothing. */
function namingLogs(evidence: EvidenceRecord): EvidenceRecord {
  const { eventLog, imaLog, userspaceLog } = evidence;
  const name = (log: Uint8Array | undefined) => log && nameLog(log);
  return { ...evidence, eventLog: name(eventLog), imaLog: name(imaLog), userspaceLog: name(userspaceLog) };
}

/** As the rows would be read again. */
function amending(record: AttestationRecord): Amend {
  const { hostId, basis, verdict, boot, dueAt, akCertificate } = record;
  const sequence = basis.verdictSequence + 1;
  const last = { hostId, epoch: basis.epoch, sequence, verdict, ...timesOf(verdict), voided: undefined };
  const hostAfter = (host: HostRecord): HostRecord | undefined => {
    if (host.verdictSequence !== basis.verdictSequence) return undefined;
    const newer = { boot: boot ?? host.boot, akCertificate: akCertificate?.der ?? host.akCertificate };
    return { ...host, ...newer, verdictSequence: sequence, dueAt };
  };
  return (name, answer) => {
    switch (name) {
      case 'verdict':
        return last;
      case 'challenges':
        return challengesAfter(answer as readonly ChallengeRecord[], record);
      case 'kept':
        return keptAfter(answer as KeptRows, record);
      case 'host':
        return hostAfter(answer as HostRecord);
      case 'standing': {
        const host = hostAfter((answer as Standing).host);
        return host && { host, verdict: last };
      }
    }
    return undefined;
  };
}

function timesOf({ issuedAt, expiresAt }: AttestationRecord['verdict']) {
  return { issuedAt: Date.parse(issuedAt), expiresAt: Date.parse(expiresAt) };
}

/** Everything that an attestation changes. The first demands that it may. */
function recording(record: AttestationRecord, kept: Kept): readonly Call[] {
  const { hostId, verdict, akCertificate } = record;
  const next = ridingChallenge(record);
  return [
    advancing(record, kept),
    spendingChallenge(hostId, record.challengeId),
    ...(next === undefined ? [] : [insertingChallenge(next)]),
    ...keeping(record, kept),
    ...restingOn(hostId, kept.rests, new Set(goldensOf(verdict))),
    ...(akCertificate === undefined ? [] : issuingAkCertificate(hostId, akCertificate, timesOf(verdict).issuedAt)),
    ...countingUses(usedLogs(record), kept),
  ];
}

function advancing({ hostId, challengeId, basis, boot, dueAt, akCertificate }: AttestationRecord, kept: Kept): Call {
  return call(advance, {
    host: hostId,
    challenge: challengeId,
    epoch: basis.epoch,
    // Who enrols again has another token.
    enrolledAt: basis.enrolledAt,
    // They choose the policy, and what is rolled out to the host.
    labels: JSON.stringify(basis.labels),
    sequence: basis.verdictSequence,
    trustRevision: String(basis.trustRevision),
    oldest: kept.oldest,
    kept: kept.count,
    boot: boot === undefined ? null : encodeBoot(boot),
    dueAt,
    akCertificate: akCertificate?.der ?? null,
  });
}

const dropRest = statement('DELETE FROM verdict_goldens WHERE host_id = ? AND golden_id = ?');
const insertRest = statement('INSERT INTO verdict_goldens (golden_id, host_id) VALUES (?, ?)');

/** Which golden measurements the last verdict rests on. Mostly the same as before, and then nothing is written. */
function restingOn(hostId: string, before: ReadonlySet<string>, now: ReadonlySet<string>): readonly Call[] {
  return [
    ...[...before].filter((golden) => !now.has(golden)).map((golden) => call(dropRest, hostId, golden)),
    ...[...now].filter((golden) => !before.has(golden)).map((golden) => call(insertRest, golden, hostId)),
  ];
}

const written = `sequence, epoch, document, issued_at, expires_at, voided_at, void_code, void_message, quote_verified, attest, signature,
  pcrs, event_log, ima_log, userspace_log, ak_public, qualifying_data, received_at, grounds, grounds_host, grounds_trust`;
// Of the host as it is now: one that is not there has no sequence, and gets no verdict.
const sequenceNow = '(SELECT verdict_sequence FROM hosts WHERE id = ?)';
const values = `${sequenceNow}, ?, ?, ?, ?, NULL, NULL, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?`;
const insert = statement(`INSERT INTO attestations (${written}, host_id) VALUES (${values}, ?)`);
const replace = statement(`UPDATE attestations SET (${written}) = (${values}) WHERE host_id = ? AND sequence = ?`);
const prune = statement('DELETE FROM attestations WHERE host_id = ? AND sequence < ?');

/** One that goes gives its place to the one that comes: what both share is written once. */
function keeping(record: AttestationRecord, { leaving }: Kept): readonly Call[] {
  const { hostId } = record;
  const place = leaving.at(-1);
  if (place === undefined) return [call(insert, ...valuesOf(record))];
  const replacing = call(replace, ...valuesOf(record), place);
  return leaving.length === 1 ? [replacing] : [call(prune, hostId, place), replacing];
}

function valuesOf({
  hostId,
  basis,
  verdict,
  evidence,
  circumstances,
  quoteVerified,
}: AttestationRecord): readonly SqlValue[] {
  const { issuedAt, expiresAt } = timesOf(verdict);
  const { attest, signature, pcrs, eventLog, imaLog, userspaceLog, akPublic, qualifyingData, receivedAt } = evidence;
  const nameIn = (log: Uint8Array | undefined) => (log === undefined ? null : nameOfLog(log));
  return [
    ...[hostId, basis.epoch, JSON.stringify(verdict), issuedAt, expiresAt],
    ...[quoteVerified ? 1 : 0, attest, signature, pcrs],
    ...[nameIn(eventLog), nameIn(imaLog), nameIn(userspaceLog)],
    ...[akPublic, qualifyingData, receivedAt],
    ...[circumstances?.attestation ?? null, circumstances?.host.sha256 ?? null, circumstances?.trust.sha256 ?? null],
    hostId,
  ];
}

interface EvidenceRow {
  readonly attest: Buffer;
  readonly signature: Buffer;
  readonly pcrs: string;
  readonly event_log: Buffer | null;
  readonly ima_log: Buffer | null;
  readonly userspace_log: Buffer | null;
  readonly ak_public: Buffer;
  readonly qualifying_data: Buffer;
  readonly received_at: number;
}

// In one statement with its logs: the next attestation of the host may end both.
const logNamed = (column: string) => `(SELECT deflated FROM logs WHERE sha256 = ${column}) AS ${column}`;
const evidenceColumns = `attest, signature, pcrs, ${['event_log', 'ima_log', 'userspace_log'].map(logNamed).join(', ')}, ak_public,
  qualifying_data, received_at`;
const findEvidence = statement<EvidenceRow>(
  `SELECT ${evidenceColumns} FROM attestations WHERE host_id = $host AND quote_verified = 1 AND epoch = (SELECT epoch FROM hosts WHERE id = $host)
   ORDER BY sequence DESC LIMIT 1`,
);

const circumstancesOfHost = `
  SELECT ${verdictColumns}, ${evidenceColumns}, ${circumstanceColumns} FROM attestations WHERE host_id = ?`;
type CircumstancesRow = VerdictRow & EvidenceRow & CircumstanceColumns;
const findCircumstances = statement<CircumstancesRow>(`${circumstancesOfHost} AND sequence = ?`);
const findLastCircumstances = statement<CircumstancesRow>(`${circumstancesOfHost} ORDER BY sequence DESC LIMIT 1`);

async function evidenceOf(row: EvidenceRow): Promise<EvidenceRecord> {
  return {
    attest: bytesOf(row.attest),
    signature: bytesOf(row.signature),
    pcrs: row.pcrs,
    eventLog: await restoreLog(row.event_log),
    imaLog: await restoreLog(row.ima_log),
    userspaceLog: await restoreLog(row.userspace_log),
    akPublic: bytesOf(row.ak_public),
    qualifyingData: bytesOf(row.qualifying_data),
    receivedAt: row.received_at,
  };
}
