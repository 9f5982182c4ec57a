// Answers of the database that are asked for all the time, kept until something changes that they rest on. Sound by the two kinds
// of transactions: `transact` may change anything, so it ends everything that is kept; `transactHost` changes what rests on
// its host alone. Whatever else writes is told by the engine, and ends everything. Never times: what an answer says of a moment is
// computed from it each time.
import { createLru } from '../../lru.ts';
import type { Soon } from '../../soon.ts';

export interface Subject {
  /** Whose rows are read, beside what `transact` alone changes; undefined when nothing of a host is. */
  readonly host?: string;
  readonly name: string;
}

export const trustRevisionSubject: Subject = { name: 'trust revision' };
export const tokenSubject = (id: string): Subject => ({ name: `token ${id}` });

export interface RowMemory {
  /** What it answered before, at once, if that still stands; or what `read` answers. What was not found is not kept. */
  readonly recall: <Value>(subject: Subject, read: () => Promise<Value>) => Soon<Value>;
  /** After a transaction, whether it succeeded or not: what rests on `host` is kept no more; undefined, nothing is. */
  readonly forget: (host: string | undefined) => void;
  /** After a transaction that succeeded, and changed of what rests on `host` only what `amend` says. */
  readonly amend: (host: string, amend: Amend) => void;
}

/** Of a database that others change too: nothing is kept, and each time it is read. */
export const readEachTime: RowMemory['recall'] = (_subject, read) => read();

/** What a change makes of an answer that was kept; undefined where it is kept no more. */
export type Amend = (name: string, answer: unknown) => unknown;

export interface RowMemoryOptions {
  /** Of how many hosts, and of how many other things. */
  readonly capacity: number;
  /** False when others than this process may have changed something since it was asked last. */
  readonly isAsWeLeftIt: () => boolean;
}

type Answers = Map<string, unknown>;

async function keeping<Value>(answers: Answers, name: string, reading: Promise<Value>): Promise<Value> {
  const value = await reading;
  if (value !== undefined) answers.set(name, value);
  return value;
}

export function createRowMemory({ capacity, isAsWeLeftIt }: RowMemoryOptions): RowMemory {
  let ofHosts = createLru<Answers>(capacity);
  let others = createLru<Answers>(capacity);
  const clear = (): void => {
    ofHosts = createLru(capacity);
    others = createLru(capacity);
  };
  /** Entered before the database is asked: what ends it meanwhile ends what is then put into it. */
  const answersOf = ({ host, name }: Subject): Answers => {
    const [kept, key] = host === undefined ? [others, name] : [ofHosts, host];
    const found = kept.get(key) ?? new Map<string, unknown>();
    if (found.size === 0) kept.set(key, found);
    return found;
  };
  return {
    recall: <Value>(subject: Subject, read: () => Promise<Value>) => {
      if (!isAsWeLeftIt()) clear();
      const answers = answersOf(subject);
      const known = answers.get(subject.name) as Value | undefined;
      return known ?? keeping(answers, subject.name, read());
    },
    forget: (host) => {
      if (host === undefined) clear();
      else ofHosts.delete(host);
    },
    amend: (host, amend) => {
      const known = ofHosts.get(host);
      // Another map: who is reading meanwhile puts what it finds into the one from before.
      ofHosts.delete(host);
      const amended = [...(known ?? [])].map(([name, answer]) => [name, amend(name, answer)] as const);
      const stands = amended.filter(([, answer]) => answer !== undefined);
      if (stands.length > 0) ofHosts.set(host, new Map(stands));
    },
  };
}
