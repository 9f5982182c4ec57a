// PostgreSQL as an engine: a pool of connections, each statement prepared once by name on each of them.
import { createHash } from 'node:crypto';
import type { ClientBase, Pool, PoolClient, QueryResult } from 'pg';
import { statement, type Engine, type Sql, type SqlValues, type Statement } from '../sql/sql.ts';
import { createAsking } from './asking.ts';
import {
  CommitUnknown,
  DatabaseFailure,
  failed,
  isAnswer,
  isGoing,
  isUnsent,
  isValueMissing,
  isWorthAnotherTry,
  postgresError,
  unreachable,
} from './postgres-error.ts';
import { createQueries, type Query } from './statement-text.ts';

/** Our advisory locks: who changes what hosts rest on takes `trust` alone, transactions of hosts share it. */
export const trustLock = '1953723763, 1';
const lockAudit = statement('SELECT pg_advisory_xact_lock(1953723763, 2)');
const hosts = 1953723764;

const attempts = 3;

/** How many transactions, or questions asked together, may wait for each connection. Each takes milliseconds, so that is some tenths
 * of a second. */
const waitingPerConnection = 100;

/** @throws ServerError STORAGE_UNREACHABLE, STORAGE_UNAVAILABLE, STORAGE_REFUSED, STORAGE_DAMAGED (every method) */
export function openPostgresEngine(pool: Pool): Omit<Engine, 'watchOthers' | 'isAsWeLeftIt' | 'close'> {
  const queryOf = createQueries();
  const sqlOf = (client: Pick<PoolClient, 'query'>): Sql => openConnection(client, queryOf);
  const read = <Answer>(question: (sql: Sql) => Promise<Answer>): Promise<Answer> =>
    again(() => withClient(pool, (client) => question(sqlOf(client))));
  const ask = createAsking((work) => withClient(pool, (client) => inOneMessage(client, () => work(sqlOf(client)))));
  // Never twice: when the answer is lost, nobody knows whether it was done.
  const changeAlone = (change: Statement, values: SqlValues): Promise<QueryResult> =>
    withClient(pool, async (client) => {
      const [answer] = await commitTogether(client, [begin, queryOf(change, values)]);
      if (answer === undefined) throw new TypeError('a change was not answered');
      return answer;
    }).catch(refuse);
  return {
    get: (question, ...values) => read((sql) => sql.get(question, ...values)),
    all: (question, ...values) => read((sql) => sql.all(question, ...values)),
    ask: (calls) => again(() => ask(calls)),
    run: async (change, ...values) => (await changeAlone(change, values)).rowCount ?? 0,
    returning: async <Row>(change: Statement<Row>, ...values: SqlValues) =>
      (await changeAlone(change, values)).rows as Row[],
    transact: (scope, work) =>
      again(() =>
        withClient(pool, async (client) => {
          const { begun, working } = inOneMessage(client, () => {
            return { begun: client.query(beginOf(scope)), working: work(sqlOf(client)) };
          });
          // Whatever it says, the first statement behind it says too.
          begun.catch(() => undefined);
          const result = await working;
          await begun.catch(failed);
          await commit(client);
          return result;
        }),
      ),
    change: (scope, plan) =>
      again(() =>
        withClient(pool, async (client) => {
          const calls = await plan(sqlOf(client));
          const queries = calls.map(({ statement: asked, values }) => queryOf(asked, values));
          return (await unlessValueMissing(commitTogether(client, [beginOf(scope), ...queries]))) !== undefined;
        }),
      ),
    orderAudit: lockAudit,
  };
}

/** Statements over one connection, prepared under the names that `queryOf` gives. Throws `DatabaseFailure`. */
export function openConnection(client: Pick<ClientBase, 'query'>, queryOf = createQueries()): Sql {
  const ask = (question: Statement, values: SqlValues) => client.query(queryOf(question, values)).catch(failed);
  return {
    get: async <Row>(question: Statement<Row>, ...values: SqlValues) =>
      (await ask(question, values)).rows[0] as Row | undefined,
    all: async <Row>(question: Statement<Row>, ...values: SqlValues) => (await ask(question, values)).rows as Row[],
    run: async (change, ...values) => (await ask(change, values)).rowCount ?? 0,
  };
}

/** Without it nothing is written: connections of the pool read only by default. So what is sent behind a BEGIN that fails does nothing. */
const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE';
export const readOnlyOutsideOfTransactions = '-c default_transaction_read_only=on';

