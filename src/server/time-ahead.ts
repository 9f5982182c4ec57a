// A clock that ran ahead and was set right leaves verdicts and challenges that are dated in what is now the future. They count for nothing
// until then, and then they would be young: so they end when a server starts, which is the only moment at which its time can be an
// earlier one than before. docs/incident-response.md
import { clockToleranceMs } from './clock.ts';
import type { ServerContext } from './context.ts';
import { startRepeating, type Repeating } from './repeat.ts';

type Context = Pick<ServerContext, 'store' | 'now' | 'log'>;

/** Before anybody is answered.
 * @throws ServerError STORAGE_UNAVAILABLE where there is something to end, and the disk takes nothing: then nobody is answered */
export async function endWhatIsAhead({ store, now, log }: Context): Promise<void> {
  const ended = await store.endAhead({ at: now().getTime(), toleranceMs: clockToleranceMs });
  if (ended === undefined) return;
  const { aheadMs, verdicts } = ended;
  const details = { event: 'clock.was-ahead', ms: aheadMs, verdicts };
  log.warn(details, 'the clock was set back since; what is dated ahead of it counts no more');
}

/** How often is looked, and how far apart two times are that are kept. A store that refuses is asked each time: so it is known when it takes
 * what is written again. */
const everySeconds = 1;
const apartMs = 10_000;

type NotingContext = Pick<ServerContext, 'store' | 'now' | 'log' | 'writes'>;

/** Keeps the latest time that this server answered by, until stopped. Resolves when it was tried for the first time. */
export async function startNotingTime({ store, now, log, writes }: NotingContext): Promise<Repeating> {
  let noted = 0;
  const note = async (apart: number): Promise<void> => {
    const at = now().getTime();
    if (writes.refusal() === undefined && at < noted + apart) return;
    noted = at;
    await writes.attempt(() => store.noteTime(at));
  };
  // Where the database is away, the one before stays.
  const noteAnyway = (): Promise<void> => note(0).catch(() => undefined);
  await noteAnyway();
  const failure = 'the time could not be kept';
  const repeating = startRepeating(() => note(apartMs), { seconds: everySeconds, isLater: true, log, failure });
  return {
    stop: async () => {
      await repeating.stop();
      await noteAnyway();
    },
  };
}
