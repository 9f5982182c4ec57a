// The port to a database engine. A statement is a value, written once for SQLite and PostgreSQL; each engine prepares it once.
import type { AuditDraft } from '../records.ts';
import type { Amend, RowMemory } from './row-memory.ts';

export type SqlValue = string | number | Uint8Array | null;

/** In the order of the statement's `?`, or one object with the values of its `$names`. */
export type SqlValues = readonly SqlValue[] | readonly [Readonly<Record<string, SqlValue>>];

export interface Statement<Row = unknown> {
  readonly sqlite: string;
  readonly postgres: string;
  /** Never set: what a row of the answer is, for the compiler. */
  readonly row?: Row;
}

/** A statement, in one text for both engines unless there is no such text. */
export function statement<Row = unknown>(text: string | Pick<Statement, 'sqlite' | 'postgres'>): Statement<Row> {
  return typeof text === 'string' ? { sqlite: text, postgres: text } : text;
}

/** A statement about the hosts that `$hosts` lists, as a JSON array of texts: `textWith` has their ids as the rows of a question. */
export function statementOfHosts<Row = unknown>(textWith: (listed: string) => string): Statement<Row> {
  return statement<Row>({
    sqlite: textWith('SELECT value FROM json_each($hosts)'),
    postgres: textWith('SELECT json_array_elements_text(CAST($hosts AS json))'),
  });
}

/** A statement with its values. */
export interface Call {
  readonly statement: Statement;
  readonly values: SqlValues;
}

export function call(asked: Statement, ...values: SqlValues): Call {
  return { statement: asked, values };
}

export interface Sql {
  readonly get: <Row>(question: Statement<Row>, ...values: SqlValues) => Promise<Row | undefined>;
  readonly all: <Row>(question: Statement<Row>, ...values: SqlValues) => Promise<readonly Row[]>;
  /** Returns how many rows were changed. Alone it is a transaction of its own. */
  readonly run: (change: Statement, ...values: SqlValues) => Promise<number>;
}

export type Questions = Pick<Sql, 'get' | 'all'>;

export interface Transaction extends Sql {
  /** Appends to the audit chain. The last thing of a transaction where it can be: from here on, others wait for it. */
  readonly audit: (draft: AuditDraft) => Promise<void>;
}

/**
 * Whatever `work` throws undoes all of it, and nobody sees it before it is durable. Inside, only the transaction is asked, and
 * nothing else is waited for. `run` outside of a transaction is for what nobody recalls.
 */
export interface Database extends Sql {
  /** As `run`, for a change that returns rows. */
  readonly returning: <Row>(change: Statement<Row>, ...values: SqlValues) => Promise<readonly Row[]>;
  /** Several questions in one round trip; undefined where the database is so near that a question costs none. */
  readonly ask: ((calls: readonly Call[]) => Promise<readonly (readonly unknown[])[]>) | undefined;
  /** An answer of `read` that may be one from before, as long as it still stands. */
  readonly recall: RowMemory['recall'];
  /** Alone: no other transaction runs meanwhile, on no replica. What it reads stays true until it ends. */
  readonly transact: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
  /** As `transact`, for what may change rows of the whole fleet: see `Engine.transact`. */
  readonly transactFleet: <Result>(work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
  /** Alone with one host, beside transactions of other hosts. Changes nothing that others than this host rest on. */
  readonly transactHost: <Result>(hostId: string, work: (tx: Transaction) => Promise<Result>) => Promise<Result>;
  /** As `transactHost`, where no change depends on the answer to another: over PostgreSQL one round trip. `plan` says what to change,
   * and may ask before. False: one of the changes would have left a column that must have a value (NOT NULL) without one, and
   * nothing was changed: so a change can demand what it rests on. `amend`: what is recalled of the host and still stands then. */
  readonly changeHost: (hostId: string, plan: Plan, more: ChangeOptions) => Promise<boolean>;
}

export interface ChangeOptions {
  readonly audit: AuditDraft | undefined;
  readonly amend: Amend;
}

/** Asks, and changes nothing itself: until it has answered there is nothing to undo. */
export type Plan = (sql: Questions) => Promise<readonly Call[]>;

/** What an engine brings. `scope`: the host of `transactHost`, or nothing. `isLong`: of so many changes that it is no group with others. */
export interface Engine extends Sql {
  readonly returning: Database['returning'];
  readonly ask: Database['ask'];
  readonly transact: <Result>(
    scope: string | undefined,
    work: (sql: Sql) => Promise<Result>,
    isLong?: boolean,
  ) => Promise<Result>;
  /** See `changeHost`. */
  readonly change: (scope: string, plan: Plan) => Promise<boolean>;
  /** Inside a transaction: from here to its end nobody else appends to the audit log. */
  readonly orderAudit: Statement | undefined;
  /** Calls `tell` when others than this process may have appended to the audit log, until it is closed. */
  readonly watchOthers: (tell: () => void) => void;
  /** False when others than this process may have changed something since it was asked last; always where only a question to the
   * database could tell. */
  readonly isAsWeLeftIt: () => boolean;
  readonly close: () => Promise<void>;
}

/** One after the other. */
export async function runAll(sql: Pick<Sql, 'run'>, calls: readonly Call[]): Promise<void> {
  for (const { statement: asked, values } of calls) await sql.run(asked, ...values);
}