/** In one message with the first statement: it costs no round trip. */
function beginOf(host: string | undefined): string {
  if (host === undefined) return `${begin}; SELECT pg_advisory_xact_lock(${trustLock})`;
  // Two hosts of one number wait for each other, and that is all.
  const number = createHash('sha256').update(host).digest().readInt32BE();
  return `${begin}; SELECT pg_advisory_xact_lock_shared(${trustLock}); SELECT pg_advisory_xact_lock(${hosts}, ${number})`;
}

/** @throws CommitUnknown where it may have been committed: asking again is the caller's business. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await durably(client, () => client.query('COMMIT').catch(unknown));
  // What failed inside, and was not passed on, has undone everything.
  if (command !== 'COMMIT') throw new TypeError(`a commit was answered with ${command}`);
}

/** A whole transaction in one message: what it changes, and its COMMIT behind it. Returns the answers to the changes.
 * @throws CommitUnknown where it may have been committed */
async function commitTogether(
  client: PoolClient,
  [beginning, ...changes]: readonly [string, ...Query[]],
): Promise<readonly QueryResult[]> {
  const { sent, committed } = inOneMessage(client, () => ({
    sent: [client.query(beginning), ...changes.map((change) => client.query(change))],
    committed: commit(client),
  }));
  const [, ...answers] = await Promise.allSettled([committed, ...sent]);
  // Each is answered in its turn. Behind the first that was refused, all are, and the commit is a rollback.
  const refused = answers.find(isRejected);
  if (refused === undefined) {
    await committed;
    return answers.slice(1).map((answer) => (answer as PromiseFulfilledResult<QueryResult>).value);
  }
  return isAnswer(refused.reason) || isUnsent(refused.reason) ? failed(refused.reason) : unknown(refused.reason);
}

/** Whatever `send` sends without waiting goes out as one: each write would be a call of the system, and wake the other end. */
function inOneMessage<Sent>({ connection: { stream } }: PoolClient, send: () => Sent): Sent {
  stream.cork();
  try {
    return send();
  } finally {
    stream.uncork();
  }
}

function isRejected(settled: PromiseSettledResult<unknown>): settled is PromiseRejectedResult {
  return settled.status === 'rejected';
}

async function unlessValueMissing<Result>(changed: Promise<Result>): Promise<Result | undefined> {
  try {
    return await changed;
  } catch (error) {
    if (isValueMissing(error)) return undefined;
    throw error;
  }
}

interface Notice {
  readonly code: string | undefined;
}

/** A commit that waits for a standby and is cancelled says yes with a warning: only this one copy has it, and a failover may lose
 * it. Such a yes is none. */
async function durably<Answer>(client: PoolClient, ask: () => Promise<Answer>): Promise<Answer> {
  let warning: Notice | undefined;
  const heed = (notice: Notice): void => {
    if (notice.code?.startsWith('01') === true) warning = notice;
  };
  client.on('notice', heed);
  try {
    const answer = await ask();
    return warning === undefined ? answer : unknown(warning);
  } finally {
    client.off('notice', heed);
  }
}

function unknown(cause: unknown): never {
  throw new CommitUnknown('PostgreSQL may have committed', { cause });
}

async function withClient<Result>(pool: Pool, work: (client: PoolClient) => Promise<Result>): Promise<Result> {
  // Who would wait long is told at once to come back.
  if (pool.waitingCount >= pool.options.max * waitingPerConnection) {
    throw unreachable('too many wait for a connection', undefined);
  }
  const client = await pool.connect().catch(failed);
  let isGood = true;
  try {
    return await work(client);
  } catch (error) {
    isGood = !(error instanceof DatabaseFailure && isGoing(error)) && (await isRolledBack(client));
    throw error;
  } finally {
    client.release(!isGood);
  }
}

/** Outside a transaction a ROLLBACK does nothing. */
async function isRolledBack(client: PoolClient): Promise<boolean> {
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

async function again<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; attempt < attempts; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof DatabaseFailure && isWorthAnotherTry(error))) return refuse(error);
    }
  }
  return work().catch(refuse);
}

function refuse(error: unknown): never {
  if (error instanceof CommitUnknown) throw unreachable('a commit may have happened or not', error.cause);
  throw error instanceof DatabaseFailure ? postgresError(error.cause) : error;
}
