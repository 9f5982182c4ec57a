// Moving a whole store from one database to another: all of it, read back and compared before it counts, or nothing. A move that
// was interrupted is begun again: the source is as it was, and no server can start over half a copy.
import { ServerError } from '../../errors.ts';
import type { Sql } from '../sql/sql.ts';
import { surveyTables, type TableSurvey, type Visit } from './survey.ts';
import { listTables, type Row, type Table } from './tables.ts';

/** A database that a move leads from or to. */
export interface MoveEnd {
  /** Reads while no server uses the database, and what is read stays as it is until `work` ends.
   * @throws ServerError DATA_DIRECTORY_LOCKED, STORAGE_SERVED, STORAGE_SCHEMA_OLD, STORAGE_SCHEMA_UNKNOWN, STORAGE_* */
  read<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** @throws ServerError DATA_DIRECTORY_EXISTS, STORAGE_IN_USE, STORAGE_* */
  checkEmpty(): Promise<void>;
  /** Makes the schema, with no row in it, and has `work` fill it. What `work` throws undoes everything.
   * @throws ServerError DATA_DIRECTORY_EXISTS, STORAGE_IN_USE, STORAGE_ROW_REFUSED, STORAGE_* */
  fill<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
}

export interface MoveProgress {
  readonly step: 'looking' | 'copying' | 'comparing';
  readonly table: string;
  readonly done: number;
  readonly of: number;
}

export interface MoveOptions {
  readonly from: MoveEnd;
  readonly to: MoveEnd;
  /** Looks at both and writes nothing. */
  readonly isRehearsal: boolean;
  readonly tell: (progress: MoveProgress) => void;
}

/** What was moved, or would be, table by table.
 * @throws ServerError STORAGE_COPY_DIFFERS, AUDIT_LOG_BROKEN, STORAGE_DAMAGED, and what the ends throw */
export async function moveStorage({ from, to, isRehearsal, tell }: MoveOptions): Promise<readonly TableSurvey[]> {
  const tables = listTables();
  await to.checkEmpty();
  return from.read(async (source) => {
    const of = await countRows(source, tables);
    const telling = (step: MoveProgress['step'], visit: Visit): Visit => {
      let done = 0;
      return async (table, rows) => {
        await visit(table, rows);
        tell({ step, table: table.name, done: (done += rows.length), of });
      };
    };
    const look: Visit = () => Promise.resolve();
    if (isRehearsal) return surveyTables(source, tables, telling('looking', look));
    return to.fill(async (target) => {
      const copy: Visit = (table, rows) => insertRows(target, table, rows);
      const given = await surveyTables(source, tables, telling('copying', copy));
      compare(given, await surveyTables(target, tables, telling('comparing', look)));
      return given;
    });
  });
}

async function countRows(sql: Sql, tables: readonly Table[]): Promise<number> {
  let sum = 0;
  for (const { count } of tables) sum += (await sql.get(count))?.count ?? 0;
  return sum;
}

/** All of a page at once: a database that is far away is not waited for row by row. */
async function insertRows(target: Sql, { insert, columns }: Table, rows: readonly Row[]): Promise<void> {
  await Promise.all(rows.map((row) => target.run(insert, ...columns.map((column) => row[column] ?? null))));
}

function compare(given: readonly TableSurvey[], kept: readonly TableSurvey[]): void {
  const differing = given.filter(({ rows, sha256 }, index) => {
    return kept[index]?.rows !== rows || kept[index].sha256 !== sha256;
  });
  if (differing.length === 0) return;
  const names = differing.map(({ name }) => name).join(', ');
  throw new ServerError('STORAGE_COPY_DIFFERS', `what was read back is not what was written: ${names}`);
}
