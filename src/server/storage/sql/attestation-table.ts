// Attestations: the verdicts, the evidence behind them, and which golden measurements they rest on.
import type { AttestationRecord, EvidenceRecord } from '../records.ts';
import type { Store } from '../store.ts';
import { issueAkCertificate } from './ak-certificate-table.ts';
import { spendChallenge } from './challenge-table.ts';
import { groundsColumns, groundsOf, saveGrounds, type GroundsColumns } from './grounds.ts';
import { countUses, inflateLog, nameOfLog } from './log-table.ts';
import { bytesOf, encodeBoot, verdictOf, type VerdictRow } from './rows.ts';
import { statement, type Database, type Transaction } from './sql.ts';

type AttestationMethods = Pick<
  Store,
  'recordAttestation' | 'findVerdict' | 'listVerdicts' | 'findEvidence' | 'findGrounds'
>;

interface BasisRow {
  readonly state: 'active' | 'released';
  readonly epoch: number;
  readonly verdict_sequence: number;
  readonly trust_revision: string;
  readonly challenges: number;
}

const findBasis = statement<BasisRow>(
  `SELECT state, epoch, verdict_sequence, (SELECT value FROM meta WHERE key = 'trust_revision') AS trust_revision,
     (SELECT count(*) FROM challenges WHERE host_id = $host AND challenges.id = $challenge) AS challenges
   FROM hosts WHERE id = $host`,
);
const insertVerdict = statement('INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)');
const advance = statement('UPDATE hosts SET verdict_sequence = ?, boot = coalesce(?, boot), due_at = ? WHERE id = ?');
const renew = statement('UPDATE hosts SET ak_certificate = ? WHERE id = ?');
const findVerdict = statement<VerdictRow>('SELECT * FROM verdicts WHERE host_id = ? ORDER BY sequence DESC LIMIT 1');
const listVerdicts = statement<VerdictRow>('SELECT * FROM verdicts WHERE host_id = ? ORDER BY sequence DESC');

export function openAttestationTable(database: Database): AttestationMethods {
  return {
    recordAttestation: (record) =>
      database.transactHost(record.hostId, async (tx) => {
        const { hostId, basis, verdict, akCertificate } = record;
        const found = await tx.get(findBasis, { host: hostId, challenge: record.challengeId });
        if (found === undefined || found.challenges === 0) return 'challenge-spent';
        if (!isCurrent(found, basis)) return 'outdated';
        await spendChallenge(tx, hostId, record.challengeId);
        const sequence = basis.verdictSequence + 1;
        const [issuedAt, expiresAt] = [Date.parse(verdict.issuedAt), Date.parse(verdict.expiresAt)];
        await tx.run(insertVerdict, hostId, sequence, basis.epoch, JSON.stringify(verdict), issuedAt, expiresAt);
        const boot = record.boot === undefined ? null : encodeBoot(record.boot);
        await tx.run(advance, sequence, boot, record.dueAt, hostId);
        await restOn(tx, hostId, [...Object.values(verdict.layers), ...(verdict.furtherGoldens ?? [])]);
        if (akCertificate !== undefined) {
          await tx.run(renew, akCertificate.der, hostId);
          await issueAkCertificate(tx, hostId, akCertificate, issuedAt);
        }
        await saveEvidence(tx, record, sequence);
        if (record.audit !== undefined) await tx.audit(record.audit);
        return 'recorded';
      }),
    findVerdict: (hostId) =>
      database.recall({ host: hostId, name: 'verdict' }, async () => {
        const row = await database.get(findVerdict, hostId);
        return row && verdictOf(row);
      }),
    listVerdicts: async (hostId) => (await database.all(listVerdicts, hostId)).map(verdictOf),
    findEvidence: async (hostId) => {
      const row = await database.get(findEvidence, { host: hostId });
      return row && evidenceOf(row);
    },
    findGrounds: async (hostId) => {
      const row = await database.get(findGrounds, hostId);
      return row && { verdict: verdictOf(row), evidence: evidenceOf(row), grounds: groundsOf(row) };
    },
  };
}

function isCurrent(found: BasisRow, basis: AttestationRecord['basis']): boolean {
  return (
    found.state === 'active' &&
    found.epoch === basis.epoch &&
    found.verdict_sequence === basis.verdictSequence &&
    Number(found.trust_revision) === basis.trustRevision
  );
}

