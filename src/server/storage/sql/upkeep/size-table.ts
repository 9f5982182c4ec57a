// How large a store is: as a whole for whoever asks often, table by table for whoever looks.
import type { Store } from '../../store.ts';
import type { TableSize } from '../../sweep-records.ts';
import { statement, type Database } from '../sql.ts';

interface WholeRow {
  readonly version: string;
  readonly bytes: number;
  readonly free: number | null;
}

const measure = statement<WholeRow>({
  sqlite: `SELECT 'SQLite ' || sqlite_version() AS version, page_count * page_size AS bytes, freelist_count * page_size AS free
    FROM pragma_page_count, pragma_page_size, pragma_freelist_count`,
  postgres: `SELECT 'PostgreSQL ' || current_setting('server_version') AS version, pg_database_size(current_database()) AS bytes,
    NULL AS free`,
});
// Rows are cells of SQLite's trees: on leaves, and of tables without a row number above them too. PostgreSQL's are what its
// statistics say: near enough, and nothing is read row by row.
const listSizes = statement<TableSize>({
  sqlite: `SELECT tbl_name AS name, sum(pgsize) AS bytes,
      sum(CASE WHEN tree.type = 'table' AND (pagetype = 'leaf' OR wr) THEN ncell ELSE 0 END) AS rows
    FROM dbstat JOIN sqlite_schema AS tree ON tree.name = dbstat.name
    JOIN pragma_table_list AS list ON list.name = tbl_name AND list.schema = 'main'
    GROUP BY tbl_name ORDER BY bytes DESC, tbl_name`,
  postgres: `SELECT pg_class.relname AS name, pg_total_relation_size(pg_class.oid) AS bytes,
      greatest(n_live_tup, CAST(reltuples AS BIGINT), 0) AS rows
    FROM pg_class JOIN pg_stat_user_tables ON relid = pg_class.oid
    WHERE relnamespace = CAST(current_schema() AS regnamespace) ORDER BY bytes DESC, name`,
});
const findSpan = statement<{ readonly oldest: number | null; readonly newest: number | null }>(
  'SELECT min(issued_at) AS oldest, max(issued_at) AS newest FROM attestations WHERE host_id > ? AND host_id <= ?',
);

export function openSizeTable(database: Database): Pick<Store, 'measure' | 'listTableSizes' | 'findHistorySpan'> {
  return {
    measure: async () => {
      const { version = '', bytes = 0, free } = (await database.get(measure)) ?? {};
      return { version, bytes, freeBytes: free ?? undefined };
    },
    listTableSizes: () => database.all(listSizes),
    findHistorySpan: async (after, through) => {
      const { oldest, newest } = (await database.get(findSpan, after, through)) ?? {};
      return { oldest: oldest ?? undefined, newest: newest ?? undefined };
    },
  };
}
