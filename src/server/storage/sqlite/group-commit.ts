// Transactions that wait for the disk together. A group of them is one transaction of SQLite, which is committed without waiting;
// then another thread writes it out, and only then anybody of the group is answered. Who comes meanwhile is the next group.
// docs/decisions/0023
import { ownTurn } from '../../own-turn.ts';
import { openTurns } from '../../one-by-one.ts';

export interface GroupSteps {
  readonly begin: () => void;
  readonly commit: () => void;
  readonly rollback: () => void;
  /** Before the work of one member, and after it. */
  readonly enter: () => void;
  readonly keep: () => void;
  readonly undo: () => void;
  /** False when all was undone: SQLite itself ends a transaction for which the disk is full. */
  readonly isUnderWay: () => boolean;
  /** Whether somebody may ask any moment who waits for nothing but this event loop. */
  readonly isAsked: () => boolean;
  /** Resolves when everything that was committed before is on the disk. */
  readonly sync: () => Promise<void>;
}

/** Thrown by work of which nothing was done: it failed in its first statement, which SQLite undid. */
export class NothingDone extends Error {
  constructor(cause: unknown) {
    super('nothing of it was done', { cause });
  }
}

/** Not only a part is undone, or has to be. */
class PartlyDone extends Error {}

export interface Groups {
  /** Resolves when what `work` did is durable. Whatever it throws undoes its part and no other. `isLong`: it is a group by itself,
   * so that SQLite need not remember what each of its many changes would be undone by. */
  transact<Result>(work: () => Promise<Result>, isLong?: boolean): Promise<Result>;
  /** The same for work that can hardly fail but at its first statement (then it throws NothingDone): without a savepoint, which costs as
   * much as a statement or two. Where it fails later, its group is undone and done once more, each part in a savepoint. */
  change<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Runs `work` between two groups, and resolves when all that it can have seen is durable. While a long one is under way `beside`
   * is run instead, which must see nothing of it. */
  read<Result>(work: () => Promise<Result>, beside: () => Promise<Result>): Promise<Result>;
  /** Runs `work` when all is durable, and no group before it is over. */
  pause<Result>(work: () => Promise<Result>): Promise<Result>;
}

interface Member {
  /** Does its part, and returns how its caller is told once that is durable. `isGuarded`: so that it can be undone by itself. */
  readonly run: (isGuarded: boolean) => Promise<() => void>;
  readonly isLong: boolean;
  readonly fail: (error: unknown) => void;
}

/** A group that is larger is long under way before anybody is answered. */
const largestGroup = 256;
/** So many are not waited for: more of them would make it no cheaper for each, and answer the first later. */
const gathered = 32;
/** So many members do their part, or are told of it, before everybody at the door is looked at again: who is answered from memory waits
 * for no whole group, and for one part while anybody asks. docs/decisions/0047 */
const partsOfTurn = { asked: 1, unasked: 4 };

