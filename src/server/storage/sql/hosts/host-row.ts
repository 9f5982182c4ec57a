// A host as it is stored.
import type { HostRow } from '../rows.ts';
import { statement, type Sql } from '../sql.ts';

/** Of hosts that are read in the order of their ids. By `state = 'active'` SQLite would go by the index of states, and read and sort the
 * whole fleet for each page. */
export const isActive = "hosts.state <> 'released'";

const find = statement<HostRow>('SELECT * FROM hosts WHERE id = ?');

export function findHostRow(sql: Sql, id: string): Promise<HostRow | undefined> {
  return sql.get(find, id);
}
