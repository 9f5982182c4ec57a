// Hosts that a change must not lose by accident: `lockout.protected` of the configuration names them, by names or by labels.
import type { ServerConfig } from '../config/config.ts';
import type { ServerContext } from '../context.ts';
import { isUnreadable, readFleet } from '../fleet/walk-fleet.ts';
import { selectsHost, unlessDamaged, type FleetRecord, type HostRecord } from '../storage/index.ts';

export function isProtected(
  { lockout }: Pick<ServerConfig, 'lockout'>,
  host: Pick<HostRecord, 'hostId' | 'labels'>,
): boolean {
  return lockout.protected.some((selector) => selectsHost(selector, host));
}

/** Active ones that can be read: the others are denied already. Where names alone select them, no other host is read. Ends early when
 * `isOver` says so. */
export async function* readProtectedHosts(
  context: Pick<ServerContext, 'config' | 'store'>,
  isOver: () => boolean,
): AsyncGenerator<FleetRecord> {
  const { config, store } = context;
  const names = config.lockout.protected.flatMap((selector) => ('names' in selector ? [selector.names] : []));
  if (names.length === config.lockout.protected.length) {
    for (const name of new Set(names.flat())) {
      if (isOver()) return;
      const record = await unlessDamaged(() => store.findFleetHost(name));
      if (record !== undefined) yield record;
    }
    return;
  }
  for await (const record of readFleet(context)) {
    if (isOver()) return;
    if (!isUnreadable(record) && isProtected(config, record.host)) yield record;
  }
}
