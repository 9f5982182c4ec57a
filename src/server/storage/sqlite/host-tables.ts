// Hosts, and the enrolments that make them.
import { endorsementColumns, verdictOf, type HostRow, type VerdictRow } from './rows.ts';
import type { QueueRequest } from '../records.ts';
import { openAkCertificateTable } from './ak-certificate-table.ts';
import { openBindingEnd } from './binding-end.ts';
import { openStandingCheck } from './endorser-tables.ts';
import { openEnrolmentTable } from './enrolment-table.ts';
import { openIdentityCheck } from './identity-check.ts';
import { openApprovalQueue, type QueueAnswer, type QueueQuestion } from './pending-table.ts';
import { openHostReading, openSetAsideCheck } from './quarantine-table.ts';
import { queueDigest, tpmDigests } from '../tpm-digests.ts';
import type { SyncStore, Tables } from './tables.ts';
import { openTokenTable } from './token-table.ts';

type HostMethods = Pick<
  SyncStore,
  | 'openEnrolment'
  | 'takeEnrolment'
  | 'previewBinding'
  | 'bindHost'
  | 'askApproval'
  | 'listPendingHosts'
  | 'findPendingHost'
  | 'decidePendingHost'
  | 'findHost'
  | 'listHosts'
  | 'setHostLabels'
  | 'endBinding'
>;

type AskQueue = (
  question: Omit<QueueQuestion, 'request'> & { readonly request: QueueRequest | undefined },
  before: HostRow | undefined,
) => QueueAnswer | undefined;

export function openHostTables(tables: Tables): HostMethods {
  const { database, transact, audit } = tables;
  const findRow = database.prepare<[string], HostRow>('SELECT * FROM hosts WHERE id = ?');
  const listRows = database.prepare<[string, number], HostRow>('SELECT * FROM hosts WHERE id > ? ORDER BY id LIMIT ?');
  const findVerdict = database.prepare<[string, number], VerdictRow>(
    'SELECT * FROM verdicts WHERE host_id = ? AND sequence = ?',
  );
  const tokens = openTokenTable(tables);
  const certificates = openAkCertificateTable(tables);
  const isStanding = openStandingCheck(database);
  const isSetAside = openSetAsideCheck(tables);
  const preview = openIdentityCheck(tables);

  const insertHost = database.prepare(
    `INSERT INTO hosts VALUES ($id, 'active', $epoch, $labels, $ekDigest, $ekPublic, $ekCertificate, $ekChain, $endorserId,
     $endorser, $akName, $akPublic, $akCertificate, $at, $verdictSequence, $boot, $bootId, NULL, $platformCertificates,
     NULL, NULL, $deviceIdentity)
     ON CONFLICT (id) DO UPDATE SET state = 'active', epoch = $epoch, labels = $labels, ek_digest = $ekDigest,
     ek_public = $ekPublic, ek_certificate = $ekCertificate, ek_chain = $ekChain, endorser_id = $endorserId,
     endorser = $endorser, ak_name = $akName, ak_public = $akPublic, ak_certificate = $akCertificate, enrolled_at = $at, boot = $boot,
     boot_id = $bootId, platform_certificates = $platformCertificates, device_identity = $deviceIdentity,
     ending = NULL, replace_until = NULL`,
  );
  const queue = openApprovalQueue(tables, preview);
  const claimEk = database.prepare(
    'INSERT INTO endorsement_keys (ek_digest, host_id) VALUES (?, ?) ON CONFLICT DO NOTHING',
  );

  /** Who is enrolled has its approval. A replaced TPM that an operator expects has it too, unless it is a stranger's. */
  const askQueue: AskQueue = ({ request, ...question }, before) => {
    const isExpected = before?.ending === 'replacing' && question.joinToken !== undefined;
    if (request === undefined || before?.state === 'active' || isExpected) return undefined;
    const binding = { ...question.binding, ekDigest: queueDigest(question.binding) };
    return queue.ask({ ...question, binding, request });
  };

  const bindHost: HostMethods['bindHost'] = ({
    binding,
    joinToken,
    akCertificate,
    token,
    queue: request,
    audit: draft,
  }) =>
    transact(() => {
      const outcome = preview(binding, joinToken, draft.at);
      if (outcome !== 'bound') return outcome;
      const before = findRow.get(binding.hostId);
      const isSame = before?.state === 'active';
      const answer = askQueue({ binding, joinToken, request, at: draft.at }, before);
      if (answer !== undefined && answer.state !== 'approved') return answer.state;
      queue.leave(queueDigest(binding));
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
      for (const one of tpmDigests(binding)) claimEk.run(one, binding.hostId);
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
    askApproval: (question) =>
      transact(() => {
        const outcome = preview(question.binding, question.joinToken, question.at);
        if (outcome !== 'bound') return outcome;
        const answer = askQueue(question, findRow.get(question.binding.hostId));
        return answer === undefined || answer.state === 'approved' ? 'bound' : answer.state;
      }),
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
    ...openHostLabels(tables),
    ...openBindingEnd(tables),
  };
}

function openHostLabels(tables: Tables): Pick<HostMethods, 'setHostLabels'> {
  const { database, transact, audit } = tables;
  const labelsOf = database.prepare<[string], string>('SELECT labels FROM hosts WHERE id = ?').pluck();
  const setLabels = database.prepare('UPDATE hosts SET labels = ? WHERE id = ?');
  const certificates = openAkCertificateTable(tables);
  const isSetAside = openSetAsideCheck(tables);
  return {
    setHostLabels: (id, labels, draft) =>
      transact(() => {
        const before = labelsOf.get(id);
        if (before === undefined) return false;
        setLabels.run(JSON.stringify(labels), id);
        // Labels choose the policy: an appraisal that is under way must not end with the old choice.
        tables.raiseTrustRevision();
        // The new labels may be those of a quarantine.
        if (isSetAside(id, draft.at)) certificates.revokeOf(id, draft.at, 'privilegeWithdrawn');
        audit({ ...draft, details: { ...draft.details, before } });
        return true;
      }),
  };
}
