// Binding a name to a TPM and its key, for ever: at once, or where an operator approved it.
import { encodeHex } from '../../../../core/encoding/index.ts';
import type { HostBinding } from '../../records.ts';
import type { Store } from '../../store.ts';
import { queueDigest, tpmDigests } from '../../tpm-digests.ts';
import { issuingAkCertificate, revokeAkCertificates } from './ak-certificate-table.ts';
import { trustRevision } from '../database.ts';
import { isRegistered, isStanding } from '../trust/endorsement.ts';
import { findHostRow } from './host-row.ts';
import { previewBinding } from './identity-check.ts';
import { askQueue, leaveQueue, type QueueAnswer, type QueueQuestion } from './pending-table.ts';
import { isSetAside } from './quarantine-table.ts';
import { endorsementColumns, type HostRow } from '../rows.ts';
import { runAll, statement, type Database, type Transaction } from '../sql.ts';
import { dropTokensOfHost, insertToken, payJoin } from './token-table.ts';

type Binding = Parameters<Store['bindHost']>[0];

const save = statement(
  `INSERT INTO hosts VALUES ($id, 'active', $epoch, $labels, $ekDigest, $ekPublic, $ekCertificate, $ekChain, $endorserId,
   $endorser, $akName, $akPublic, $akCertificate, $at, $verdictSequence, $boot, $bootId, NULL, $platformCertificates,
   NULL, NULL, $deviceIdentity)
   ON CONFLICT (id) DO UPDATE SET state = 'active', epoch = $epoch, labels = $labels, ek_digest = $ekDigest,
   ek_public = $ekPublic, ek_certificate = $ekCertificate, ek_chain = $ekChain, endorser_id = $endorserId,
   endorser = $endorser, ak_name = $akName, ak_public = $akPublic, ak_certificate = $akCertificate, enrolled_at = $at, boot = $boot,
   boot_id = $bootId, platform_certificates = $platformCertificates, device_identity = $deviceIdentity,
   ending = NULL, replace_until = NULL`,
);
const claimEk = statement('INSERT INTO endorsement_keys (ek_digest, host_id) VALUES (?, ?) ON CONFLICT DO NOTHING');

export function openBindingTable(database: Database): Pick<Store, 'previewBinding' | 'bindHost' | 'askApproval'> {
  return {
    previewBinding: (binding, joinToken, at) => previewBinding(database, binding, joinToken, at),
    bindHost: (request) =>
      database.transact(async (tx) => {
        const { binding, joinToken, queue, audit: draft } = request;
        if ((await trustRevision(tx)) !== request.trustRevision) return 'outdated';
        const outcome = await previewBinding(tx, binding, joinToken, draft.at);
        if (outcome !== 'bound') return outcome;
        const before = await findHostRow(tx, binding.hostId);
        const answer = await askApproval(tx, { binding, joinToken, request: queue, at: draft.at }, before);
        if (answer !== undefined && answer.state !== 'approved') return answer.state;
        await leaveQueue(tx, queueDigest(binding));
        await bind(tx, request, before);
        await tx.audit(
          answer === undefined ? draft : { ...draft, details: { ...draft.details, approvedBy: answer.by } },
        );
        return 'bound';
      }),
    askApproval: (question) =>
      database.transact(async (tx) => {
        const { binding, joinToken, at } = question;
        const outcome = await previewBinding(tx, binding, joinToken, at);
        if (outcome !== 'bound') return outcome;
        const answer = await askApproval(tx, question, await findHostRow(tx, binding.hostId));
        return answer === undefined || answer.state === 'approved' ? 'bound' : answer.state;
      }),
  };
}

type Question = Omit<QueueQuestion, 'request'> & { readonly request: QueueQuestion['request'] | undefined };

/** Who is enrolled has its approval. A replaced TPM that an operator expects has it too, unless it is a stranger's; and one that is
 * registered, as long as it is. */
async function askApproval(
  tx: Transaction,
  { request, ...question }: Question,
  before: HostRow | undefined,
): Promise<QueueAnswer | undefined> {
  const isExpected = before?.ending === 'replacing' && question.joinToken !== undefined;
  if (request === undefined || before?.state === 'active' || isExpected) return undefined;
  if (await isRegistered(tx, encodeHex(question.binding.ekDigest))) return { state: 'approved', by: 'registration' };
  const binding = { ...question.binding, ekDigest: queueDigest(question.binding) };
  return askQueue(tx, { ...question, binding, request });
}

async function bind(tx: Transaction, request: Binding, before: HostRow | undefined): Promise<void> {
  const { binding, joinToken, akCertificate, token, audit } = request;
  const { hostId } = binding;
  // Those of the enrolment before.
  await revokeAkCertificates(tx, [hostId], audit.at, 'superseded');
  const isWithdrawn = binding.endorser !== undefined && !(await isStanding(tx, binding.endorser));
  await saveHost(tx, request, isWithdrawn ? { ...binding, endorser: undefined } : binding, before);
  if (before?.state !== 'active' && joinToken !== undefined) await payJoin(tx, joinToken);
  for (const digest of tpmDigests(binding)) await tx.run(claimEk, digest, hostId);
  await dropTokensOfHost(tx, hostId);
  await insertToken(tx, token);
  if (akCertificate !== undefined) await runAll(tx, issuingAkCertificate(hostId, akCertificate, audit.at));
  if (isWithdrawn || (await isSetAside(tx, hostId, audit.at))) {
    await revokeAkCertificates(tx, [hostId], audit.at, 'privilegeWithdrawn');
  }
}

async function saveHost(
  tx: Transaction,
  { akCertificate, audit }: Binding,
  binding: HostBinding,
  before: HostRow | undefined,
): Promise<void> {
  const same = before?.state === 'active' ? before : undefined;
  await tx.run(save, {
    id: binding.hostId,
    epoch: same?.epoch ?? (before?.epoch ?? 0) + 1,
    // Labels are an operator's word about a machine; another TPM is another machine.
    labels: same?.labels ?? '{}',
    ekDigest: binding.ekDigest,
    ...endorsementColumns(binding),
    akName: binding.akName,
    akPublic: binding.akPublic,
    akCertificate: akCertificate?.der ?? new Uint8Array(),
    at: audit.at,
    verdictSequence: before?.verdict_sequence ?? 0,
    boot: same?.boot ?? null,
    bootId: same?.boot_id ?? null,
  });
}