export function openGroups(steps: GroupSteps): Groups {
  const turns = openTurns();
  let waiting: Member[] = [];
  let settling: Promise<void> | undefined;
  let isRunning = false;
  let telling = Promise.resolve();
  let isLongUnderWay = false;

  async function runAll(): Promise<void> {
    isRunning = true;
    while (waiting.length > 0) {
      await gather();
      const group = nextGroup(waiting);
      waiting = waiting.slice(group.length);
      await runGroup(group);
    }
    isRunning = false;
  }

  /** A turn of the event loop that brought somebody is followed by another one: whoever is next at the door shares the wait for the disk.
   * Where a disk is faster than an attestation, nobody would come while it is waited for. */
  async function gather(): Promise<void> {
    let before = 0;
    while (waiting.length > before && waiting.length < gathered) {
      before = waiting.length;
      await ownTurn();
    }
  }

  async function runGroup(group: readonly Member[]): Promise<void> {
    try {
      // One that failed stays for good: nobody knows what of the log is on the disk then.
      await settling;
      const tell = await turns.take(async () => {
        isLongUnderWay = group.some(({ isLong }) => isLong);
        try {
          const committed = await commitGroup(steps, group);
          settling = steps.sync();
          return committed;
        } finally {
          isLongUnderWay = false;
        }
      });
      await settling;
      settling = undefined;
      telling = telling.then(() => tellInTurns(steps, tell));
    } catch (error) {
      for (const { fail } of group) fail(error);
    }
  }

  function join(member: Member): void {
    waiting.push(member);
    if (!isRunning) void runAll();
  }

  return {
    transact: (work, isLong = false) =>
      new Promise((resolve, reject) => {
        const run: Member['run'] = () => (isLong ? runWhole(work, resolve) : runPart(steps, work, { resolve, reject }));
        join({ run, isLong, fail: reject });
      }),
    change: (work) =>
      new Promise((resolve, reject) => {
        const run: Member['run'] = (isGuarded) => (isGuarded ? runPart : runPlain)(steps, work, { resolve, reject });
        join({ run, isLong: false, fail: reject });
      }),
    read: async (work, beside) => {
      const answer = await (isLongUnderWay ? beside() : turns.take(work));
      await settling;
      return answer;
    },
    pause: async (work) => {
      await settling;
      return turns.take(work);
    },
  };
}

function nextGroup(waiting: readonly Member[]): readonly Member[] {
  if (waiting[0]?.isLong === true) return waiting.slice(0, 1);
  const long = waiting.findIndex(({ isLong }) => isLong);
  return waiting.slice(0, long === -1 ? largestGroup : Math.min(long, largestGroup));
}

/** A part that was not guarded and failed in its middle takes its group with it; then each is guarded. */
async function commitGroup(steps: GroupSteps, group: readonly Member[]): Promise<readonly (() => void)[]> {
  try {
    return await commitParts(steps, group, false);
  } catch (error) {
    if (!(error instanceof PartlyDone)) throw error;
    return await commitParts(steps, group, true);
  }
}

async function commitParts(
  steps: GroupSteps,
  group: readonly Member[],
  isGuarded: boolean,
): Promise<readonly (() => void)[]> {
  steps.begin();
  try {
    const tell: (() => void)[] = [];
    for (const { run } of group) {
      if (endsTurn(steps, tell.length)) await ownTurn();
      tell.push(await run(isGuarded));
    }
    steps.commit();
    return tell;
  } catch (error) {
    steps.rollback();
    throw error;
  }
}

function endsTurn({ isAsked }: GroupSteps, done: number): boolean {
  return done > 0 && done % (isAsked() ? partsOfTurn.asked : partsOfTurn.unasked) === 0;
}

/** In turns of the event loop: what a caller does next, signing a token for one, takes longer than its part did. */
async function tellInTurns(steps: GroupSteps, tell: readonly (() => void)[]): Promise<void> {
  for (const [index, each] of tell.entries()) {
    if (endsTurn(steps, index)) await ownTurn();
    each();
  }
}

/** What fails here undoes the whole group: there is nobody else in it. */
async function runWhole<Result>(work: () => Promise<Result>, resolve: (result: Result) => void): Promise<() => void> {
  const result = await work();
  return () => resolve(result);
}

interface Caller<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

async function runPart<Result>(
  { enter, keep, undo, isUnderWay }: GroupSteps,
  work: () => Promise<Result>,
  { resolve, reject }: Caller<Result>,
): Promise<() => void> {
  enter();
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    const reason = error instanceof NothingDone ? error.cause : error;
    if (!isUnderWay()) throw reason;
    undo();
    return () => reject(reason);
  }
  keep();
  return () => resolve(result);
}

/** @throws PartlyDone: only the whole group can be undone */
async function runPlain<Result>(
  { isUnderWay }: GroupSteps,
  work: () => Promise<Result>,
  { resolve, reject }: Caller<Result>,
): Promise<() => void> {
  try {
    const result = await work();
    return () => resolve(result);
  } catch (error) {
    if (!(error instanceof NothingDone) || !isUnderWay()) throw new PartlyDone('', { cause: error });
    return () => reject(error.cause);
  }
}
