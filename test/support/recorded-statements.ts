// What a server of this process asks PostgreSQL meanwhile: every statement, and how often it waited for an answer.
import pg from 'pg';

export interface RecordedStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

export interface Recording {
  readonly statements: readonly RecordedStatement[];
  /** How often something was sent on a connection that waited for nothing: what follows it unanswered costs no more time. */
  readonly roundTrips: number;
}

/** Whoever listens for changes reads the audit log when it has grown, leases are renewed and ended quarantines looked for each second, at whatever moment: that is of
 * no one request. */
const background =
  /^SELECT (?:max\(sequence\) AS last FROM audit|\* FROM audit WHERE sequence >|\* FROM subscriptions ORDER|\* FROM quarantines WHERE lifted_at IS NULL AND end_told_at|value FROM meta WHERE key = 'sweep')|\bleases\b/;

type Query = (...args: unknown[]) => unknown;

/** Of all connections of this process, while `work` runs. */
export async function recordStatements(work: () => Promise<unknown>): Promise<Recording> {
  const statements: RecordedStatement[] = [];
  const waiting = new Map<unknown, number>();
  let roundTrips = 0;
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  prototype.query = function (this: unknown, ...args) {
    const statement = statementOf(args[0]);
    if (background.test(statement.text)) return query.apply(this, args);
    const before = waiting.get(this) ?? 0;
    if (before === 0) roundTrips += 1;
    waiting.set(this, before + 1);
    statements.push(statement);
    const answer = query.apply(this, args);
    const end = (): void => void waiting.set(this, (waiting.get(this) ?? 1) - 1);
    Promise.resolve(answer).then(end, end);
    return answer;
  };
  try {
    await work();
  } finally {
    prototype.query = query;
  }
  return { statements, roundTrips };
}

function statementOf(asked: unknown): RecordedStatement {
  if (typeof asked === 'string') return { text: asked, values: [] };
  const { text, values = [] } = asked as { readonly text: string; readonly values?: readonly unknown[] };
  return { text, values };
}
