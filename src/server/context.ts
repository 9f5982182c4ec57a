// What the composition root hands to the rooms. No room opens anything by itself.
import type { AkRevocations } from './attestation/ak-revocations.ts';
import type { EnrolmentPace } from './attestation/enrolment-pace.ts';
import type { AuditTree } from './audit/audit-tree.ts';
import type { BreakGlassGrants } from './break-glass/grants.ts';
import type { ServerConfig } from './config/config.ts';
import type { Events } from './events/deliveries.ts';
import type { FleetWalks } from './fleet/walks.ts';
import type { TrustCache } from './golden/trust-cache.ts';
import type { RandomSource } from './keys/random.ts';
import type { Lockout } from './lockout/lockout.ts';
import type { AnswerRoom } from './load/answer-room.ts';
import type { BodyRooms } from './load/body-room.ts';
import type { FairQueue } from './load/fair-queue.ts';
import type { LoadGate } from './load/load-gate.ts';
import type { ServerMemory } from './memory.ts';
import type { ServerKeys } from './keys/server-keys.ts';
import type { FailingStore } from './outage/failing-store.ts';
import type { TrustReads } from './outage/trust-reads.ts';
import type { WriteWatch } from './outage/write-watch.ts';
import type { Store } from './storage/index.ts';
import type { Slots } from './load/slots.ts';
import type { Family } from './telemetry/exposition.ts';
import type { ServerLog } from './telemetry/log.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { Survey } from './telemetry/survey.ts';

export interface ServerContext {
  readonly config: ServerConfig;
  readonly store: Store;
  /** Names this server among those that share the store, from its start to its end. */
  readonly replica: string;
  /** What admission rests on: for a bounded time from memory, when the database is away. */
  readonly reads: TrustReads;
  /** Tells the log once when the store fails. */
  readonly failingStore: FailingStore;
  /** Whether the store takes what is written. */
  readonly writes: WriteWatch;
  readonly keys: ServerKeys;
  readonly akRevocations: AkRevocations;
  /** How often each TPM may be bound. */
  readonly enrolmentPace: EnrolmentPace;
  /** Goldens, signers and policies in force. */
  readonly trust: TrustCache;
  readonly memory: ServerMemory;
  /** Looks at the whole fleet. */
  readonly walks: FleetWalks;
  /** Questions about the whole fleet that may run at once. */
  readonly whatIfSlots: Slots;
  /** Looks at protected hosts before a change: short ones, so whoever asks waits for a turn. */
  readonly protectionSlots: Slots;
  /** Evidence bundles: each may hold a hundred megabytes while it is made, and takes its turns among those that verify evidence. */
  readonly bundleQueue: FairQueue;
  /** What hosts may do at once. */
  readonly gate: LoadGate;
  /** Where bodies are kept that are still coming. */
  readonly bodies: BodyRooms;
  /** Where answers are kept that nobody has taken yet. */
  readonly answers: AnswerRoom;
  /** Holds what was believed of hosts when too many lose trust at once. */
  readonly lockout: Lockout;
  /** What operators signed for hosts that no golden measurement accepts. */
  readonly breakGlass: BreakGlassGrants;
  /** Who is told of what happens. */
  readonly events: Events;
  /** What is counted and measured of this process. */
  readonly metrics: Metrics;
  /** What was counted, and how busy it is, of every process behind the socket. */
  readonly measure: () => Promise<readonly Family[]>;
  /** What is looked up for whoever asks for metrics. */
  readonly survey: Survey;
  /** Proves that entries are in the audit log. */
  readonly auditTree: AuditTree;
  readonly now: () => Date;
  readonly random: RandomSource;
  readonly log: ServerLog;
}
