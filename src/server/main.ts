// The composition root: the only file that opens things and hands them to each other.
import { encodeBase64url } from '../core/encoding/index.ts';
import { enterAuthority } from './attestation/authorities.ts';
import { createAkRevocations } from './attestation/ak-revocations.ts';
import { createAuditTree } from './audit/audit-tree.ts';
import { startTellingBreakGlassEnds } from './break-glass/ends.ts';
import { createBreakGlass } from './break-glass/grants.ts';
import { createClock } from './clock.ts';
import type { ServerConfig } from './config/config.ts';
import type { ServerContext } from './context.ts';
import { createEvents } from './events/deliveries.ts';
import { openWalks } from './fleet/walks.ts';
import { createTrustCache } from './golden/trust-cache.ts';
import { createApp, loadServedContract } from './http/app.ts';
import { createFastDoor } from './http/fast-door.ts';
import { listen } from './http/listen.ts';
import { systemRandom, type RandomSource } from './keys/random.ts';
import { checkNotExposed } from './keys/key-file.ts';
import { closeKeys, loadServerKeys } from './keys/server-keys.ts';
import { createLockout } from './lockout/lockout.ts';
import { createLoadGate } from './load/load-gate.ts';
import { createUtilisation } from './load/utilisation.ts';
import { checkAuthorities, checkStrayCertificates } from './authority-checks.ts';
import { createServerMemory } from './memory.ts';
import { checkTrust, type Check } from './shortcomings.ts';
import { inOwnTurn } from './own-turn.ts';
import { createFailingStore } from './outage/failing-store.ts';
import { openReads } from './outage/open-reads.ts';
import { startLooking } from './outage/look.ts';
import { startSweeping } from './retention/sweep.ts';
import { openStore, type Store } from './storage/index.ts';
import { startAsking } from './trust/intermediate-sources.ts';
import { startTellingEnds } from './trust/quarantine-ends.ts';
import { startRefreshing } from './trust/refresh-lists.ts';
import { createLog } from './telemetry/log.ts';
import type { Family } from './telemetry/exposition.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { measureProcess } from './telemetry/process-gauges.ts';
import { lookAround } from './telemetry/scrape.ts';
import { createSurvey } from './telemetry/survey.ts';
import { createSlots } from './what-if/slots.ts';

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
  /** What keeps hosts from being trusted, or weakens what trust means. */
  readonly shortcomings: readonly Check[];
  /** Finishes what was begun (up to 10 s unless told), then closes everything. */
  close(graceMs?: number): Promise<void>;
}

/** Starts a server over an initialised data directory.
 * @throws ServerError DATA_DIRECTORY_*, KEY_FILE_*, STORAGE_SCHEMA_UNKNOWN, CONFIG_INVALID */
export async function startServer(config: ServerConfig, options: StartOptions = {}): Promise<RunningServer> {
  checkNotExposed(config.dataDirectory);
  const keys = loadServerKeys(config);
  const log = createLog(config.log.level, options.worker?.seat);
  const onBack = (ms: number) =>
    log.warn({ event: 'clock.set-back', ms }, 'the clock was set back; verdicts lapse as before');
  const now = options.now ?? createClock(onBack);
  const opened = await openStore(config);
  const store = options.wrapStore?.(opened) ?? opened;
  let draining = false;
  try {
    const trust = createTrustCache({ store, quorum: config.goldenQuorum, log });
    const clock = (): number => performance.now();
    const gate = createLoadGate({
      places: config.limits.hostRequests,
      begunMs: Math.min(config.attestation.challengeSeconds, config.enrolment.activationSeconds) * 1000,
      clock,
      utilisation: createUtilisation(clock),
      later: inOwnTurn,
    });
    const random = options.random ?? systemRandom;
    const [whatIfSlots, protectionSlots] = [createSlots(1), createSlots(1)];
    const akRevocations = createAkRevocations({ store, config, now });
    const replica = encodeBase64url(systemRandom(12));
    const events = await createEvents({ config, keys, store, replica, now, random, log });
    const reads = openReads({ config, store, now, log });
    const lockout = createLockout({ config, store, now, random, log });
    const breakGlass = createBreakGlass({ config, store, trust, log });
    const survey = createSurvey({
      look: () => lookAround({ store, lockout, breakGlass, keys, config, now }),
      clock: () => now().getTime(),
      longestWaitMs: 2000,
      onFailure: (error) => log.warn({ err: error }, 'metrics cannot be looked up'),
    });
    const metrics = createMetrics();
    const measure = (): readonly Family[] => [...metrics.collect(), ...measureProcess(gate)];
    const memory = createServerMemory(config);
    const context: ServerContext = {
      config,
      store,
      replica,
      reads,
      failingStore: createFailingStore(log, clock),
      keys,
      akRevocations,
      trust,
      memory,
      walks: openWalks({ config, store, trust, memory, log, now }, options.walkApartFrom),
      whatIfSlots,
      protectionSlots,
      gate,
      lockout,
      breakGlass,
      events,
      metrics,
      measure: options.worker?.share(measure) ?? (() => Promise.resolve(measure())),
      auditTree: createAuditTree(store),
      survey,
      now,
      random,
      log,
    };
    await enterAuthority(opened, keys.authority, now());
    const checks = [...(await checkTrust(opened, config, now())), await checkStrayCertificates(opened, keys, now())];
    const service = { context, isDraining: () => draining };
    const contract = loadServedContract();
    const listening = await listen(createFastDoor(service, contract, createApp(service, contract)), config);
    await events.start();
    const refreshing = [
      startRefreshing(context),
      startAsking(context),
      startLooking(context),
      startTellingEnds(context),
      startTellingBreakGlassEnds(context),
      startSweeping(context),
    ];
    // Hosts are served meanwhile: a token that is away may take long to say so.
    const shortcomings = [...checks, ...(await checkAuthorities(keys))].filter(({ ok }) => !ok);
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
        await opened.releaseLeases(replica).catch(() => undefined);
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

/** The banner, line by line. */
export function announceStart(
  { url, config, shortcomings }: Pick<RunningServer, 'url' | 'shortcomings'> & { readonly config: ServerConfig },
  announce: (line: string) => void = toStandardError,
): void {
  const { serverId, workers } = config;
  const lines = [
    `touchstone ${serverId} listens on ${url}${workers > 1 ? `, with ${workers} workers` : ''}`,
    ...shortcomings.map(({ message, remedy }) => `  ! ${message}. ${remedy}`),
  ];
  lines.forEach((line) => announce(line));
}

function toStandardError(line: string): void {
  process.stderr.write(`${line}\n`);
}
