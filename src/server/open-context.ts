// What every server is made of, whatever it answers: the rooms over one store, handed to each other. Nothing runs by itself yet.
import { encodeBase64url } from '../core/encoding/index.ts';
import { createAkRevocations } from './attestation/ak-revocations.ts';
import { createEnrolmentPace } from './attestation/enrolment-pace.ts';
import { createAuditTree } from './audit/audit-tree.ts';
import { createBreakGlass } from './break-glass/grants.ts';
import { createClock } from './clock.ts';
import type { ServerConfig } from './config/config.ts';
import type { ServerContext } from './context.ts';
import { createEvents } from './events/deliveries.ts';
import { openWalks } from './fleet/walks.ts';
import { createTrustCache } from './golden/trust-cache.ts';
import { systemRandom } from './keys/random.ts';
import type { ServerKeys } from './keys/server-keys.ts';
import { createLockout } from './lockout/lockout.ts';
import { createAnswerRoom } from './load/answer-room.ts';
import { createBodyRooms } from './load/body-room.ts';
import { createLoadGate } from './load/load-gate.ts';
import { createUtilisation } from './load/utilisation.ts';
import type { StartOptions } from './start-options.ts';
import { createServerMemory } from './memory.ts';
import { inOwnTurn, isQuestioned } from './own-turn.ts';
import { createFailingStore } from './outage/failing-store.ts';
import { openReads } from './outage/open-reads.ts';
import { createWriteWatch } from './outage/write-watch.ts';
import type { Store } from './storage/index.ts';
import type { ProcessLog, ServerLog } from './telemetry/log.ts';
import type { Family } from './telemetry/exposition.ts';
import { createMetrics } from './telemetry/metrics.ts';
import { measureProcess } from './telemetry/process-gauges.ts';
import { lookAround } from './telemetry/scrape.ts';
import { createSurvey } from './telemetry/survey.ts';
import { createFairQueue } from './load/fair-queue.ts';
import { createSlots } from './load/slots.ts';

/** Says in the log when somebody set the machine's clock back. */
export function startClock(log: Pick<ServerLog, 'warn'>): () => Date {
  const onBack = (ms: number) =>
    log.warn({ event: 'clock.set-back', ms }, 'the clock was set back; verdicts lapse as before');
  return createClock(onBack);
}

interface ContextParts {
  readonly config: ServerConfig;
  readonly store: Store;
  readonly keys: ServerKeys;
  readonly now: () => Date;
  readonly log: ProcessLog;
}

/** @throws ServerError DATA_DIRECTORY_INCOMPLETE when a file that the configuration names is missing */
export async function openContext(
  { config, store, keys, now, log }: ContextParts,
  options: Pick<StartOptions, 'random' | 'walkApartFrom' | 'worker'>,
): Promise<ServerContext> {
  const trust = createTrustCache({ store, quorum: config.goldenQuorum, log });
  const clock = (): number => performance.now();
  const gate = createLoadGate({
    places: config.limits.hostRequests,
    begunMs: Math.min(config.attestation.challengeSeconds, config.enrolment.activationSeconds) * 1000,
    clock,
    utilisation: createUtilisation(clock),
    later: inOwnTurn,
    isQuestioned,
  });
  const random = options.random ?? systemRandom;
  const [whatIfSlots, protectionSlots] = [createSlots(1), createSlots(1)];
  const bundleQueue = createFairQueue(createSlots(2), 30);
  const akRevocations = createAkRevocations({ store, config, now });
  const replica = encodeBase64url(systemRandom(12));
  const events = await createEvents({ config, keys, store, replica, now, random, log });
  const reads = openReads({ config, store, now, log });
  const lockout = createLockout({ config, store, now, random, log });
  const memory = createServerMemory(config);
  const breakGlass = createBreakGlass({ config, store, trust, memory, log });
  const survey = createSurvey({
    look: () => lookAround({ store, trust, lockout, breakGlass, keys, config, now }),
    clock: () => now().getTime(),
    longestWaitMs: 2000,
    onFailure: (error) => log.warn({ err: error }, 'metrics cannot be looked up'),
  });
  const metrics = createMetrics();
  const measure = (): readonly Family[] => [...metrics.collect(), ...measureProcess(gate, log)];
  return {
    config,
    store,
    replica,
    reads,
    failingStore: createFailingStore(log, clock),
    writes: createWriteWatch({ log, now, heedRequestsMs: config.storage === 'sqlite' ? undefined : 60_000 }),
    keys,
    akRevocations,
    enrolmentPace: createEnrolmentPace(config.enrolment.mostInAnHour),
    trust,
    memory,
    walks: openWalks({ config, store, trust, memory, log, now }, options.walkApartFrom),
    whatIfSlots,
    protectionSlots,
    bundleQueue,
    gate,
    bodies: createBodyRooms(config.limits.bodyBytes),
    answers: createAnswerRoom(),
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
}
