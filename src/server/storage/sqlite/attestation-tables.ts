// Challenges, verdicts and the evidence behind them.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { encodeHex } from '../../../core/encoding/index.ts';
import { hash } from '../../../core/crypto/index.ts';
import type { AttestationRecord, BootAnnouncement, EvidenceRecord } from '../records.ts';
import { openAkCertificateTable } from './ak-certificate-table.ts';
import {
  bytesOf,
  challengeOf,
  encodeBoot,
  verdictOf,
  type ChallengeRow,
  type HostRow,
  type VerdictRow,
} from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openVerdictVoiding } from './verdict-voiding.ts';

type ChallengeMethods = Pick<SyncStore, 'openChallenge' | 'findChallenge' | 'spendChallenge'>;
type EvidenceMethods = Pick<
  SyncStore,
  'recordAttestation' | 'findVerdict' | 'listVerdicts' | 'findEvidence' | 'findLog' | 'hasLog'
>;

export function openChallengeTable(tables: Tables): ChallengeMethods {
  const { database, transact } = tables;
  const announce = openBootAnnouncement(tables);
  const clear = database.prepare('DELETE FROM challenges WHERE host_id = ? AND expires_at < ?');
  const trim = database.prepare(
    `DELETE FROM challenges WHERE host_id = $host AND id NOT IN
     (SELECT id FROM challenges WHERE host_id = $host ORDER BY expires_at DESC LIMIT $keep)`,
  );
  const insert = database.prepare('INSERT INTO challenges VALUES (?, ?, ?, ?, ?, ?, ?, ?)');
  const find = database.prepare<[string, string], ChallengeRow>(
    'SELECT * FROM challenges WHERE host_id = ? AND id = ?',
  );
  const spend = database.prepare('DELETE FROM challenges WHERE host_id = ? AND id = ?');
  return {
    openChallenge: (challenge, { now, maxOpen, boot }) => {
      transact(() => {
        if (boot !== undefined) announce(challenge.hostId, boot);
        const { hostId, id, epoch, nonce, heldEventLog, heldImaLog, heldUserspaceLog, expiresAt } = challenge;
        const held = [heldEventLog, heldImaLog].map((name) => name ?? null);
        // An expired one stays a while, so that a late answer is told that it is late.
        clear.run(hostId, now - 600_000);
        trim.run({ host: hostId, keep: maxOpen - 1 });
        insert.run(hostId, id, epoch, nonce, ...held, expiresAt, heldUserspaceLog ?? null);
      });
    },
    findChallenge: (hostId, id) => {
      const row = find.get(hostId, id);
      return row && challengeOf(row);
    },
    spendChallenge: (hostId, id) => transact(() => spend.run(hostId, id).changes > 0),
  };
}

/** A boot that was over cannot be proved any more: not by the verdict about it, and not by an answer that is still under way. */
function openBootAnnouncement(tables: Tables): (hostId: string, boot: BootAnnouncement) => void {
  const { database, audit } = tables;
  const knownBoot = database.prepare<[string], string | null>('SELECT boot_id FROM hosts WHERE id = ?').pluck();
  const remember = database.prepare('UPDATE hosts SET boot_id = ? WHERE id = ?');
  const forgetDue = database.prepare('UPDATE hosts SET due_at = NULL WHERE id = ?');
  const dropChallenges = database.prepare('DELETE FROM challenges WHERE host_id = ?');
  const voidVerdict = openVerdictVoiding(tables);
  return (hostId, { untrustedBootId, audit: draft }) => {
    const known = knownBoot.get(hostId);
    if (known === untrustedBootId) return;
    remember.run(untrustedBootId, hostId);
    if (known === null || known === undefined) return;
    forgetDue.run(hostId);
    dropChallenges.run(hostId);
    const message = 'the host said that it has booted again';
    if (voidVerdict(hostId, { at: draft.at, code: 'HOST_REBOOTED', message })) audit(draft);
  };
}

interface EvidenceRow {
  readonly attest: Buffer;
  readonly signature: Buffer;
  readonly pcrs: string;
  readonly event_log: string | null;
  readonly ima_log: string | null;
  readonly userspace_log: string | null;
  readonly ak_public: Buffer;
  readonly qualifying_data: Buffer;
  readonly received_at: number;
}

