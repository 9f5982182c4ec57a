// One round of a controller: ask Touchstone what is due, then mark the members whose marks say something else. Denials go first
// and wait for no turn, nothing is written twice, and a member that nothing is said about is not trusted.
import type { ApiClient } from '../api/index.ts';
import { createPace, pauseAskedFor, silenceMs } from './patience.ts';
import type { Clock, Member, Platform, Standing } from './platform.ts';
import { createRetries } from './retries.ts';
import { countClaims, createTrustBook, isHostId, type Demands } from './trust-book.ts';

export interface ControllerOptions<M extends Member> {
  readonly platform: Platform<M>;
  readonly touchstone: () => ApiClient;
  readonly demands: Demands;
  readonly clock: Clock;
  /** Ends the controller: the write under way is finished. */
  readonly signal: AbortSignal;
  /** Of members that become trusted: a denial never waits for its turn. */
  readonly writesPerSecond: number;
  /** Says what would be written, and writes nothing. */
  readonly dryRun: boolean;
  /** False while another controller leads. */
  readonly mayWrite: () => boolean;
  readonly onEvent: (event: ControllerEvent) => void;
}

export type ControllerEvent =
  | { readonly kind: 'marked' | 'would-mark'; readonly member: Member; readonly standing: Standing }
  /** After a round: how many members there are, are trusted, and are still to be marked. */
  | { readonly kind: 'counted'; readonly members: number; readonly trusted: number; readonly late: number }
  | {
      readonly kind: 'failed';
      readonly about: 'touchstone' | 'platform';
      readonly member?: string;
      readonly error: unknown;
    };

export interface Seen<M> {
  readonly member: M;
  readonly standing: Standing;
  /** The marks say what the standing is. */
  readonly inStep: boolean;
}

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

/** After so many it looks again what is most urgent. */
const writesPerRound = 50;
/** A fleet that loses trust at once is not to wait until one answer has come after the other. */
const denialsAtOnce = 8;
const longestRestMs = 30_000;
/** How often one that may not write looks whether it may. */
const leaderLookMs = 1000;

export function createRounds<M extends Member>(options: ControllerOptions<M>): Rounds<M> {
  const { platform, clock, signal, onEvent, dryRun } = options;
  const book = createTrustBook({ ...options, monotonic: () => clock.monotonic() });
  const pace = createPace(options.writesPerSecond, clock);
  const members = new Map<string, M>();
  const startedAt = clock.monotonic();
  /** What was said that would be written, so that it is said once. */
  const announced = new Map<string, string>();
  /** By the name of the member. */
  const writes = createRetries(clock);
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

  async function write(member: M, standing: Standing): Promise<void> {
    const { name } = member;
    try {
      await (standing.trusted ? pace.next(signal) : pace.urgent(signal));
      const written = await platform.write(member, standing);
      writes.succeeded(name);
      if (written === undefined) members.delete(name);
      else {
        members.set(name, written);
        onEvent({ kind: 'marked', member, standing });
      }
    } catch (error) {
      pace.pause(pauseAskedFor(error));
      writes.failed(name, error);
      onEvent({ kind: 'failed', about: 'platform', member: name, error });
    }
  }

  /** Takes one after the other out of the list, which others may share. */
  async function writeAll(list: Seen<M>[]): Promise<void> {
    for (let next = list.shift(); next !== undefined; next = list.shift()) {
      if (signal.aborted || !options.mayWrite()) return;
      // A yes may have ended meanwhile, and the member may be gone.
      const now = members.get(next.member.name);
      if (now !== undefined) await write(now, book.standingOf(now, countClaims(members.values())));
    }
  }

  function announce(member: M, standing: Standing): void {
    const text = JSON.stringify(standing);
    if (announced.get(member.name) !== text) onEvent({ kind: 'would-mark', member, standing });
    announced.set(member.name, text);
  }

  /** Milliseconds until there is something to write: now, when a failure is to be tried again, or never. */
  async function mark(): Promise<number> {
    const wrong = look().filter(({ inStep }) => !inStep);
    writes.keepOnly(new Set(wrong.map(({ member }) => member.name)));
    if (dryRun) {
      for (const { member, standing } of wrong) announce(member, standing);
      return Infinity;
    }
    const at = clock.monotonic();
    const ready = wrong.filter(({ member }) => writes.isDue(member.name, at));
    const denials = ready.filter(({ standing }) => !standing.trusted).slice(0, writesPerRound);
    const permits = ready.filter(({ standing }) => standing.trusted).slice(0, writesPerRound - denials.length);
    await Promise.all(Array.from({ length: denialsAtOnce }, () => writeAll(denials)));
    await writeAll(permits);
    if (signal.aborted || !options.mayWrite()) return Infinity;
    if (ready.length > writesPerRound) return 0;
    return writes.untilNext();
  }

  const silentForMs = (): number => clock.monotonic() - startedAt;
  const isWaiting = (): boolean =>
    !book.hasHeard() && silentForMs() < silenceMs && [...members.values()].some(({ hostId }) => isHostId(hostId));

  return {
    members,
    touch: (hostId) => book.touch(hostId),
    look,
    run: async () => {
      await ask();
      const untilWrite = isWaiting() ? silenceMs - silentForMs() : options.mayWrite() ? await mark() : leaderLookMs;
      const untilAnswer = questions.failuresOf('touchstone') === 0 ? book.untilQuestion() : questions.untilNext();
      return Math.max(0, Math.min(longestRestMs, untilWrite, untilAnswer, book.untilLapse()));
    },
    hasHeard: () => book.hasHeard(),
    isWaiting,
    failuresOf: (name) => writes.failuresOf(name),
  };
}
