// The composition root: what opens things and hands them to each other. Admission at its own address has one beside it.
import { enterAuthority } from './attestation/authorities.ts';
import { startTellingBreakGlassEnds } from './break-glass/ends.ts';
import type { ServerConfig } from './config/config.ts';
import { createDoors } from './http/app.ts';
import { listen } from './http/listen.ts';
import { checkNotExposed } from './keys/key-file.ts';
import { closeKeys, loadServerKeys } from './keys/server-keys.ts';
import { checkAuthorities, checkStrayCertificates } from './doctor/check-authorities.ts';
import { checkOpenFiles } from './doctor/check-open-files.ts';
import { checkTrust } from './doctor/check-trust.ts';
import { openContext, startClock } from './open-context.ts';
import { startLooking } from './outage/look.ts';
import { checkWrites } from './outage/write-watch.ts';
import { startSweeping } from './retention/sweep.ts';
import { announceStart, type RunningServer } from './running-server.ts';
import type { StartOptions } from './start-options.ts';
import { openStore } from './storage/index.ts';
import { endWhatIsAhead, startNotingTime } from './time-ahead.ts';
import { startAsking } from './trust/intermediate-sources.ts';
import { startTellingEnds } from './trust/quarantine-ends.ts';
import { startRefreshing } from './trust/refresh-lists.ts';
import { createLog } from './telemetry/log.ts';

/** Starts a server over an initialised data directory.
 * @throws ServerError DATA_DIRECTORY_*, KEY_FILE_*, STORAGE_SCHEMA_UNKNOWN, CONFIG_INVALID */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  checkNotExposed(config.dataDirectory);
  const keys = loadServerKeys(config, options.worker !== undefined);
  const log = createLog(config.log.level, options.worker?.seat);
  const now = options.now ?? startClock(log);
  let onFailure: (error: Error) => void = () => undefined;
  const failed = new Promise<never>((_resolve, reject) => (onFailure = reject));
  failed.catch((error: unknown) =>
    log.error({ event: 'storage.lost', err: error }, 'the disk failed; the server has to be started again'),
  );
  const opened = await openStore(
    config,
    (error) => onFailure(error),
    (change) =>
      log.warn({ event: 'storage.schema', ...change }, 'the schema is brought up to date; this may take a while'),
  );
  const store = options.wrapStore?.(opened) ?? opened;
  let draining = false;
  try {
    const context = await openContext({ config, store, keys, now, log }, options);
    const { events } = context;
    await endWhatIsAhead(context);
    await enterAuthority(opened, keys.authority, now());
    const checks = [...(await checkTrust(opened, config, now())), await checkStrayCertificates(opened, keys, now())];
    const service = { context, isDraining: () => draining };
    const listening = await listen(createDoors(service), config, { onRefused: context.metrics.refused });
    await events.start();
    const repeated = [
      startRefreshing(context),
      startAsking(context),
      startLooking(context),
      startTellingEnds(context),
      startTellingBreakGlassEnds(context),
      startSweeping(context),
      await startNotingTime(context),
    ];
    // Hosts are served meanwhile: a token that is away may take long to say so.
    const later = [...checkOpenFiles(config), checkWrites(context.writes), ...(await checkAuthorities(keys))];
    const shortcomings = [...checks, ...later].filter(({ ok }) => !ok);
    announceStart({ url: listening.url, config, shortcomings }, options.announce);
    return {
      url: listening.url,
      shortcomings,
      failed,
      close: async (graceMs = 10_000) => {
        draining = true;
        // Nobody is let in from now on, however long the others take to end: of several workers the one that went on listening would be
        // dialled while the requests of the rest run out of time.
        const stopped = listening.stop(graceMs);
        await events.stop();
        await stopped;
        for (const each of repeated) await each.stop();
        // So that others need not wait for the end of what was ours. Where the database is away they do.
        await opened.releaseLeases(context.replica).catch(() => undefined);
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
