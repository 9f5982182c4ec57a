// A host as it is stored.
import type { HostRow } from './rows.ts';
import { statement, type Sql } from './sql.ts';

export const findHost = statement<HostRow>('SELECT * FROM hosts WHERE id = ?');

export function findHostRow(sql: Sql, id: string): Promise<HostRow | undefined> {
  return sql.get(findHost, id);
}
