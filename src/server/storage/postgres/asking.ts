// Questions of several requests, asked together. Under load most of what a question costs is not its own: a connection is taken, a
// message is written and an answer read, and each of them is a call of the system and wakes the other end.
import type { Call, Sql } from '../sql/sql.ts';

type Answers = readonly (readonly unknown[])[];

interface Asked {
  readonly calls: readonly Call[];
  readonly resolve: (answers: Answers) => void;
  readonly reject: (error: unknown) => void;
}

/** They are answered one after the other, so more of them would wait for each other where the database has cores to spare. */
const mostTogether = 8;

/**
 * Asks what one request needs, over one connection and in one message with what others ask in the same turn of the event loop. Each has
 * its own answers or its own failure.
 * @param inOneMessage gives a connection to `work`, whose statements go out together, and looks at it afterwards if one of them failed
 */
export function createAsking(
  inOneMessage: (work: (sql: Sql) => Promise<unknown>) => Promise<unknown>,
): (calls: readonly Call[]) => Promise<Answers> {
  let waiting: Asked[] = [];
  const askTogether = (): void => {
    const together = waiting;
    waiting = [];
    if (together.length === 0) return;
    inOneMessage((sql) => answerAll(sql, together)).catch((error: unknown) => {
      // Whoever was answered already does not hear it: there was no connection, or it was lost.
      for (const { reject } of together) reject(error);
    });
  };
  return (calls) =>
    new Promise((resolve, reject) => {
      waiting.push({ calls, resolve, reject });
      if (waiting.length === 1) setImmediate(askTogether);
      if (waiting.length === mostTogether) askTogether();
    });
}

/** Throws what one of them was refused for, when all of them are answered: nobody hears the failure of another. */
async function answerAll(sql: Sql, together: readonly Asked[]): Promise<void> {
  const answers = await Promise.allSettled(together.map((each) => answer(sql, each)));
  for (const settled of answers) if (settled.status === 'rejected') throw settled.reason;
}

async function answer({ all }: Sql, { calls, resolve, reject }: Asked): Promise<void> {
  try {
    resolve(await Promise.all(calls.map(({ statement, values }) => all(statement, ...values))));
  } catch (error) {
    reject(error);
    throw error;
  }
}
