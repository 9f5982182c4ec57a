// `GET /v1/hosts/outliers`: hosts that measured what no or few other hosts did. Read from stored evidence, proved again;
// nothing is remembered between two questions.
import { AttestationError } from '../../core/error.ts';
import { readBootClass } from '../../core/appraisal/index.ts';
import { verifyAttestationKey } from '../../core/tpm/index.ts';
import { readClaimedPcrs } from '../attestation/claimed-pcrs.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { FleetRecord, Labels, StandingEvidence } from '../storage/index.ts';
import { findLogs } from './find-logs.ts';
import { createMeasurementCounts, type MeasuredBoot, type MeasurementCounts } from './measurement-counts.ts';
import { readMeasurements, type Measurement } from './measurements.ts';
import { carriesLabels, createPause, isUnreadable, readFleet } from './walk-fleet.ts';

export interface OutlierQuestion {
  /** A measurement counts as rare when at most so many hosts have it. */
  readonly atMost: number;
  /** Only hosts that carry all of these labels are looked at, and compared with each other. */
  readonly labels: Labels;
  readonly after: string | undefined;
  readonly limit: number;
}

export interface RareMeasurement {
  readonly measurement: Measurement;
  readonly seenOn: number;
}

export interface Outlier {
  readonly host: string;
  /** The rarest first. */
  readonly measurements: readonly RareMeasurement[];
}

/** A host that could not be compared, and why. */
export interface UnreadHost {
  readonly host: string;
  readonly code: string;
}

export interface Outliers {
  /** Hosts that were compared. */
  readonly hosts: number;
  readonly items: readonly Outlier[];
  readonly next: string | undefined;
  readonly unread: readonly UnreadHost[];
}

/** @throws ServerError WHAT_IF_BUSY */
export async function findOutliers(context: ServerContext, question: OutlierQuestion): Promise<Outliers> {
  const release = context.whatIfSlots.take();
  if (release === undefined) throw new ServerError('WHAT_IF_BUSY', undefined, { headers: { 'retry-after': '5' } });
  try {
    const { counts, boots, unread } = await countFleet(context, question.labels);
    const { atMost, after = '', limit } = question;
    const rare = [...boots].filter(([host, boot]) => host > after && counts.leastOf(boot) <= atMost);
    const pause = createPause();
    const items: Outlier[] = [];
    for (const [host] of rare.slice(0, limit)) {
      const measurements = await readRare(context, host, (key) => counts.seenOn(key), atMost);
      if (measurements.length > 0) items.push({ host, measurements });
      await pause();
    }
    return { hosts: boots.size, items, next: rare.length > limit ? rare[limit - 1]?.[0] : undefined, unread };
  } finally {
    release();
  }
}

interface CountedFleet {
  readonly counts: MeasurementCounts;
  /** By host, in the order of their ids. Hosts that booted alike share one. */
  readonly boots: ReadonlyMap<string, MeasuredBoot>;
  readonly unread: readonly UnreadHost[];
}

async function countFleet(context: ServerContext, labels: Labels): Promise<CountedFleet> {
  const counts = createMeasurementCounts();
  const known = new Map<string, MeasuredBoot>();
  const boots = new Map<string, MeasuredBoot>();
  const unread: UnreadHost[] = [];
  const pause = createPause();
  for await (const record of readFleet(context)) {
    await pause();
    if (isUnreadable(record)) unread.push({ host: record.unreadable, code: 'HOST_UNREADABLE' });
    if (isUnreadable(record) || !carriesLabels(record, labels)) continue;
    const { hostId } = record.host;
    const boot = await readBoot(context, record, { counts, known });
    if (typeof boot === 'string') {
      unread.push({ host: hostId, code: boot });
      continue;
    }
    counts.count(boot);
    boots.set(hostId, boot);
  }
  return { counts, boots, unread };
}

/** The measurements of a host by number, or the code of why there are none. */
async function readBoot(
  context: ServerContext,
  { host, evidence }: FleetRecord,
  { counts, known }: { readonly counts: MeasurementCounts; readonly known: Map<string, MeasuredBoot> },
): Promise<MeasuredBoot | string> {
  if (evidence === undefined) return 'HOST_EVIDENCE_NONE';
  try {
    const bootClass = classOf(host.hostId, evidence);
    const shared = bootClass === undefined ? undefined : known.get(bootClass);
    if (shared !== undefined) return shared;
    const logs = await findLogs(context, [evidence.eventLog, evidence.userspaceLog]);
    const measurements = logs
      ? readMeasurements({ ...evidence, eventLog: logs[0], userspaceLog: logs[1] })
      : await readOf(context, host.hostId);
    const boot = counts.number(measurements);
    if (boot === undefined) return 'HOST_MEASUREMENTS_TOO_MANY';
    if (bootClass !== undefined && logs !== undefined) known.set(bootClass, boot);
    return boot;
  } catch (error) {
    if (error instanceof AttestationError) return error.code;
    context.log.error({ err: error, host: host.hostId }, 'the measurements of a host could not be read');
    return 'SERVER_INTERNAL';
  }
}

/** Hosts of one class quoted the same registers over the same logs: they measured the same. */
function classOf(hostId: string, evidence: StandingEvidence): string | undefined {
  const { qualifyingData, akPublic } = evidence;
  const host = { id: hostId, attestationKey: verifyAttestationKey(akPublic) };
  const named = { ...evidence, pcrs: readClaimedPcrs(evidence.pcrs) };
  return readBootClass(named, { host, endorsement: 'verified', qualifyingData });
}

async function readOf({ store }: ServerContext, hostId: string): Promise<readonly Measurement[]> {
  const evidence = await store.findEvidence(hostId);
  return evidence === undefined ? [] : readMeasurements(evidence);
}

/** Read again, because the words are not kept while counting. What the host sent meanwhile was not counted and is left out. */
async function readRare(
  context: ServerContext,
  hostId: string,
  seenOn: (key: string) => number,
  atMost: number,
): Promise<readonly RareMeasurement[]> {
  try {
    return (await readOf(context, hostId))
      .map((measurement) => ({ measurement, seenOn: seenOn(measurement.key) }))
      .filter((each) => each.seenOn > 0 && each.seenOn <= atMost)
      .sort((left, right) => left.seenOn - right.seenOn);
  } catch (error) {
    if (error instanceof AttestationError) return [];
    throw error;
  }
}
