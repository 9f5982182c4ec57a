// Everything that a store holds, read once from its first row to its last: how much it is, whether it hangs together, and a digest
// of each table that is the same in every database with the same rows.
import { createHash } from 'node:crypto';
import { nameOfLog } from '../../../core/appraisal/index.ts';
import { encodeBase64 } from '../../../core/encoding/index.ts';
import { findBrokenLink } from '../../audit/audit-chain.ts';
import { ServerError } from '../../errors.ts';
import { inflateLog } from '../sql/attestations/log-archive.ts';
import { auditOf, type AuditRow } from '../sql/rows.ts';
import type { Sql, SqlValue } from '../sql/sql.ts';
import type { Row, Table } from './tables.ts';

export interface TableSurvey {
  readonly name: string;
  readonly rows: number;
  /** SHA-256 over the rows in the order of their keys, hexadecimal. */
  readonly sha256: string;
}

/** Is given each page of rows as it is read. */
export type Visit = (table: Table, rows: readonly Row[]) => Promise<void>;

/** @throws ServerError AUDIT_LOG_BROKEN, STORAGE_DAMAGED */
export async function surveyTables(sql: Sql, tables: readonly Table[], visit: Visit): Promise<readonly TableSurvey[]> {
  const surveys: TableSurvey[] = [];
  for (const table of tables) {
    const digest = createHash('sha256');
    const check = checkOf(table);
    let rows = 0;
    for await (const page of pagesOf(sql, table)) {
      page.lines.forEach((line) => digest.update(line));
      check(page.rows);
      rows += page.rows.length;
      await visit(table, page.rows);
    }
    surveys.push({ name: table.name, rows, sha256: digest.digest('hex') });
  }
  return surveys;
}

interface RowPage {
  readonly rows: readonly Row[];
  /** What the digest of the table takes. */
  readonly lines: readonly string[];
}

const mostRows = 500;
/** About as much is read at once: logs are large, challenges are small. */
const pageBytes = 4_000_000;

async function* pagesOf(sql: Sql, { first, next, key, columns }: Table): AsyncGenerator<RowPage> {
  let limit = 8;
  let rows = await sql.all(first, limit);
  for (;;) {
    const last = rows.at(-1);
    if (last === undefined) return;
    const lines = rows.map((row) => `${JSON.stringify(columns.map((column) => cellOf(row[column] ?? null)))}\n`);
    yield { rows, lines };
    if (rows.length < limit) return;
    const bytes = lines.reduce((sum, { length }) => sum + length, 0);
    limit = Math.max(1, Math.min(mostRows, 2 * limit, Math.floor((rows.length * pageBytes) / bytes)));
    rows = await sql.all(next, ...key.map((column) => last[column] ?? null), limit);
  }
}

/** Bytes are told apart from the text that encodes them. */
function cellOf(value: SqlValue): unknown {
  return value instanceof Uint8Array ? { base64: encodeBase64(value) } : value;
}

function checkOf({ name }: Table): (rows: readonly Row[]) => void {
  if (name === 'audit') return createChainCheck();
  if (name === 'logs') return (rows) => rows.forEach(checkContent);
  return () => undefined;
}

function createChainCheck(): (rows: readonly Row[]) => void {
  let last: AuditRow | undefined;
  return (page) => {
    const rows = page as unknown as readonly AuditRow[];
    const broken = findBroken(rows, last);
    if (broken !== undefined) {
      throw new ServerError('AUDIT_LOG_BROKEN', `entry ${broken} does not follow from the one before`);
    }
    last = rows.at(-1);
  };
}

function findBroken(rows: readonly AuditRow[], before: AuditRow | undefined): number | undefined {
  try {
    return findBrokenLink(rows.map(auditOf), before);
  } catch {
    // Its details are no JSON any more.
    return rows[0]?.sequence;
  }
}

/** A log is found by its SHA-256: it has to be the log of that name. */
function checkContent({ sha256, deflated }: Row): void {
  if (deflated instanceof Uint8Array && nameOfContent(deflated) === sha256) return;
  throw new ServerError('STORAGE_DAMAGED', `the log ${String(sha256)} has another content than its name says`);
}

function nameOfContent(deflated: Uint8Array): string | undefined {
  try {
    const log = inflateLog(Buffer.from(deflated));
    return log && nameOfLog(log);
  } catch {
    return undefined;
  }
}
