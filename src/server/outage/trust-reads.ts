// What admission rests on, read from the database, and for a bounded time from memory when it is away. docs/decisions/0026
import type { Soon } from '../soon.ts';
import type { Standing, Store, TokenRecord } from '../storage/index.ts';
import { databaseAway, isUnreachable } from './database-away.ts';
import { followAudit } from './follow-audit.ts';
import type { LastKnown, Reading, Remembered, Shelf } from './last-known.ts';

/** `remembered`: said from memory, because the database is away. */
export interface KnownStanding extends Standing {
  readonly remembered?: Remembered;
}

export interface TrustReads {
  findToken(id: string): Soon<TokenRecord | undefined>;
  findStanding(hostId: string): Soon<KnownStanding | undefined>;
  /** Asks whether the database is there, and whether something happened. `Remembered`: it is away, and hosts are admitted from
   * memory for so long.
   * @throws ServerError STORAGE_UNREACHABLE: it is away, and nothing more is said from memory */
  look(): Promise<Remembered | undefined>;
  /** The same over another view of the store, made for one request that has asked nothing yet. */
  through(store: ReadStore): TrustReads;
}

type ReadStore = Pick<Store, 'findToken' | 'findStanding' | 'ping' | 'readAhead'>;

/** From the database and nowhere else. */
export function readStored(store: ReadStore): TrustReads {
  return {
    findToken: (id) => store.findToken(id),
    findStanding: (hostId) => {
      const request = { purpose: 'verdict', tokenId: undefined, hostId, keepEvidence: 0 } as const;
      return (store.readAhead(request)?.store ?? store).findStanding(hostId);
    },
    look: async () => {
      await store.ping();
      return undefined;
    },
    through: readStored,
  };
}

/** Who waits for longer gets what is remembered: a database that hangs is away too. */
const patienceMs = 1_000;

export interface RememberingOptions {
  readonly store: ReadStore & Pick<Store, 'lastAuditSequence' | 'listAudit'>;
  readonly lastKnown: LastKnown;
  /** Told when the database goes away, and when it is back. */
  readonly tell: (isAway: boolean) => void;
}

/** From memory while the database is away, or takes long, and the memory is not too old. */
export function readRemembering({ store, lastKnown, tell }: RememberingOptions): TrustReads {
  const database = watchDatabase(tell);

  async function read<Value>(shelf: Shelf<Value>, id: string, question: Question<Value>) {
    const ask = async () => {
      const reading = question.reading ?? lastKnown.begin();
      const value = await question.ask();
      shelf.keep(id, value, reading);
      return value;
    };
    const recall = () => shelf.recall(id);
    // Nobody waits for what is known to be away: `look` finds out when it is back.
    return (database.isAway() ? recall() : undefined) ?? database.askOr(ask, recall);
  }

  const through = (view: ReadStore, reading?: Reading): TrustReads => {
    const stored = readStored(view);
    return {
      findToken: async (id) => (await read(lastKnown.tokens, id, { reading, ask: () => stored.findToken(id) })).value,
      findStanding: async (id) => {
        const answer = await read(lastKnown.hosts, id, { reading, ask: () => stored.findStanding(id) });
        return 'remembered' in answer ? { ...answer.value, remembered: answer.remembered } : answer.value;
      },
      look: async () => {
        const answer = await database.askOr(
          () => followAudit(store, lastKnown),
          () => lastKnown.horizon(),
        );
        return 'until' in answer ? answer : undefined;
      },
      // Whatever it asks, it asks at once, after this moment.
      through: (other) => through(other, lastKnown.begin()),
    };
  };
  return through(store);
}

/** Knows of each answer of the database, or of its absence, whether it is away. */
function watchDatabase(tell: (isAway: boolean) => void) {
  let isAway = false;

  function note(change: boolean): void {
    if (change === isAway) return;
    isAway = change;
    tell(change);
  }

  /** The answer of the database, or what is remembered.
   * @throws ServerError STORAGE_UNREACHABLE where it is away and nothing is remembered; what `ask` throws otherwise */
  async function askOr<Value, Memory>(ask: () => Promise<Value>, recall: () => Memory | undefined) {
    const asked = ask().then((value) => {
      note(false);
      return { value };
    });
    try {
      const answer = await inTime(asked);
      if (answer !== undefined) return answer;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      note(true);
      const memory = recall();
      if (memory === undefined) throw error;
      return memory;
    }
    const memory = recall();
    if (memory !== undefined) {
      note(true);
      return memory;
    }
    // A database that is away says nothing for long; one that is slow is waited for.
    if (isAway) throw databaseAway();
    return asked;
  }

  return { isAway: () => isAway, askOr };
}

interface Question<Value> {
  readonly ask: () => Soon<Value | undefined>;
  /** Of a moment before it was sent; when it is asked unless told. */
  readonly reading: Reading | undefined;
}

/** The answer, or undefined where it takes long. What becomes of it then, nobody hears. */
async function inTime<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
}
