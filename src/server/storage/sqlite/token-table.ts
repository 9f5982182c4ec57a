// API tokens: only the hash of the secret half is kept.
import type { TokenRecord } from '../records.ts';
import { tokenOf, type TokenRow } from './rows.ts';
import type { SyncStore, Tables } from './tables.ts';

export interface TokenTable extends Pick<SyncStore, 'findToken' | 'listTokens' | 'addToken' | 'revokeToken'> {
  /** Inside somebody else's transaction. */
  insert(token: TokenRecord): void;
  revokeOfHost(hostId: string, at: number): void;
  /** Whether one more host may enrol with this join token. */
  canJoin(id: string): boolean;
  payJoin(id: string): void;
}

export function openTokenTable({ database, transact, audit }: Tables): TokenTable {
  const find = database.prepare<[string], TokenRow>('SELECT * FROM tokens WHERE id = ?');
  const list = database.prepare<[], TokenRow>('SELECT * FROM tokens ORDER BY created_at, id');
  const insertRow = database.prepare('INSERT INTO tokens VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const dropOfHost = database.prepare('DELETE FROM tokens WHERE host_id = ?');
  const revoke = database.prepare('UPDATE tokens SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL');
  const otherOperators = database
    .prepare<[string, number], number>(
      `SELECT count(*) FROM tokens WHERE role = 'operator' AND id <> ? AND revoked_at IS NULL
       AND (expires_at IS NULL OR expires_at > ?)`,
    )
    .pluck();
  const insert = (token: TokenRecord): void => {
    const { id, name, role, secretHash, createdAt } = token;
    const ends = [token.expiresAt ?? null, token.revokedAt ?? null, token.enrolmentsLeft ?? null];
    insertRow.run(id, name, role, token.hostId ?? null, secretHash, createdAt, ...ends);
  };
  const pay = database.prepare('UPDATE tokens SET enrolments_left = enrolments_left - 1 WHERE id = ?');
  return {
    insert,
    canJoin: (id) => {
      const row = find.get(id);
      return row !== undefined && row.revoked_at === null && row.enrolments_left !== 0;
    },
    payJoin: (id) => {
      pay.run(id);
    },
    // A host has one token; a re-enrolment or a release leaves no trace of the old one, so the table does not grow.
    revokeOfHost: (hostId) => {
      dropOfHost.run(hostId);
    },
    findToken: (id) => {
      const row = find.get(id);
      return row && tokenOf(row);
    },
    listTokens: () => list.all().map(tokenOf),
    addToken: (token, draft) =>
      transact(() => {
        insert(token);
        audit(draft);
      }),
    revokeToken: (id, draft) =>
      transact(() => {
        const row = find.get(id);
        if (row === undefined || row.revoked_at !== null) return 'unknown';
        if (row.role === 'operator' && otherOperators.get(id, draft.at) === 0) return 'last-operator';
        revoke.run(draft.at, id);
        audit(draft);
        return 'revoked';
      }),
  };
}
