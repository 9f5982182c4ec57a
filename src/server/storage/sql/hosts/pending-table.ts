// The approval queue: TPMs that were proved and wait for an operator. Bounded, and first come, first served: who waits is pushed
// out by nobody, and what strangers may take is half.
import { bytesEqual, encodeHex } from '../../../../core/encoding/index.ts';
import type { PendingBinding, QueueRequest } from '../../records.ts';
import type { Store } from '../../store.ts';
import { previewBinding } from './identity-check.ts';
import { pendingHostOf, type CountRow, type PendingHostRow } from '../rows.ts';
import { statement, type Database, type Transaction } from '../sql.ts';

export interface QueueQuestion {
  readonly binding: PendingBinding;
  readonly joinToken: string | undefined;
  readonly request: QueueRequest;
  readonly at: number;
}

export type QueueAnswer =
  { readonly state: 'approved'; readonly by: string } | { readonly state: 'waiting' | 'rejected' | 'queue-full' };

/** Of `places`, those that may be taken by whoever comes without a join token. */
export function placesOfStrangers(places: number): number {
  return Math.max(1, Math.floor(places / 2));
}

const findById = statement<PendingHostRow>('SELECT * FROM pending_hosts WHERE id = ?');
const findByEk = statement<PendingHostRow>('SELECT * FROM pending_hosts WHERE ek_digest = ?');

/** Inside the transaction that binds: whether an operator approved exactly this; else it waits from now on. */
export async function askQueue(tx: Transaction, question: QueueQuestion): Promise<QueueAnswer> {
  const { binding, at } = question;
  await clearQueue(tx, at);
  const row = await tx.get(findByEk, binding.ekDigest);
  // A rejection is about the TPM: another name is no way around it.
  if (row?.state === 'rejected') return { state: 'rejected' };
  const isSame = row?.host_id === binding.hostId && bytesEqual(row.ak_name, binding.akName);
  if (isSame && row.state === 'approved') return { state: 'approved', by: row.decided_by ?? '' };
  return { state: await wait(tx, question, row, isSame) };
}

const leave = statement('DELETE FROM pending_hosts WHERE ek_digest = ?');

/** Inside the transaction that binds. */
export async function leaveQueue(tx: Transaction, ekDigest: Uint8Array): Promise<void> {
  await tx.run(leave, ekDigest);
}

const clear = statement<PendingHostRow>('DELETE FROM pending_hosts WHERE expires_at <= ? RETURNING *');

/** Ends what nobody decided in time, and approvals that nobody used. */
async function clearQueue(tx: Transaction, at: number): Promise<void> {
  for (const { host_id: subject, state, ek_digest } of await tx.all(clear, at)) {
    if (state === 'rejected') continue;
    const details = { state, ek: encodeHex(ek_digest) };
    await tx.audit({ at, actor: 'server', action: 'host.pending-expired', subject, details });
  }
}

const list = statement<PendingHostRow>('SELECT * FROM pending_hosts WHERE id > ? ORDER BY id LIMIT ?');
const approvedOfName = statement("SELECT id FROM pending_hosts WHERE host_id = ? AND state = 'approved' AND id <> ?");
const decide = statement(
  `UPDATE pending_hosts SET state = $state, decided_at = $at, decided_by = $actor, reason = $reason, expires_at = $expiresAt
   WHERE id = $id`,
);
const forgetRejections = statement(
  `DELETE FROM pending_hosts WHERE state = 'rejected' AND id NOT IN
   (SELECT id FROM pending_hosts WHERE state = 'rejected' ORDER BY decided_at DESC, id LIMIT ?)`,
);

export function openApprovalQueue(
  database: Database,
): Pick<Store, 'listPendingHosts' | 'findPendingHost' | 'decidePendingHost'> {
  return {
    listPendingHosts: ({ after, limit }, now) =>
      database.transact(async (tx) => {
        await clearQueue(tx, now);
        return (await tx.all(list, after ?? '', limit)).map(pendingHostOf);
      }),
    findPendingHost: async (key) => {
      const row = await ('id' in key ? database.get(findById, key.id) : database.get(findByEk, key.ekDigest));
      return row && pendingHostOf(row);
    },
    decidePendingHost: (id, { state, reason, expiresAt, places, audit: draft }) =>
      database.transact(async (tx) => {
        const { at, actor } = draft;
        await clearQueue(tx, at);
        const row = await tx.get(findById, id);
        if (row === undefined) return 'unknown';
        if (state === 'approved') {
          const outcome = await previewBinding(tx, pendingHostOf(row).binding, undefined, at);
          if (outcome !== 'bound') return outcome;
          if ((await tx.get(approvedOfName, row.host_id, id)) !== undefined) return 'name-taken';
        }
        await tx.run(decide, { id, state, reason, expiresAt, at, actor });
        await tx.run(forgetRejections, places);
        await tx.audit(draft);
        return 'decided';
      }),
  };
}

const touch = statement('UPDATE pending_hosts SET last_asked_at = ? WHERE id = ?');
// Under another name or key it is another question: an operator who saw the old one cannot answer it by mistake.
const change = statement(
  `UPDATE pending_hosts SET id = $id, host_id = $hostId, ak_name = $akName, ek_certificate = $ekCertificate,
   endorser_id = $endorserId, endorser = $endorser, join_token = $joinToken, last_asked_at = $at, state = 'waiting',
   decided_at = NULL, decided_by = NULL, reason = NULL WHERE ek_digest = $ekDigest`,
);
const insert = statement(
  `INSERT INTO pending_hosts VALUES ($id, $ekDigest, $hostId, $ekCertificate, $endorserId, $endorser, $akName, $joinToken,
   $at, $at, $expiresAt, 'waiting', NULL, NULL, NULL)`,
);

async function wait(
  tx: Transaction,
  { binding, joinToken, request, at }: QueueQuestion,
  row: PendingHostRow | undefined,
  isSame: boolean,
): Promise<'waiting' | 'queue-full'> {
  const { id, expiresAt, places, audit: draft } = request;
  const { hostId, ekDigest, ekCertificate = null, endorser, akName } = binding;
  if (row !== undefined && isSame) {
    await tx.run(touch, at, row.id);
    return 'waiting';
  }
  if (row === undefined && (await isFull(tx, joinToken, places))) return 'queue-full';
  const values = { id, hostId, ekDigest, ekCertificate, akName, joinToken: joinToken ?? null, at };
  const vouching = { endorserId: endorser?.id ?? null, endorser: endorser?.name ?? null };
  if (row !== undefined) {
    await tx.run(change, { ...values, ...vouching });
    return 'waiting';
  }
  await tx.run(insert, { ...values, ...vouching, expiresAt });
  await tx.audit(draft);
  return 'waiting';
}

const count = statement<CountRow>("SELECT count(*) AS count FROM pending_hosts WHERE state <> 'rejected'");
const countStrangers = statement<CountRow>(
  "SELECT count(*) AS count FROM pending_hosts WHERE state <> 'rejected' AND join_token IS NULL",
);

async function isFull(tx: Transaction, joinToken: string | undefined, places: number): Promise<boolean> {
  if (((await tx.get(count))?.count ?? 0) >= places) return true;
  return joinToken === undefined && ((await tx.get(countStrangers))?.count ?? 0) >= placesOfStrangers(places);
}
