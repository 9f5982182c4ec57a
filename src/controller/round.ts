// One round of a controller: ask Touchstone what is due, then mark the members whose marks say something else. A member that
// nothing is said about is not trusted.
import { createMarking, type Seen } from './marking.ts';
import type { ControllerOptions } from './options.ts';
import { silenceMs } from './patience.ts';
import type { Member } from './platform.ts';
import { createRetries } from './retries.ts';
import { countClaims, createTrustBook, isHostId } from './trust-book.ts';

export interface Rounds<M extends Member> {
  /** By name. */
  readonly members: Map<string, M>;
  /** Something happened to this host. */
  touch(hostId: string): void;
  look(): readonly Seen<M>[];
  /** Returns the milliseconds until there is more to do, if nothing else happens. */
  run(): Promise<number>;
  /** Touchstone has answered. */
  hasHeard(): boolean;
  /** Has just begun and not heard from Touchstone: the marks that it found stay. */
  isWaiting(): boolean;
  /** How often in a row a member could not be marked. */
  failuresOf(name: string): number;
}

const longestRestMs = 30_000;
/** How often one that may not write looks whether it may. */
const leaderLookMs = 1000;

export function createRounds<M extends Member>(options: ControllerOptions<M>): Rounds<M> {
  const { platform, clock, onEvent } = options;
  const book = createTrustBook({ ...options, monotonic: () => clock.monotonic() });
  const members = new Map<string, M>();
  const startedAt = clock.monotonic();
  const marking = createMarking({
    ...options,
    members,
    standingOf: (member) => book.standingOf(member, countClaims(members.values())),
  });
  const questions = createRetries(clock);

  async function ask(): Promise<void> {
    if (!questions.isDue('touchstone', clock.monotonic())) return;
    try {
      await book.ask(new Set([...members.values()].flatMap(({ hostId }) => hostId ?? [])));
      questions.succeeded('touchstone');
    } catch (error) {
      questions.failed('touchstone', error);
      onEvent({ kind: 'failed', about: 'touchstone', error });
    }
  }

  function look(): readonly Seen<M>[] {
    const claims = countClaims(members.values());
    return [...members.values()].map((member) => {
      const standing = book.standingOf(member, claims);
      return { member, standing, inStep: platform.isInStep(member, standing) };
    });
  }

  const silentForMs = (): number => clock.monotonic() - startedAt;
  const isWaiting = (): boolean =>
    !book.hasHeard() && silentForMs() < silenceMs && [...members.values()].some(({ hostId }) => isHostId(hostId));

  /** Milliseconds until there is something to write. */
  async function mark(): Promise<number> {
    if (isWaiting()) return silenceMs - silentForMs();
    return options.mayWrite() ? marking.mark(look()) : leaderLookMs;
  }

  return {
    members,
    touch: (hostId) => book.touch(hostId),
    look,
    run: async () => {
      await ask();
      const untilWrite = await mark();
      const untilAnswer = questions.failuresOf('touchstone') === 0 ? book.untilQuestion() : questions.untilNext();
      return Math.max(0, Math.min(longestRestMs, untilWrite, untilAnswer, book.untilLapse()));
    },
    hasHeard: () => book.hasHeard(),
    isWaiting,
    failuresOf: (name) => marking.failuresOf(name),
  };
}
