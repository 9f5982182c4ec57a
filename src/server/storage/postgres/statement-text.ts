// Our statements as PostgreSQL takes them: `$1`, `$2`, … for values, and a name under which each connection prepares it once.
import { createHash } from 'node:crypto';
import type { SqlValue, SqlValues, Statement } from '../sql/sql.ts';

export interface Query {
  readonly name: string;
  readonly text: string;
  readonly values: SqlValue[];
}

interface Text {
  readonly name: string;
  readonly text: string;
  /** Of named values, in the order of their numbers; empty for `?`. */
  readonly names: readonly string[];
}

/** Remembers each statement that it was asked for: they are constants of the program, so there are only so many. A name is that of its text:
 * behind a pooler another server, of another release too, may have prepared on a connection what ours then executes by name. */
export function createQueries(): (statement: Statement, values: SqlValues) => Query {
  const known = new Map<string, Text>();
  return ({ postgres }, values) => {
    let found = known.get(postgres);
    if (found === undefined) known.set(postgres, (found = numbered(postgres)));
    const { name, text, names } = found;
    return { name, text, values: names.length === 0 ? (values as readonly SqlValue[]).slice() : pick(names, values) };
  };
}

function pick(names: readonly string[], [values]: SqlValues): SqlValue[] {
  if (typeof values !== 'object' || values === null || values instanceof Uint8Array) {
    throw new TypeError('the statement takes its values by name');
  }
  return names.map((name) => {
    const value = values[name];
    if (value === undefined) throw new TypeError(`the statement has no value for $${name}`);
    return value;
  });
}

function numbered(text: string): Text {
  const names: string[] = [];
  let count = 0;
  const numberOf = (word: string): number => {
    if (!names.includes(word)) names.push(word);
    return names.indexOf(word) + 1;
  };
  const result = text.replace(/\?|\$([a-zA-Z]\w*)/g, (_, word: string | undefined) =>
    word === undefined ? `$${(count += 1)}` : `$${numberOf(word)}`,
  );
  if (count > 0 && names.length > 0) throw new TypeError(`a statement has its values in an order or by names: ${text}`);
  return { name: nameOf(result), text: result, names };
}

function nameOf(text: string): string {
  return `touchstone_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}
