// A host as it is stored.
import type { HostRow } from '../rows.ts';
import { statement, type Sql } from '../sql.ts';

const find = statement<HostRow>('SELECT * FROM hosts WHERE id = ?');

export function findHostRow(sql: Sql, id: string): Promise<HostRow | undefined> {
  return sql.get(find, id);
}
