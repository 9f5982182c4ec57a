// What can be seen of a PostgreSQL that weakens what the store promises.
import type { ClientBase } from 'pg';
import { countUntold, processOf } from './schema-guard.ts';

export interface PostgresInspection {
  /** Version, role in replication, and how it is reached. */
  readonly description: string;
  /** What may lose what was acknowledged. */
  readonly weaknesses: readonly string[];
  /** A pooler stands before it: a connection is none of ours between two transactions. */
  readonly isPooled: boolean;
  /** Connections of servers that would not notice that a newer release changes the schema. */
  readonly untold: number;
  /** Milliseconds that its clock is ahead of this machine's, as far as the way there and back lets tell. */
  readonly clockAheadMs: number;
}

interface SettingsRow {
  readonly version: string;
  readonly fsync: string;
  readonly commit: string;
  readonly pages: string;
  readonly standbys: string;
  readonly standby: boolean;
  readonly process: number;
  readonly tls: string | null;
  readonly endless: readonly string[];
  readonly nowMs: number;
}

const settings = `
  SELECT current_setting('server_version') AS version, current_setting('fsync') AS fsync,
    current_setting('synchronous_commit') AS commit, current_setting('full_page_writes') AS pages,
    current_setting('synchronous_standby_names') AS standbys, pg_is_in_recovery() AS standby, pg_backend_pid() AS process,
    (SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()) AS tls,
    ARRAY(SELECT name FROM unnest(ARRAY['statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout']) AS name
      WHERE current_setting(name) = '0') AS endless,
    (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS "nowMs"`;

/** `clock`: of this machine, in milliseconds. */
export async function inspect(client: ClientBase, clock: () => number = Date.now): Promise<PostgresInspection> {
  const [started, asked] = [performance.now(), clock()];
  const { rows } = await client.query<SettingsRow>(settings);
  const took = Math.ceil(performance.now() - started);
  const between = (asked + clock()) / 2;
  const [row] = rows;
  if (row === undefined) throw new TypeError('PostgreSQL answered with no row');
  const standbys = row.standbys === '' ? 'no synchronous standby' : `synchronous standbys ${row.standbys}`;
  return {
    description: `PostgreSQL ${row.version} answers within ${took} ms over ${row.tls ?? 'no TLS'}, with ${standbys}`,
    untold: await countUntold(client),
    isPooled: row.process !== processOf(client),
    clockAheadMs: row.nowMs - between,
    weaknesses: [
      ...(row.standby ? ['this PostgreSQL is a standby: nothing can be written'] : []),
      ...(row.fsync === 'off' ? ['fsync is off: a power cut loses or damages what was acknowledged'] : []),
      ...(row.pages === 'off' ? ['full_page_writes is off: a power cut damages the database'] : []),
      ...(/^(?:off|local)$/.test(row.commit)
        ? [`synchronous_commit is ${row.commit}: what was acknowledged can be lost`]
        : []),
      // Servers ask for them, and a pooler may ignore that.
      ...row.endless.map((name) => `${name} is 0: a server that hangs can keep all others waiting`),
      ...(row.standbys === '' ? ['there is no synchronous standby: losing the database loses what it held'] : []),
    ],
  };
}
