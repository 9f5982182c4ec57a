// Hosts, and the enrolments that make them.
import { bytesEqual, encodeHex } from '../../../core/encoding/index.ts';
import type { BindPreview, PendingBinding, PendingEnrolment } from '../records.ts';
import {
  bindingOf,
  endorsementColumns,
  verdictOf,
  type EnrolmentRow,
  type HostRow,
  type RegisteredEkRow,
  type VerdictRow,
} from './rows.ts';
import { openStandingCheck } from './endorser-tables.ts';
import { openApprovalQueue, placesOfStrangers } from './pending-table.ts';
import { openHostReading, openSetAsideCheck } from './quarantine-table.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openAkCertificateTable } from './ak-certificate-table.ts';
import { openTokenTable } from './token-table.ts';
import { openVerdictVoiding } from './verdict-voiding.ts';

type HostMethods = Pick<
  SyncStore,
  | 'openEnrolment'
  | 'takeEnrolment'
  | 'previewBinding'
  | 'bindHost'
  | 'listPendingHosts'
  | 'findPendingHost'
  | 'decidePendingHost'
  | 'findHost'
  | 'listHosts'
  | 'setHostLabels'
  | 'releaseHost'
>;

export function openHostTables(tables: Tables): HostMethods {
  const { database, transact, audit } = tables;
  const findRow = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE id = ?');
  const listRows = database.prepare<[string, number], HostRow>('SELECT * FROM hosts WHERE id > ? ORDER BY id LIMIT ?');
  const findVerdict = database.prepare<[string, number], VerdictRow>(
    'SELECT * FROM verdicts WHERE host_id = ? AND sequence = ?',
  );
  const ownerOfEk = database
    .prepare<[Uint8Array], string>('SELECT host_id FROM endorsement_keys WHERE ek_digest = ?')
    .pluck();
  // Names that an operator keeps for one TPM, and TPMs that may have one name only.
  const reservations = database.prepare<[string, string], Pick<RegisteredEkRow, 'ek_digest' | 'host_id'>>(
    'SELECT ek_digest, host_id FROM registered_eks WHERE host_id IS NOT NULL AND (ek_digest = ? OR host_id = ?)',
  );
  const tokens = openTokenTable(tables);
  const certificates = openAkCertificateTable(tables);
  const isStanding = openStandingCheck(database);
  const isSetAside = openSetAsideCheck(tables);

  function preview(binding: PendingBinding, joinToken: string | undefined): BindPreview {
    const digest = encodeHex(binding.ekDigest);
    if (
      reservations
        .all(digest, binding.hostId)
        .some(({ ek_digest, host_id }) => ek_digest !== digest || host_id !== binding.hostId)
    ) {
      return 'name-reserved';
    }
    const owner = ownerOfEk.get(binding.ekDigest);
    if (owner !== undefined && owner !== binding.hostId) return 'ek-taken';
    const host = findRow.get(binding.hostId);
    if (host?.state !== 'active') return joinToken === undefined || tokens.canJoin(joinToken) ? 'bound' : 'token-spent';
    if (!bytesEqual(host.ek_digest, binding.ekDigest)) return 'name-taken';
    return bytesEqual(host.ak_name, binding.akName) ? 'bound' : 'ak-changed';
  }

  const insertHost = database.prepare(
    `INSERT INTO hosts VALUES ($id, 'active', $epoch, $labels, $ekDigest, $ekPublic, $ekCertificate, $ekChain, $endorserId,
     $endorser, $akName, $akPublic, $akCertificate, $at, $verdictSequence, $boot, $bootId, NULL, $platformCertificates)
     ON CONFLICT (id) DO UPDATE SET state = 'active', epoch = $epoch, labels = $labels, ek_digest = $ekDigest,
     ek_public = $ekPublic, ek_certificate = $ekCertificate, ek_chain = $ekChain, endorser_id = $endorserId,
     endorser = $endorser, ak_name = $akName, ak_public = $akPublic, ak_certificate = $akCertificate, enrolled_at = $at, boot = $boot,
     boot_id = $bootId, platform_certificates = $platformCertificates`,
  );
  const queue = openApprovalQueue(tables, preview);
  const claimEk = database.prepare('INSERT INTO endorsement_keys VALUES (?, ?) ON CONFLICT DO NOTHING');

  const bindHost: HostMethods['bindHost'] = ({
    binding,
    joinToken,
    akCertificate,
    token,
    queue: request,
    audit: draft,
  }) =>
    transact(() => {
      const outcome = preview(binding, joinToken);
      if (outcome !== 'bound') return outcome;
      const before = findRow.get(binding.hostId);
      const isSame = before?.state === 'active';
      // Who is enrolled already has its approval.
      const answer =
        request === undefined || isSame ? undefined : queue.ask({ binding, joinToken, request, at: draft.at });
      if (answer !== undefined && answer.state !== 'approved') return answer.state;
      queue.leave(binding.ekDigest);
      // Those of the enrolment before.
      certificates.revokeOf(binding.hostId, draft.at, 'superseded');
      const isWithdrawn = binding.endorser !== undefined && !isStanding(binding.endorser);
      insertHost.run({
        id: binding.hostId,
        epoch: before === undefined ? 1 : isSame ? before.epoch : before.epoch + 1,
        // Labels are an operator's word about a machine; another TPM is another machine.
        labels: isSame ? before.labels : '{}',
        ekDigest: binding.ekDigest,
        ...endorsementColumns(isWithdrawn ? { ...binding, endorser: undefined } : binding),
        akName: binding.akName,
        akPublic: binding.akPublic,
        akCertificate: akCertificate?.der ?? new Uint8Array(),
        at: draft.at,
        verdictSequence: before?.verdict_sequence ?? 0,
        boot: isSame ? before.boot : null,
        bootId: isSame ? before.boot_id : null,
      });
      if (!isSame && joinToken !== undefined) tokens.payJoin(joinToken);
      claimEk.run(binding.ekDigest, binding.hostId);
      tokens.revokeOfHost(binding.hostId, draft.at);
      tokens.insert(token);
      if (akCertificate !== undefined) certificates.issue(binding.hostId, akCertificate, draft.at);
      if (isWithdrawn || isSetAside(binding.hostId, draft.at)) {
        certificates.revokeOf(binding.hostId, draft.at, 'privilegeWithdrawn');
      }
      audit(answer === undefined ? draft : { ...draft, details: { ...draft.details, approvedBy: answer.by } });
      return 'bound';
    });

  const readHosts = openHostReading(tables);

  return {
    ...openEnrolmentTable(tables),
    previewBinding: preview,
    bindHost,
    ...queue.methods,
    findHost: (id) => {
      const row = findRow.get(id);
      return row && readHosts()(row);
    },
    listHosts: ({ after, limit }) => {
      const readHost = readHosts();
      return listRows.all(after ?? '', limit).map((row) => {
        const verdict = findVerdict.get(row.id, row.verdict_sequence);
        return { host: readHost(row), verdict: verdict && verdictOf(verdict) };
      });
    },
    ...openHostChanges(tables),
  };
}