export function openEvidenceTables(tables: Tables): EvidenceMethods {
  const { database, transact, audit } = tables;
  const logs = openLogTable(tables);
  const findHost = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE id = ?');
  const hasChallenge = database.prepare<[string, string], number>(
    'SELECT 1 FROM challenges WHERE host_id = ? AND id = ?',
  );
  const spend = database.prepare('DELETE FROM challenges WHERE host_id = ? AND id = ?');
  const insertVerdict = database.prepare('INSERT INTO verdicts VALUES (?, ?, ?, ?, ?, ?, NULL, NULL, NULL)');
  const advance = database.prepare(
    'UPDATE hosts SET verdict_sequence = ?, boot = coalesce(?, boot), due_at = ? WHERE id = ?',
  );
  const certificates = openAkCertificateTable(tables);
  const renew = database.prepare('UPDATE hosts SET ak_certificate = ? WHERE id = ?');
  const dropRests = database.prepare('DELETE FROM verdict_goldens WHERE host_id = ?');
  const insertRest = database.prepare('INSERT OR IGNORE INTO verdict_goldens VALUES (?, ?)');
  const findVerdict = database.prepare<[string], VerdictRow>(
    'SELECT * FROM verdicts WHERE host_id = ? ORDER BY sequence DESC LIMIT 1',
  );
  const listVerdicts = database.prepare<[string], VerdictRow>(
    'SELECT * FROM verdicts WHERE host_id = ? ORDER BY sequence DESC',
  );
  const findEvidence = database.prepare<[string], EvidenceRow>(
    `SELECT * FROM evidence WHERE host_id = ? AND quote_verified = 1
     AND epoch = (SELECT epoch FROM hosts WHERE id = evidence.host_id) ORDER BY sequence DESC LIMIT 1`,
  );
  const insertEvidence = openEvidenceInsert(tables, logs);

  const recordAttestation: EvidenceMethods['recordAttestation'] = (record) =>
    transact(() => {
      const { hostId, basis, verdict } = record;
      const host = findHost.get(hostId);
      if (hasChallenge.get(hostId, record.challengeId) === undefined) return 'challenge-spent';
      const isCurrent =
        host?.state === 'active' &&
        host.epoch === basis.epoch &&
        host.verdict_sequence === basis.verdictSequence &&
        tables.trustRevision() === basis.trustRevision;
      if (!isCurrent) return 'outdated';
      spend.run(hostId, record.challengeId);
      const sequence = basis.verdictSequence + 1;
      const times = [Date.parse(verdict.issuedAt), Date.parse(verdict.expiresAt)];
      insertVerdict.run(hostId, sequence, basis.epoch, JSON.stringify(verdict), ...times);
      advance.run(sequence, record.boot === undefined ? null : encodeBoot(record.boot), record.dueAt, hostId);
      dropRests.run(hostId);
      const goldens = [...Object.values(verdict.layers), ...(verdict.furtherGoldens ?? [])];
      for (const golden of goldens) insertRest.run(golden, hostId);
      if (record.akCertificate !== undefined) {
        renew.run(record.akCertificate.der, hostId);
        certificates.issue(hostId, record.akCertificate, times[0] ?? 0);
      }
      insertEvidence(record, sequence);
      if (record.audit !== undefined) audit(record.audit);
      return 'recorded';
    });

  return {
    recordAttestation,
    findVerdict: (hostId) => {
      const row = findVerdict.get(hostId);
      return row && verdictOf(row);
    },
    listVerdicts: (hostId) => listVerdicts.all(hostId).map(verdictOf),
    findEvidence: (hostId) => {
      const row = findEvidence.get(hostId);
      return row && evidenceOf(row, logs);
    },
    findLog: (sha256) => logs.find(sha256),
    hasLog: (sha256) => logs.has(sha256),
  };
}

function openEvidenceInsert(
  { database }: Tables,
  logs: LogTable,
): (record: AttestationRecord, sequence: number) => void {
  const insert = database.prepare('INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const pruneEvidence = database.prepare<[string, number], EvidenceRow>(
    'DELETE FROM evidence WHERE host_id = ? AND sequence <= ? RETURNING *',
  );
  const pruneVerdicts = database.prepare('DELETE FROM verdicts WHERE host_id = ? AND sequence <= ?');
  return ({ hostId, basis, evidence, quoteVerified, keepEvidence }, sequence) => {
    const { attest, signature, pcrs, eventLog, imaLog, userspaceLog, akPublic, qualifyingData, receivedAt } = evidence;
    const names = [eventLog, imaLog, userspaceLog].map((log) => (log === undefined ? null : logs.use(log)));
    const quote = [quoteVerified ? 1 : 0, attest, signature, pcrs];
    insert.run(hostId, sequence, basis.epoch, ...quote, ...names, akPublic, qualifyingData, receivedAt);
    const oldest = sequence - keepEvidence;
    for (const row of pruneEvidence.all(hostId, oldest)) {
      for (const name of [row.event_log, row.ima_log, row.userspace_log]) if (name !== null) logs.drop(name);
    }
    pruneVerdicts.run(hostId, oldest);
  };
}

function evidenceOf(row: EvidenceRow, logs: LogTable): EvidenceRecord {
  const logOf = (name: string | null): Uint8Array | undefined => (name === null ? undefined : logs.find(name));
  return {
    attest: bytesOf(row.attest),
    signature: bytesOf(row.signature),
    pcrs: row.pcrs,
    eventLog: logOf(row.event_log),
    imaLog: logOf(row.ima_log),
    userspaceLog: logOf(row.userspace_log),
    akPublic: bytesOf(row.ak_public),
    qualifyingData: bytesOf(row.qualifying_data),
    receivedAt: row.received_at,
  };
}

interface LogTable {
  /** Stores the log, or counts one more use of it; returns its name. */
  use(log: Uint8Array): string;
  drop(sha256: string): void;
  find(sha256: string): Uint8Array | undefined;
  has(sha256: string): boolean;
}

/** Logs by SHA-256: the hosts of one build send nearly the same log, and one host sends the same again and again. */
function openLogTable({ database }: Tables): LogTable {
  const raise = database.prepare('UPDATE logs SET uses = uses + 1 WHERE sha256 = ?');
  const insert = database.prepare('INSERT INTO logs VALUES (?, 1, ?)');
  const lower = database.prepare('UPDATE logs SET uses = uses - 1 WHERE sha256 = ?');
  const sweep = database.prepare('DELETE FROM logs WHERE sha256 = ? AND uses <= 0');
  const find = database.prepare<[string], Buffer>('SELECT deflated FROM logs WHERE sha256 = ?').pluck();
  const has = database.prepare<[string], number>('SELECT 1 FROM logs WHERE sha256 = ?').pluck();
  return {
    use: (log) => {
      const name = encodeHex(hash('sha256', log));
      if (raise.run(name).changes === 0) insert.run(name, deflateRawSync(log, { level: 1 }));
      return name;
    },
    drop: (name) => {
      lower.run(name);
      sweep.run(name);
    },
    find: (name) => {
      const deflated = find.get(name);
      return deflated && bytesOf(inflateRawSync(deflated));
    },
    has: (name) => has.get(name) !== undefined,
  };
}
