// What one request about one host is going to ask, asked all at once. Over a network a request is as long as the ways that it waits
// for, not as the questions that it asks.
import type { RequestAhead } from '../store.ts';
import { askingChallenges } from './attestations/challenge-table.ts';
import { findLastVerdict } from './attestations/attestation-table.ts';
import { findTrustRevision } from './database.ts';
import { findHost, findStanding } from './hosts/host-table.ts';
import { askingKept } from './attestations/kept-rows.ts';
import { call, type Call, type Database, type Questions, type SqlValues, type Statement } from './sql.ts';
import type { RowMemory } from './row-memory.ts';
import { findToken } from './hosts/token-table.ts';

export type Ask = NonNullable<Database['ask']>;
type Answers = readonly (readonly unknown[])[];

export interface AskedAhead {
  /** Gives each answer, and leaves it there. */
  readonly looking: Database;
  /** Gives each answer once: who asks again asks the database. Whatever was not asked ahead is asked of it too. */
  readonly taking: Database;
}

/** `ask` is called with `calls` when the first of them is asked for. `recall`: how the views read what is asked for most. */
export function askAhead(
  database: Database,
  ask: Ask,
  { calls, recall }: { readonly calls: readonly Call[]; readonly recall: RowMemory['recall'] },
): AskedAhead {
  let asked: Promise<Answers> | undefined;
  const left = new Set(calls);
  const answer = async (known: Call): Promise<readonly unknown[]> => {
    const answers = await (asked ??= ask(calls));
    return answers[calls.indexOf(known)] ?? [];
  };
  const through = (sql: Questions, isTaking: boolean): Questions => {
    const all = async <Row>(question: Statement<Row>, ...values: SqlValues): Promise<readonly Row[]> => {
      const known = findCall(left, question, values);
      if (known === undefined) return sql.all(question, ...values);
      if (isTaking) left.delete(known);
      return (await answer(known)) as readonly Row[];
    };
    return { all, get: async (question, ...values) => (await all(question, ...values))[0] };
  };
  const viewOf = (isTaking: boolean): Database => ({
    ...database,
    ...through(database, isTaking),
    recall,
    changeHost: (hostId, plan, more) => database.changeHost(hostId, (sql) => plan(through(sql, isTaking)), more),
  });
  return { looking: viewOf(false), taking: viewOf(true) };
}

function findCall(calls: ReadonlySet<Call>, question: Statement, values: SqlValues): Call | undefined {
  for (const known of calls) {
    if (known.statement === question && JSON.stringify(known.values) === JSON.stringify(values)) return known;
  }
  return undefined;
}

/** In the order in which they are to be read, each at a moment of its own: what rises with the revision of trust comes behind it. What is
 * said of a host by its answers alone is of one moment, so of one statement; what an attestation rests on is demanded when it is recorded. */
export function questionsOf({ purpose, tokenId, hostId, keepEvidence }: RequestAhead): readonly Call[] {
  const token = tokenId === undefined ? [] : [call(findToken, tokenId)];
  switch (purpose) {
    case 'verdict':
      return [...token, call(findStanding, hostId)];
    case 'challenge':
      return [...token, call(findTrustRevision), call(findHost, hostId)];
    case 'attestation':
      return [
        ...token,
        call(findTrustRevision),
        call(findHost, hostId),
        call(findLastVerdict, hostId),
        askingChallenges(hostId),
        ...askingKept(hostId, keepEvidence),
      ];
  }
}