const listRests = statement<{ readonly golden_id: string }>('SELECT golden_id FROM verdict_goldens WHERE host_id = ?');
const dropRest = statement('DELETE FROM verdict_goldens WHERE host_id = ? AND golden_id = ?');
const insertRest = statement('INSERT INTO verdict_goldens (golden_id, host_id) VALUES (?, ?)');

/** Remembers which golden measurements the last verdict rests on. Mostly the same as before, and then nothing is written. */
async function restOn(tx: Transaction, hostId: string, goldens: readonly string[]): Promise<void> {
  const before = new Set((await tx.all(listRests, hostId)).map(({ golden_id }) => golden_id));
  const now = new Set(goldens);
  for (const golden of before) if (!now.has(golden)) await tx.run(dropRest, hostId, golden);
  for (const golden of now) if (!before.has(golden)) await tx.run(insertRest, golden, hostId);
}

interface LogNames {
  readonly event_log: string | null;
  readonly ima_log: string | null;
  readonly userspace_log: string | null;
}

const insertEvidence = statement('INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
const pruneEvidence = statement<LogNames>(
  'DELETE FROM evidence WHERE host_id = ? AND sequence <= ? RETURNING event_log, ima_log, userspace_log',
);
const pruneVerdicts = statement('DELETE FROM verdicts WHERE host_id = ? AND sequence <= ?');

async function saveEvidence(tx: Transaction, record: AttestationRecord, sequence: number): Promise<void> {
  const { hostId, basis, evidence, quoteVerified, keepEvidence } = record;
  const { attest, signature, pcrs, eventLog, imaLog, userspaceLog, akPublic, qualifyingData, receivedAt } = evidence;
  const logs = [eventLog, imaLog, userspaceLog].map((log) => log && ([nameOfLog(log), log] as const));
  const names = logs.map((log) => log?.[0] ?? null);
  const quote = [quoteVerified ? 1 : 0, attest, signature, pcrs];
  const origin = [akPublic, qualifyingData, receivedAt];
  await tx.run(insertEvidence, hostId, sequence, basis.epoch, ...quote, ...names, ...origin);
  const oldest = sequence - keepEvidence;
  const pruned = await tx.all(pruneEvidence, hostId, oldest);
  await tx.run(pruneVerdicts, hostId, oldest);
  const dropped = pruned.flatMap((row) => [row.event_log, row.ima_log, row.userspace_log]);
  const grounds = await saveGrounds(tx, { hostId, grounds: record.grounds, sequence, oldest });
  await countUses(
    tx,
    [...logs.filter((log) => log !== undefined), ...grounds.used],
    [...dropped.filter((name) => name !== null), ...grounds.dropped],
  );
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
const findEvidence = statement<EvidenceRow>(
  `SELECT attest, signature, pcrs, ${['event_log', 'ima_log', 'userspace_log'].map(logNamed).join(', ')}, ak_public,
     qualifying_data, received_at
   FROM evidence WHERE host_id = $host AND quote_verified = 1 AND epoch = (SELECT epoch FROM hosts WHERE id = $host)
   ORDER BY sequence DESC LIMIT 1`,
);

const findGrounds = statement<VerdictRow & EvidenceRow & GroundsColumns>(
  `SELECT verdicts.*, attest, signature, pcrs, ${['event_log', 'ima_log', 'userspace_log'].map(logNamed).join(', ')},
     ak_public, qualifying_data, received_at, ${groundsColumns}
   FROM verdicts
   JOIN evidence ON evidence.host_id = verdicts.host_id AND evidence.sequence = verdicts.sequence
   LEFT JOIN verdict_grounds ON verdict_grounds.host_id = verdicts.host_id AND verdict_grounds.sequence = verdicts.sequence
   WHERE verdicts.host_id = ? ORDER BY verdicts.sequence DESC LIMIT 1`,
);

function evidenceOf(row: EvidenceRow): EvidenceRecord {
  return {
    attest: bytesOf(row.attest),
    signature: bytesOf(row.signature),
    pcrs: row.pcrs,
    eventLog: inflateLog(row.event_log),
    imaLog: inflateLog(row.ima_log),
    userspaceLog: inflateLog(row.userspace_log),
    akPublic: bytesOf(row.ak_public),
    qualifyingData: bytesOf(row.qualifying_data),
    receivedAt: row.received_at,
  };
}
