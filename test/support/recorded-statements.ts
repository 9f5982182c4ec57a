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

/** Whoever listens for changes reads the audit log when it has grown, leases are renewed and ends of quarantines and of break-glass looked for each second, at whatever moment: that is of
 * no one request. */
const background =
  /^SELECT (?:max\(sequence\) AS last FROM audit|\* FROM subscriptions ORDER|\* FROM quarantines WHERE lifted_at IS NULL AND end_told_at|\* FROM break_glass WHERE ended_at IS NULL AND end_told_at|value FROM meta WHERE key = 'sweep')|^\s*WITH chosen AS \(SELECT sequence, octet_length\(details\) AS weight FROM audit|^INSERT INTO meta VALUES \('time'|\bleases\b/;

type Query = (...args: unknown[]) => unknown;

const isBegin = (text: string): boolean => text.startsWith('BEGIN');
const isEnd = (text: string): boolean => text === 'COMMIT' || text === 'ROLLBACK';

interface Sent {
  readonly client: unknown;
  readonly statement: RecordedStatement;
  /** It waited for nothing. */
  readonly isTrip: boolean;
}

/** Of all connections of this process, while `work` runs. */
export async function recordStatements(work: () => Promise<unknown>): Promise<Recording> {
  const sent: Sent[] = [];
  const waiting = new Map<unknown, number>();
  /** Connections whose transaction is of the background, until it ends. */
  const elsewhere = new Set<unknown>();
  /** True for what is of no request: a statement of the background, and what begins and ends its transaction. */
  const isBackground = (client: unknown, text: string): boolean => {
    if (elsewhere.has(client)) {
      if (isEnd(text)) elsewhere.delete(client);
      return true;
    }
    // The end of one that began before.
    if (isEnd(text)) return !sent.some((each) => each.client === client && isBegin(each.statement.text));
    if (!background.test(text)) return false;
    const last = sent.findLastIndex((each) => each.client === client);
    if (isBegin(sent[last]?.statement.text ?? '')) {
      sent.splice(last, 1);
      elsewhere.add(client);
    }
    return true;
  };
  const prototype = pg.Client.prototype as unknown as { query: Query };
  const { query } = prototype;
  prototype.query = function (this: unknown, ...args) {
    const statement = statementOf(args[0]);
    if (isBackground(this, statement.text)) return query.apply(this, args);
    const before = waiting.get(this) ?? 0;
    waiting.set(this, before + 1);
    sent.push({ client: this, statement, isTrip: before === 0 });
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
  return {
    statements: sent.map(({ statement }) => statement),
    roundTrips: sent.filter(({ isTrip }) => isTrip).length,
  };
}

function statementOf(asked: unknown): RecordedStatement {
  if (typeof asked === 'string') return { text: asked, values: [] };
  const { text, values = [] } = asked as { readonly text: string; readonly values?: readonly unknown[] };
  return { text, values };
}
