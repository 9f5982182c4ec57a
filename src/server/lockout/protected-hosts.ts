// Hosts that a change must not lose by accident: `lockout.protected` of the configuration names them, by names or by labels.
import type { ServerConfig } from '../config/config.ts';
import type { ServerContext } from '../context.ts';
import type { Steps } from '../fleet/progress.ts';
import { createPause, createTelling, isUnreadable, readFleet } from '../fleet/walk-fleet.ts';
import type { Soon } from '../soon.ts';
import { selectsHost, unlessDamaged, type FleetRecord, type HostRecord } from '../storage/index.ts';

export function isProtected(
  { lockout }: Pick<ServerConfig, 'lockout'>,
  host: Pick<HostRecord, 'hostId' | 'labels'>,
): boolean {
  return lockout.protected.some((selector) => selectsHost(selector, host));
}

/** Hands over active ones that can be read: the others are denied already. Where names alone select them, no other host is read. Others
 * are served meanwhile. Says how many hosts it has read, and ends early when `isOver` says so. */
export async function* walkProtectedHosts(
  context: Pick<ServerContext, 'config' | 'store'>,
  isOver: () => boolean,
  visit: (record: FleetRecord) => Soon<void>,
): Steps<void> {
  const names = protectedNames(context.config);
  const total = names === undefined ? await context.store.countActiveHosts() : names.length;
  const records = names === undefined ? readFleet(context) : readNamed(context, names);
  const [pause, isTimeToTell] = [createPause(), createTelling()];
  let done = 0;
  for await (const record of records) {
    if (isOver()) return;
    done += 1;
    if (record !== undefined && !isUnreadable(record) && isProtected(context.config, record.host)) await visit(record);
    await pause();
    if (isTimeToTell()) yield { done, total: Math.max(total, done) };
  }
}

/** Undefined where labels select some of them. */
function protectedNames({ lockout }: Pick<ServerConfig, 'lockout'>): readonly string[] | undefined {
  const names = lockout.protected.flatMap((selector) => ('names' in selector ? [selector.names] : []));
  return names.length === lockout.protected.length ? [...new Set(names.flat())] : undefined;
}

async function* readNamed(
  { store }: Pick<ServerContext, 'store'>,
  names: readonly string[],
): AsyncGenerator<FleetRecord | undefined> {
  for (const name of names) yield await unlessDamaged(() => store.findFleetHost(name));
}
