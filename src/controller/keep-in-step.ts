// The controller: keeps what a platform says of its members in step with what Touchstone says of its hosts. One loop for every
// platform, woken by news of either side and by the end of what was said.
import { followEvents } from './follow-events.ts';
import type { Seen } from './marking.ts';
import type { ControllerOptions } from './options.ts';
import { createBell } from './patience.ts';
import type { Member } from './platform.ts';
import { createRounds } from './round.ts';

/** Runs until the signal. No failure ends it. */
export async function keepInStep<M extends Member>(options: ControllerOptions<M>): Promise<void> {
  const { platform, clock, signal, onEvent } = options;
  const bell = createBell(clock);
  const rounds = createRounds(options);
  const { members } = rounds;
  const hear = (change: () => void): void => {
    change();
    bell.ring();
  };
  const following = platform.follow(
    {
      replaced: (all) =>
        hear(() => {
          members.clear();
          for (const member of all) members.set(member.name, member);
        }),
      changed: (member) => hear(() => members.set(member.name, member)),
      gone: (name) => hear(() => members.delete(name)),
      failed: (error) => onEvent({ kind: 'failed', about: 'platform', error }),
    },
    signal,
  );
  const listening = followEvents({
    ...options,
    onHost: (hostId) => hear(() => rounds.touch(hostId)),
    onFailure: (error) => onEvent({ kind: 'failed', about: 'touchstone', error }),
  });
  let counted = '';
  while (!signal.aborted) {
    const restMs = await rounds.run();
    const counts = countSeen(rounds.look());
    if (JSON.stringify(counts) !== counted) onEvent({ kind: 'counted', ...counts });
    counted = JSON.stringify(counts);
    await bell.wait(restMs, signal);
  }
  await Promise.all([following, listening]);
}

function countSeen(all: readonly Seen<Member>[]) {
  const trusted = all.filter(({ standing }) => standing.trusted).length;
  return { members: all.length, trusted, late: all.filter(({ inStep }) => !inStep).length };
}

const triesOfOnce = 3;

/** Brings everything into step, and ends. While Touchstone is silent it waits for half a minute; then nobody is trusted.
 * @throws ControllerError, ApiUnreachable when the platform does not say what there is */
export async function bringInStep<M extends Member>(
  options: ControllerOptions<M>,
): Promise<{ readonly members: readonly Seen<M>[]; readonly hasHeard: boolean }> {
  const { platform, clock, signal, dryRun } = options;
  const rounds = createRounds(options);
  for (const member of await platform.list()) rounds.members.set(member.name, member);
  for (;;) {
    const restMs = await rounds.run();
    const members = rounds.look();
    const isOver = !rounds.isWaiting() && (dryRun || members.every((seen) => seen.inStep || isGivenUp(seen)));
    if (isOver || signal.aborted) return { members, hasHeard: rounds.hasHeard() };
    await clock.sleep(restMs, signal);
  }

  function isGivenUp({ member }: Seen<M>): boolean {
    return rounds.failuresOf(member.name) >= triesOfOnce;
  }
}
