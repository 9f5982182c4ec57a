// Writes the marks that say something else than the standing of their member. Denials go first and wait for no turn, and nothing is written twice.
import type { ControllerOptions } from './options.ts';
import { createPace, pauseAskedFor } from './patience.ts';
import type { Member, Standing } from './platform.ts';
import { createRetries } from './retries.ts';

export interface Seen<M> {
  readonly member: M;
  readonly standing: Standing;
  /** The marks say what the standing is. */
  readonly inStep: boolean;
}

export interface Marking<M extends Member> {
  /** Writes what is out of step in `all`, the most urgent first.
   * @returns milliseconds until there is something to write: now, when a failure is to be tried again, or never */
  mark(all: readonly Seen<M>[]): Promise<number>;
  /** How often in a row a member could not be marked. */
  failuresOf(name: string): number;
}

export interface MarkingOptions<M extends Member> extends Pick<
  ControllerOptions<M>,
  'platform' | 'clock' | 'signal' | 'writesPerSecond' | 'dryRun' | 'mayWrite' | 'onEvent'
> {
  /** By name. */
  readonly members: Map<string, M>;
  /** What is true of a member now. */
  readonly standingOf: (member: M) => Standing;
}

/** After so many it looks again what is most urgent. */
const writesPerRound = 50;
/** A fleet that loses trust at once is not to wait until one answer has come after the other. */
const denialsAtOnce = 8;

export function createMarking<M extends Member>(options: MarkingOptions<M>): Marking<M> {
  const { platform, clock, signal, dryRun, mayWrite, onEvent, members, standingOf } = options;
  const pace = createPace(options.writesPerSecond, clock);
  /** By the name of the member. */
  const writes = createRetries(clock);
  /** What was said that would be written, so that it is said once. */
  const announced = new Map<string, string>();

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
      if (signal.aborted || !mayWrite()) return;
      // A yes may have ended meanwhile, and the member may be gone.
      const now = members.get(next.member.name);
      if (now !== undefined) await write(now, standingOf(now));
    }
  }

  function announce(member: M, standing: Standing): void {
    const text = JSON.stringify(standing);
    if (announced.get(member.name) !== text) onEvent({ kind: 'would-mark', member, standing });
    announced.set(member.name, text);
  }

  async function mark(all: readonly Seen<M>[]): Promise<number> {
    const wrong = all.filter(({ inStep }) => !inStep);
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
    if (signal.aborted || !mayWrite()) return Infinity;
    if (ready.length > writesPerRound) return 0;
    return writes.untilNext();
  }

  return { mark, failuresOf: (name) => writes.failuresOf(name) };
}
