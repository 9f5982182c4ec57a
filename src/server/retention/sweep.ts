// The sweep: what the configuration keeps no longer goes, a few hosts at a time and never faster than a tenth of the time, by one of
// the servers that share the store. It stops wherever it is killed, and goes on there.
import { setTimeout as pause } from 'node:timers/promises';
import type { ServerConfig } from '../config/config.ts';
import type { ServerContext } from '../context.ts';
import { addSwept, sweptNothing, type SweepBounds, type SweepRecord } from '../storage/index.ts';
import { startRepeating, type Repeating } from '../repeat.ts';

type Context = Pick<ServerContext, 'config' | 'store' | 'replica' | 'now' | 'log'>;

/** How often a server looks whether a sweep is due; hosts that come when it was started are served first. */
const lookEverySeconds = 60;
/** Of a server that is dead, another one goes on after this. */
const leaseMs = 60_000;
const hostsAtOnce = 100;
const shareOfTime = 0.1;

/** Sweeps when it is time, until stopped. */
export function startSweeping(context: Context): Repeating {
  const stopping = new AbortController();
  const seconds = Math.min(lookEverySeconds, context.config.retention.sweepSeconds);
  const repeating = startRepeating(() => sweepWhenDue(context, stopping.signal), {
    seconds,
    isLater: true,
    log: context.log,
    failure: 'the store could not be swept; it goes on later',
  });
  return {
    stop: () => {
      stopping.abort();
      return repeating.stop();
    },
  };
}

/** Everything that ended longer ago than the configuration keeps it. */
export function sweepBounds({ retention }: Pick<ServerConfig, 'retention'>, at: Date): SweepBounds {
  return {
    verdictsBefore: at.getTime() - retention.historyDays * 86_400_000,
    othersBefore: at.getTime() - retention.expiredHours * 3_600_000,
  };
}

/** When the next sweep begins: now, where one was interrupted, or the clock was set back since. */
export function nextSweepAt(
  last: SweepRecord | undefined,
  { retention }: Pick<ServerConfig, 'retention'>,
  now: Date,
): Date {
  const isOpen = last?.endedAt === undefined || now.getTime() < last.begunAt;
  return isOpen ? now : new Date(last.begunAt + retention.sweepSeconds * 1000);
}

/** `rest` waits as long as fits the work that was done; the tests' does not. */
export async function sweepWhenDue(context: Context, signal: AbortSignal, rest = pauseAfter): Promise<void> {
  const { store, replica, now } = context;
  const isDue = async (): Promise<boolean> => nextSweepAt(await store.findSweep(), context.config, now()) <= now();
  if (!(await isDue()) || !(await store.takeLease(replica, 'sweep', leaseMs))) return;
  // Another server may have done it just now.
  if (!(await isDue())) return;
  let record = continued(await store.findSweep(), now());
  while (record.endedAt === undefined) {
    const begun = performance.now();
    record = await sweepOn(context, record);
    await store.saveSweep(record);
    await rest(performance.now() - begun, signal);
    if (signal.aborted || !(await store.takeLease(replica, 'sweep', leaseMs))) return;
  }
  tell(context, record);
}

/** Ends early when it is stopped. */
async function pauseAfter(workedMs: number, signal: AbortSignal): Promise<void> {
  await pause((workedMs * (1 - shareOfTime)) / shareOfTime, undefined, { signal }).catch(() => undefined);
}

/** One that was interrupted goes on where it was; a new one begins at the first host. */
function continued(last: SweepRecord | undefined, now: Date): SweepRecord {
  if (last !== undefined && last.endedAt === undefined) return last;
  const total = last?.total ?? sweptNothing;
  return { begunAt: now.getTime(), endedAt: undefined, through: '', swept: sweptNothing, total };
}

async function sweepOn({ config, store, now }: Context, record: SweepRecord): Promise<SweepRecord> {
  const page = { after: record.through, limit: hostsAtOnce };
  const found = await store.sweepHosts(page, sweepBounds(config, now()), { isRehearsal: false });
  if (found === undefined) return { ...record, endedAt: now().getTime() };
  const { through, swept } = found;
  return { ...record, through, swept: addSwept(record.swept, swept), total: addSwept(record.total, swept) };
}

function tell({ log }: Context, { begunAt, endedAt = begunAt, swept }: SweepRecord): void {
  const isWorthALine = Object.values(swept).some((count: number) => count > 0);
  if (isWorthALine)
    log.info({ event: 'store.swept', seconds: (endedAt - begunAt) / 1000, ...swept }, 'the store was swept');
}
