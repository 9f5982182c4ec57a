// The composition root: what opens things and hands them to each other. Admission at its own address has one beside it.
import { enterAuthority } from './attestation/authorities.ts';
import { startTellingBreakGlassEnds } from './break-glass/ends.ts';
import type { ServerConfig } from './config/config.ts';
import { createListener } from './http/app.ts';
import { listen } from './http/listen.ts';
import type { RandomSource } from './keys/random.ts';
import { checkNotExposed } from './keys/key-file.ts';
import { closeKeys, loadServerKeys } from './keys/server-keys.ts';
import { checkAuthorities, checkStrayCertificates } from './doctor/check-authorities.ts';
import type { Check } from './doctor/check.ts';
import { checkTrust } from './doctor/check-trust.ts';
import { openContext, startClock } from './open-context.ts';
import { startLooking } from './outage/look.ts';
import { checkWrites } from './outage/write-watch.ts';
import { startSweeping } from './retention/sweep.ts';
import { openStore, type Store } from './storage/index.ts';
import { endWhatIsAhead, startNotingTime } from './time-ahead.ts';
import { startAsking } from './trust/intermediate-sources.ts';
import { startTellingEnds } from './trust/quarantine-ends.ts';
import { startRefreshing } from './trust/refresh-lists.ts';
import { createLog } from './telemetry/log.ts';
import type { Family } from './telemetry/exposition.ts';

export interface StartOptions {
  /** Instead of the system's, for tests. */
  readonly now?: () => Date;
  readonly random?: RandomSource;
  /** Wraps the store, for fault injection. */
  readonly wrapStore?: (store: Store) => Store;
  /** A fleet of so many hosts is looked at by another process; a thousand unless told, for tests. */
  readonly walkApartFrom?: number;
  /** Receives the start-up banner, line by line. Standard error unless told. */
  readonly announce?: (line: string) => void;
  /** Where it is one of several processes behind one socket. */
  readonly worker?: WorkerSeat;
}

export interface WorkerSeat {
  /** From 1. */
  readonly seat: number;
  /** Lets the others have what this one measures, and returns how to ask for what all measure. */
  readonly share: (measure: () => readonly Family[]) => () => Promise<readonly Family[]>;
}

export interface RunningServer {
  readonly url: string;
  /** Where admission has an address of its own. */
  readonly admissionUrl?: string;
  /** What keeps hosts from being trusted, or weakens what trust means. */
  readonly shortcomings: readonly Check[];
  /** Finishes what was begun (up to 10 s unless told), then closes everything. */
  close(graceMs?: number): Promise<void>;
}

/** Starts a server over an initialised data directory.
 * @throws ServerError DATA_DIRECTORY_*, KEY_FILE_*, STORAGE_SCHEMA_UNKNOWN, CONFIG_INVALID */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  checkNotExposed(config.dataDirectory);
  const keys = loadServerKeys(config, options.worker !== undefined);
  const log = createLog(config.log.level, options.worker?.seat);
  const now = options.now ?? startClock(log);
  const opened = await openStore(config);
  const store = options.wrapStore?.(opened) ?? opened;
  let draining = false;
  try {
    const context = await openContext({ config, store, keys, now, log }, options);
    const { events } = context;
    await endWhatIsAhead(context);
    await enterAuthority(opened, keys.authority, now());
    const checks = [...(await checkTrust(opened, config, now())), await checkStrayCertificates(opened, keys, now())];
    const service = { context, isDraining: () => draining };
    const listening = await listen(createListener(service), config);
    await events.start();
    const refreshing = [
      startRefreshing(context),
      startAsking(context),
      startLooking(context),
      startTellingEnds(context),
      startTellingBreakGlassEnds(context),
      startSweeping(context),
      await startNotingTime(context),
    ];
    // Hosts are served meanwhile: a token that is away may take long to say so.
    const later = [checkWrites(context.writes), ...(await checkAuthorities(keys))];
    const shortcomings = [...checks, ...later].filter(({ ok }) => !ok);
    announceStart({ url: listening.url, config, shortcomings }, options.announce);
    return {
      url: listening.url,
      shortcomings,
      close: async (graceMs = 10_000) => {
        draining = true;
        await events.stop();
        await listening.stop(graceMs);
        for (const each of refreshing) await each.stop();
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

/** Closes the server on SIGTERM or SIGINT, then lets the process end. */
export function closeOnSignals(server: RunningServer): void {
  const stop = (): void => {
    void server.close();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
}

type Started = Pick<RunningServer, 'url' | 'admissionUrl' | 'shortcomings'> & { readonly config: ServerConfig };

/** The banner, line by line. */
export function announceStart(
  { url, admissionUrl, config, shortcomings }: Started,
  announce: (line: string) => void = toStandardError,
): void {
  const { serverId, workers } = config;
  const lines = [
    `touchstone ${serverId} listens on ${url}${workers > 1 ? `, with ${workers} workers` : ''}`,
    ...(admissionUrl === undefined ? [] : [`  admission is answered on ${admissionUrl}, too`]),
    ...shortcomings.map(({ message, remedy }) => `  ! ${message}. ${remedy}`),
  ];
  lines.forEach((line) => announce(line));
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
