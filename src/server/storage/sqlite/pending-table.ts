// The approval queue: TPMs that were proved and wait for an operator. Bounded, and first come, first served: who waits is pushed
// out by nobody, and what strangers may take is half.
import { bytesEqual, encodeHex } from '../../../core/encoding/index.ts';
import type { PendingBinding, QueueRequest } from '../records.ts';
import type { IdentityCheck } from './identity-check.ts';
import { pendingHostOf, type PendingHostRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

type QueueMethods = Pick<SyncStore, 'listPendingHosts' | 'findPendingHost' | 'decidePendingHost'>;

export interface QueueQuestion {
  readonly binding: PendingBinding;
  readonly joinToken: string | undefined;
  readonly request: QueueRequest;
  readonly at: number;
}

export type QueueAnswer =
  { readonly state: 'approved'; readonly by: string } | { readonly state: 'waiting' | 'rejected' | 'queue-full' };

export interface ApprovalQueue {
  /** Inside the transaction that binds: whether an operator approved exactly this; else it waits from now on. */
  ask(question: QueueQuestion): QueueAnswer;
  /** Inside the transaction that binds. */
  leave(ekDigest: Uint8Array): void;
  readonly methods: QueueMethods;
}

/** Of `places`, those that may be taken by whoever comes without a join token. */
export function placesOfStrangers(places: number): number {
  return Math.max(1, Math.floor(places / 2));
}

export function openApprovalQueue(tables: Tables, preview: IdentityCheck): ApprovalQueue {
  const { database, transact, audit } = tables;
  const findById = database.prepare<[string], PendingHostRow>('SELECT * FROM pending_hosts WHERE id = ?');
  const findByEk = database.prepare<[Uint8Array], PendingHostRow>('SELECT * FROM pending_hosts WHERE ek_digest = ?');
  const list = database.prepare<[string, number], PendingHostRow>(
    'SELECT * FROM pending_hosts WHERE id > ? ORDER BY id LIMIT ?',
  );
  const approvedOfName = database.prepare<[string, string], string>(
    "SELECT id FROM pending_hosts WHERE host_id = ? AND state = 'approved' AND id <> ?",
  );
  const decide = database.prepare(
    `UPDATE pending_hosts SET state = $state, decided_at = $at, decided_by = $actor, reason = $reason, expires_at = $expiresAt
     WHERE id = $id`,
  );
  const forgetRejections = database.prepare<[number]>(
    `DELETE FROM pending_hosts WHERE state = 'rejected' AND id NOT IN
     (SELECT id FROM pending_hosts WHERE state = 'rejected' ORDER BY decided_at DESC, id LIMIT ?)`,
  );
  const remove = database.prepare('DELETE FROM pending_hosts WHERE ek_digest = ?');
  const clear = openClearing(tables);
  const wait = openWaiting(tables);

  return {
    ask: (question) => {
      const { binding, at } = question;
      clear(at);
      const row = findByEk.get(binding.ekDigest);
      // A rejection is about the TPM: another name is no way around it.
      if (row?.state === 'rejected') return { state: 'rejected' };
      const isSame = row?.host_id === binding.hostId && bytesEqual(row.ak_name, binding.akName);
      if (isSame && row.state === 'approved') return { state: 'approved', by: row.decided_by ?? '' };
      return { state: wait(question, row, isSame) };
    },
    leave: (ekDigest) => {
      remove.run(ekDigest);
    },
    methods: {
      listPendingHosts: ({ after, limit }, now) =>
        transact(() => {
          clear(now);
          return list.all(after ?? '', limit).map(pendingHostOf);
        }),
      findPendingHost: (key) => {
        const row = 'id' in key ? findById.get(key.id) : findByEk.get(key.ekDigest);
        return row && pendingHostOf(row);
      },
      decidePendingHost: (id, { state, reason, expiresAt, places, audit: draft }) =>
        transact(() => {
          clear(draft.at);
          const row = findById.get(id);
          if (row === undefined) return 'unknown';
          if (state === 'approved') {
            const outcome = preview(pendingHostOf(row).binding, undefined, draft.at);
            if (outcome !== 'bound') return outcome;
            if (approvedOfName.get(row.host_id, id) !== undefined) return 'name-taken';
          }
          decide.run({ id, state, reason, expiresAt, at: draft.at, actor: draft.actor });
          forgetRejections.run(places);
          audit(draft);
          return 'decided';
        }),
    },
  };
}

/** Ends what nobody decided in time, and approvals that nobody used. */
function openClearing({ database, audit }: Tables): (at: number) => void {
  const clear = database.prepare<[number], PendingHostRow>(
    'DELETE FROM pending_hosts WHERE expires_at <= ? RETURNING *',
  );
  return (at) => {
    for (const { host_id: subject, state, ek_digest } of clear.all(at)) {
      if (state === 'rejected') continue;
      audit({
        at,
        actor: 'server',
        action: 'host.pending-expired',
        subject,
        details: { state, ek: encodeHex(ek_digest) },
      });
    }
  };
}

type Waiting = (question: QueueQuestion, row: PendingHostRow | undefined, isSame: boolean) => 'waiting' | 'queue-full';

function openWaiting({ database, audit }: Tables): Waiting {
  const touch = database.prepare('UPDATE pending_hosts SET last_asked_at = ? WHERE id = ?');
  // Under another name or key it is another question: an operator who saw the old one cannot answer it by mistake.
  const change = database.prepare(
    `UPDATE pending_hosts SET id = $id, host_id = $hostId, ak_name = $akName, ek_certificate = $ekCertificate,
     endorser_id = $endorserId, endorser = $endorser, join_token = $joinToken, last_asked_at = $at, state = 'waiting',
     decided_at = NULL, decided_by = NULL, reason = NULL WHERE ek_digest = $ekDigest`,
  );
  const insert = database.prepare(
    `INSERT INTO pending_hosts VALUES ($id, $ekDigest, $hostId, $ekCertificate, $endorserId, $endorser, $akName, $joinToken,
     $at, $at, $expiresAt, 'waiting', NULL, NULL, NULL)`,
  );
  const count = database.prepare<[], number>("SELECT count(*) FROM pending_hosts WHERE state <> 'rejected'").pluck();
  const countStrangers = database
    .prepare<[], number>("SELECT count(*) FROM pending_hosts WHERE state <> 'rejected' AND join_token IS NULL")
    .pluck();
  const isFull = (joinToken: string | undefined, places: number): boolean =>
    (count.get() ?? 0) >= places ||
    (joinToken === undefined && (countStrangers.get() ?? 0) >= placesOfStrangers(places));

  return ({ binding, joinToken, request, at }, row, isSame) => {
    const { id, expiresAt, places, audit: draft } = request;
    const { hostId, ekDigest, ekCertificate = null, endorser, akName } = binding;
    if (row !== undefined && isSame) {
      touch.run(at, row.id);
      return 'waiting';
    }
    if (row === undefined && isFull(joinToken, places)) return 'queue-full';
    const values = { id, hostId, ekDigest, ekCertificate, akName, joinToken: joinToken ?? null, at };
    const vouching = { endorserId: endorser?.id ?? null, endorser: endorser?.name ?? null };
    if (row !== undefined) {
      change.run({ ...values, ...vouching });
      return 'waiting';
    }
    insert.run({ ...values, ...vouching, expiresAt });
    audit(draft);
    return 'waiting';
  };
}