function openHostChanges(tables: Tables): Pick<HostMethods, 'setHostLabels' | 'releaseHost'> {
  const { database, transact, audit } = tables;
  const setLabels = database.prepare('UPDATE hosts SET labels = ? WHERE id = ?');
  const release = database.prepare(
    "UPDATE hosts SET state = 'released', boot = NULL, boot_id = NULL, due_at = NULL WHERE id = ? AND state = 'active'",
  );
  const voidVerdict = openVerdictVoiding(tables);
  const dropChallenges = database.prepare('DELETE FROM challenges WHERE host_id = ?');
  const dropRests = database.prepare('DELETE FROM verdict_goldens WHERE host_id = ?');
  const tokens = openTokenTable(tables);
  const certificates = openAkCertificateTable(tables);
  const isSetAside = openSetAsideCheck(tables);
  return {
    setHostLabels: (id, labels, draft) =>
      transact(() => {
        if (setLabels.run(JSON.stringify(labels), id).changes === 0) return false;
        // Labels choose the policy: an appraisal that is under way must not end with the old choice.
        tables.raiseTrustRevision();
        // The new labels may be those of a quarantine.
        if (isSetAside(id, draft.at)) certificates.revokeOf(id, draft.at, 'privilegeWithdrawn');
        audit(draft);
        return true;
      }),
    releaseHost: (id, draft) =>
      transact(() => {
        if (release.run(id).changes === 0) return false;
        voidVerdict(id, { at: draft.at, code: 'HOST_RELEASED', message: 'an operator released the host' });
        dropChallenges.run(id);
        dropRests.run(id);
        tokens.revokeOfHost(id, draft.at);
        certificates.revokeOf(id, draft.at, 'cessationOfOperation');
        audit(draft);
        return true;
      }),
  };
}

function openEnrolmentTable({ database, transact }: Tables): Pick<HostMethods, 'openEnrolment' | 'takeEnrolment'> {
  const clear = database.prepare('DELETE FROM enrolments WHERE expires_at < ?');
  const count = database.prepare<[], number>('SELECT count(*) FROM enrolments').pluck();
  const countStrangers = database
    .prepare<[], number>('SELECT count(*) FROM enrolments WHERE join_token IS NULL AND by_operator = 0')
    .pluck();
  const insert = database.prepare(
    `INSERT INTO enrolments VALUES ($id, $secretHash, $hostId, $ekDigest, $ekPublic,
     $ekCertificate, $ekChain, $endorserId, $endorser, $akName, $akPublic, $joinToken, $expiresAt, $byOperator,
     $platformCertificates)`,
  );
  const take = database.prepare<[string], EnrolmentRow>('DELETE FROM enrolments WHERE id = ? RETURNING *');
  return {
    openEnrolment: ({ id, secretHash, binding, joinToken, byOperator, expiresAt }, { now, maxPending }) =>
      transact(() => {
        // An expired one stays a while, so that a late answer is told that it is late.
        clear.run(now - 3_600_000);
        if ((count.get() ?? 0) >= maxPending) return false;
        const isStranger = joinToken === undefined && !byOperator;
        if (isStranger && (countStrangers.get() ?? 0) >= placesOfStrangers(maxPending)) return false;
        const { hostId, ekDigest, akName, akPublic } = binding;
        const payer = joinToken ?? null;
        const ek = { ekDigest, ...endorsementColumns(binding) };
        const door = { joinToken: payer, byOperator: byOperator ? 1 : 0 };
        insert.run({ id, secretHash, hostId, ...ek, akName, akPublic, ...door, expiresAt });
        return true;
      }),
    takeEnrolment: (id): PendingEnrolment | undefined => {
      const row = transact(() => take.get(id));
      if (row === undefined) return undefined;
      const secretHash = new Uint8Array(row.secret_hash);
      const joinToken = row.join_token ?? undefined;
      const binding = bindingOf(row.host_id, row);
      return { id, secretHash, binding, joinToken, byOperator: row.by_operator === 1, expiresAt: row.expires_at };
    },
  };
}
