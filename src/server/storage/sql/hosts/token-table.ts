// API tokens: only the hash of the secret half is kept.
import type { TokenRecord } from '../../records.ts';
import type { Store } from '../../store.ts';
import { raiseTrustRevision } from '../database.ts';
import { tokenSubject } from '../row-memory.ts';
import { tokenOf, type CountRow, type TokenRow } from '../rows.ts';
import { statement, type Database, type Sql, type Transaction } from '../sql.ts';

export const findToken = statement<TokenRow>('SELECT * FROM tokens WHERE id = ?');
const listPage = statement<TokenRow>('SELECT * FROM tokens WHERE id > ? ORDER BY id LIMIT ?');
const listOfNoHost = statement<TokenRow>('SELECT * FROM tokens WHERE host_id IS NULL ORDER BY created_at, id');
const insert = statement('INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
const dropOfHost = statement('DELETE FROM tokens WHERE host_id = ?');
const revoke = statement('UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');
const pay = statement('UPDATE tokens SET enrolments_left = enrolments_left - 1 WHERE id = ?');
const otherOperators = statement<CountRow>(
  `SELECT count(*) AS count FROM tokens WHERE role = 'operator' AND id <> ? AND revoked_at IS NULL
   AND (expires_at IS NULL OR expires_at > ?)`,
);

export function openTokenTable(
  database: Database,
): Pick<Store, 'findToken' | 'listTokens' | 'listTokensOfNoHost' | 'addToken' | 'revokeToken'> {
  return {
    findToken: (id) =>
      database.recall(tokenSubject(id), async () => {
        const row = await database.get(findToken, id);
        return row && tokenOf(row);
      }),
    listTokens: async ({ after, limit }) => (await database.all(listPage, after ?? '', limit)).map(tokenOf),
    listTokensOfNoHost: async () => (await database.all(listOfNoHost)).map(tokenOf),
    addToken: (token, draft) =>
      database.transact(async (tx) => {
        await insertToken(tx, token);
        await tx.audit(draft);
      }),
    revokeToken: (id, draft) =>
      database.transact(async (tx) => {
        const row = await tx.get(findToken, id);
        if (row === undefined || row.revoked_at !== null) return 'unknown';
        const isOperator = row.role === 'operator';
        if (isOperator && (await tx.get(otherOperators, id, draft.at))?.count === 0) return 'last-operator';
        await tx.run(revoke, draft.at, id);
        // Enrolments that were opened with it ask of it when they are to be bound.
        // A server that remembers it must not record what the host brings with it.
        if (row.host_id !== null) await raiseTrustRevision(tx);
        await tx.audit(draft);
        return 'revoked';
      }),
  };
}

export async function insertToken(tx: Transaction, token: TokenRecord): Promise<void> {
  const { id, name, role, secretHash, createdAt } = token;
  const ends = [token.expiresAt ?? null, token.revokedAt ?? null, token.enrolmentsLeft ?? null];
  await tx.run(insert, id, name, role, token.hostId ?? null, secretHash, createdAt, ...ends);
}

/** A host has one token; a re-enrolment or a release leaves no trace of the old one, so the table does not grow. */
export async function dropTokensOfHost(tx: Transaction, hostId: string): Promise<void> {
  await tx.run(dropOfHost, hostId);
}

/** Whether one more host may enrol with this token at `at`: it may have ended since the enrolment was opened. */
export async function canJoin(sql: Sql, id: string, at: number): Promise<boolean> {
  const row = await sql.get(findToken, id);
  if (row === undefined || row.revoked_at !== null || row.enrolments_left === 0) return false;
  return row.expires_at === null || row.expires_at > at;
}

export async function payJoin(tx: Transaction, id: string): Promise<void> {
  await tx.run(pay, id);
}
