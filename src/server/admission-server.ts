// The server behind an address of admission's own: a process that answers what `admissionOperations` names, reads it anew for each answer,
// and changes nothing, wherever that would be. So its answers wait for no attestation. docs/decisions/0031
import { admissionOperations } from './admission/admission-operations.ts';
import type { ListenAddress, ServerConfig } from './config/config.ts';
import { createDoors } from './http/app.ts';
import { listen } from './http/listen.ts';
import { closeKeys, loadServerKeys } from './keys/server-keys.ts';
import type { RunningServer } from './running-server.ts';
import type { StartOptions } from './start-options.ts';
import { openContext, startClock } from './open-context.ts';
import { startLooking } from './outage/look.ts';
import { openFollower } from './storage/index.ts';
import { createLog } from './telemetry/log.ts';

/** Starts beside a server that is there: what that makes or brings up to date is not made here.
 * @throws ServerError DATA_DIRECTORY_INCOMPLETE, KEY_FILE_*, STORAGE_*, SERVER_ADDRESS_UNAVAILABLE */
export async function startAdmission(
  config: ServerConfig,
  address: ListenAddress,
  options: Pick<StartOptions, 'now' | 'wrapStore' | 'worker'> = {},
): Promise<RunningServer> {
  const keys = loadServerKeys(config, true);
  const log = createLog(config.log.level, options.worker?.seat);
  const now = options.now ?? startClock(log);
  const opened = await openFollower(config);
  let draining = false;
  try {
    const store = options.wrapStore?.(opened) ?? opened;
    const context = await openContext({ config, store, keys, now, log }, options);
    const service = { context, isDraining: () => draining, operations: admissionOperations };
    const listening = await listen(createDoors(service), config, {
      address: { ...address, exclusive: true },
      onRefused: context.metrics.refused,
    });
    const looking = startLooking(context);
    return {
      url: listening.url,
      shortcomings: [],
      // It writes nothing.
      failed: new Promise(() => undefined),
      close: async (graceMs = 10_000) => {
        draining = true;
        const stopped = listening.stop(graceMs);
        await context.events.stop();
        await stopped;
        await looking.stop();
        await closeKeys(keys);
        await opened.close();
      },
    };
  } catch (error) {
    await closeKeys(keys);
    await opened.close();
    throw error;
  }
}
