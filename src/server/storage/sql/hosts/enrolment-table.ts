// Enrolments between their two requests: each is good for one try.
import type { Store } from '../../store.ts';
import { placesOfStrangers } from './pending-table.ts';
import { bindingOf, endorsementColumns, type CountRow, type EnrolmentRow } from '../rows.ts';
import { statement, type Database } from '../sql.ts';

const clear = statement('DELETE FROM enrolments WHERE expires_at < ?');
const count = statement<CountRow>('SELECT count(*) AS count FROM enrolments');
const countStrangers = statement<CountRow>(
  'SELECT count(*) AS count FROM enrolments WHERE join_token IS NULL AND by_operator = 0',
);
const insert = statement(
  `INSERT INTO enrolments VALUES ($id, $secretHash, $hostId, $ekDigest, $ekPublic,
   $ekCertificate, $ekChain, $endorserId, $endorser, $akName, $akPublic, $joinToken, $expiresAt, $byOperator,
   $platformCertificates, $deviceIdentity)`,
);
const isThere = statement('SELECT 1 FROM enrolments WHERE id = ?');
const take = statement<EnrolmentRow>('DELETE FROM enrolments WHERE id = ? RETURNING *');

export function openEnrolmentTable(database: Database): Pick<Store, 'openEnrolment' | 'takeEnrolment'> {
  return {
    openEnrolment: ({ id, secretHash, binding, joinToken, byOperator, expiresAt }, { now, maxPending }) =>
      database.transact(async (tx) => {
        // An expired one stays a while, so that a late answer is told that it is late.
        await tx.run(clear, now - 3_600_000);
        if (((await tx.get(count))?.count ?? 0) >= maxPending) return false;
        const isStranger = joinToken === undefined && !byOperator;
        const strangers = isStranger ? ((await tx.get(countStrangers))?.count ?? 0) : 0;
        if (isStranger && strangers >= placesOfStrangers(maxPending)) return false;
        const { hostId, ekDigest, akName, akPublic } = binding;
        const ek = { ekDigest, ...endorsementColumns(binding) };
        const door = { joinToken: joinToken ?? null, byOperator: byOperator ? 1 : 0 };
        await tx.run(insert, { id, secretHash, hostId, ...ek, akName, akPublic, ...door, expiresAt });
        return true;
      }),
    takeEnrolment: async (id) => {
      // Anybody may ask for what is not there, and no transaction is made for that. Of those who find it, one takes it.
      if ((await database.get(isThere, id)) === undefined) return undefined;
      const [row] = await database.returning(take, id);
      if (row === undefined) return undefined;
      const secretHash = new Uint8Array(row.secret_hash);
      const joinToken = row.join_token ?? undefined;
      const binding = bindingOf(row.host_id, row);
      return { id, secretHash, binding, joinToken, byOperator: row.by_operator === 1, expiresAt: row.expires_at };
    },
  };
}
