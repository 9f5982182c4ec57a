// The tables that a store consists of, and statements about each: read out of the schema, so that a new table is not forgotten.
import Database from 'better-sqlite3';
import { statement, type SqlValue, type Statement } from '../sql/sql.ts';
import { migrations } from '../sqlite/migrations.ts';

export type Row = Readonly<Record<string, SqlValue>>;

export interface Table {
  readonly name: string;
  readonly columns: readonly string[];
  /** Rows are read in its order. Of `rollouts` the order in which they were opened, which both engines keep as `rowid`. */
  readonly key: readonly string[];
  readonly count: Statement<{ readonly count: number }>;
  /** Takes how many. */
  readonly first: Statement<Row>;
  /** Takes the key of the last row, and how many. */
  readonly next: Statement<Row>;
  /** Takes the values of the columns. */
  readonly insert: Statement;
}

export function listTables(): readonly Table[] {
  const schema = new Database(':memory:');
  try {
    for (const step of migrations) schema.exec(step);
    const names = schema.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name").pluck().all();
    return (names as string[]).map((name) => {
      const columns = schema.pragma(`table_info("${name}")`) as readonly ColumnInfo[];
      const parts = columns.filter(({ pk }) => pk > 0).sort((left, right) => left.pk - right.pk);
      const key = name === 'rollouts' ? ['rowid'] : parts.map((part) => part.name);
      return tableOf(
        name,
        columns.map((column) => column.name),
        key,
      );
    });
  } finally {
    schema.close();
  }
}

interface ColumnInfo {
  readonly name: string;
  /** Its place in the primary key, from 1; 0 outside. */
  readonly pk: number;
}

function tableOf(name: string, columns: readonly string[], key: readonly string[]): Table {
  // PostgreSQL keeps the number of its schema there, SQLite in the header of the file.
  const rows = `FROM "${name}" WHERE ${name === 'meta' ? "key <> 'schema'" : 'TRUE'}`;
  const select = `SELECT ${quoted([...new Set([...key, ...columns])])} ${rows}`;
  const inOrder = `ORDER BY ${quoted(key)} LIMIT ?`;
  return {
    name,
    columns,
    key,
    count: statement(`SELECT count(*) AS count ${rows}`),
    first: statement(`${select} ${inOrder}`),
    next: statement(`${select} AND (${quoted(key)}) > (${places(key)}) ${inOrder}`),
    insert: statement(`INSERT INTO "${name}" (${quoted(columns)}) VALUES (${places(columns)})`),
  };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function places(names: readonly string[]): string {
  return names.map(() => '?').join(', ');
}
