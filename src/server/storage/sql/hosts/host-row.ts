// A host as it is stored.
import type { HostRow } from '../rows.ts';
import { statement, type Sql } from '../sql.ts';

/** Of hosts that are read in the order of their ids. By `state = 'active'` SQLite would go by the index of states, and read and sort the
 * whole fleet for each page. */
export const isActive = "hosts.state <> 'released'";

/** Of what is joined to hosts behind `$after`. PostgreSQL may go through both in the order of ids, and does not see by itself that it need
 * not begin with the first: each page of a fleet would read all that come before it. */
export function isBehind(attestations: string): string {
  return `${attestations}.host_id > $after`;
}

const find = statement<HostRow>('SELECT * FROM hosts WHERE id = ?');

export function findHostRow(sql: Sql, id: string): Promise<HostRow | undefined> {
  return sql.get(find, id);
}
