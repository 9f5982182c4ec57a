// Enrolments between their two requests: each is good for one try.
import type { PendingEnrolment } from '../records.ts';
import { placesOfStrangers } from './pending-table.ts';
import { bindingOf, endorsementColumns, type EnrolmentRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

export function openEnrolmentTable({ database, transact }: Tables): Pick<SyncStore, 'openEnrolment' | 'takeEnrolment'> {
  const clear = database.prepare('DELETE FROM enrolments WHERE expires_at < ?');
  const count = database.prepare<[], number>('SELECT count(*) FROM enrolments').pluck();
  const countStrangers = database
    .prepare<[], number>('SELECT count(*) FROM enrolments WHERE join_token IS NULL AND by_operator = 0')
    .pluck();
  const insert = database.prepare(
    `INSERT INTO enrolments VALUES ($id, $secretHash, $hostId, $ekDigest, $ekPublic,
     $ekCertificate, $ekChain, $endorserId, $endorser, $akName, $akPublic, $joinToken, $expiresAt, $byOperator,
     $platformCertificates, $deviceIdentity)`,
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
