// What a refused boot has to do with golden measurements that are not in force: it may be exactly what one of them described.
import { AttestationError } from '../../core/error.ts';
import type { Layer, ReplayedLog } from '../../core/event-log/index.ts';
import {
  compareNearness,
  isValidAt,
  matchLayer,
  matchRuntime,
  supposeApproved,
  supposeApprovedStatement,
  type ApprovedGolden,
} from '../../core/golden/index.ts';
import { parseImaList, verifyImaList, type VerifiedImaList } from '../../core/ima/index.ts';
import type { AttestedPcrs } from '../../core/tpm/index.ts';
import { readInPieces } from '../attestation/read-ima-ahead.ts';
import type { ServerContext } from '../context.ts';
import { proveBoot, provePcrs } from '../fleet/prove-boot.ts';
import { readEndedGoldens } from '../golden/brought-back.ts';
import { keptBack, nameEnders, outOfForceStates, standingOf, type GoldenStanding } from '../golden/standing.ts';
import { ownTurn } from '../own-turn.ts';
import { closedTo, goldensFor, keeperOf } from '../rollout/stages.ts';
import type { EvidenceRecord, GoldenRecord } from '../storage/index.ts';

export interface NearestGolden {
  readonly standing: GoldenStanding;
  /** The layer of this boot is exactly what it describes. */
  readonly isExact: boolean;
  /** Where it is not, what the difference probably was. */
  readonly explanation?: string;
}

interface Candidate {
  readonly golden: ApprovedGolden;
  readonly standing: GoldenStanding;
}

/** For each of the layers, the golden measurement out of force that the last boot of the host is; else the one it comes nearer to
 * than to any in force. Nothing is said of a boot that stored evidence does not prove. */
export async function findNearestGoldens(
  context: ServerContext,
  hostId: string,
  layers: ReadonlySet<string>,
): Promise<ReadonlyMap<string, NearestGolden>> {
  const found = new Map<string, NearestGolden>();
  if (layers.size === 0) return found;
  const host = await context.store.findHost(hostId);
  const evidence = await context.store.findEvidence(hostId);
  const boot = readBoot(evidence);
  if (host === undefined || boot === undefined) return found;
  const ima = layers.has('runtime') ? await readFiles(evidence?.imaLog, boot) : undefined;
  const trust = await context.trust.current();
  const at = context.now();
  const inForce = goldensFor(trust, host).filter(({ statement }) => isValidAt(statement, at));
  const approved = new Set(trust.goldens.map(({ id }) => id));
  const closed = closedTo(trust.rollouts, host);
  const candidates: Candidate[] = [];
  for await (const record of storedGoldens(context)) {
    if (!layers.has(record.layer)) continue;
    await ownTurn();
    const golden = attempt(() => supposeApproved(record.payload));
    if (golden === undefined) continue;
    const { rollouts } = trust;
    const terms = { rollouts, at, isApproved: approved.has(record.id), isClosed: closed.has(record.id) };
    const standing = standingOf(record, golden.statement, terms);
    if (standing !== undefined) candidates.push({ golden, standing });
  }
  const nearest = [...layers].flatMap((layer) => {
    const one = nearestOf(layer as Layer, { log: boot.log, ima }, { inForce, candidates });
    return one === undefined ? [] : [{ layer, ...one }];
  });
  for (const { layer, ...one } of await nameEnders(context.store, nearest)) found.set(layer, one);
  return found;
}

/** So many are held against a boot in one turn. */
const matchedAtOnce = 16;

/** For each of the layers, the golden measurement that was revoked, or that a rollout keeps from the host or took back, of which the last
 * boot of the host is exactly: what each refused attestation asks, so by what is kept in memory. Nothing of layer `runtime`. */
export async function findTakenBack(
  context: ServerContext,
  hostId: string,
  layers: ReadonlySet<string>,
): Promise<ReadonlyMap<string, GoldenStanding>> {
  const found = new Map<string, GoldenStanding>();
  const candidates = await readTakenBack(context, hostId, layers);
  if (candidates.length === 0) return found;
  const boot = readBoot(await context.store.findEvidence(hostId));
  if (boot === undefined) return found;
  for (const [index, { golden, standing }] of candidates.sort(byGravity).entries()) {
    if (index % matchedAtOnce === 0) await ownTurn();
    const { layer } = golden.statement;
    if (!found.has(layer) && matchLayer(layer, boot.log, [golden]).outcome === 'matched') found.set(layer, standing);
  }
  return found;
}

async function readTakenBack(
  context: ServerContext,
  hostId: string,
  layers: ReadonlySet<string>,
): Promise<Candidate[]> {
  const ended = (await readEndedGoldens(context, layers)).flatMap(({ statement, standing }) =>
    statement === undefined ? [] : [{ golden: supposeApprovedStatement(standing.id, statement), standing }],
  );
  const { goldens, rollouts } = await context.trust.current();
  const host = await context.store.findHost(hostId);
  const closed = host === undefined ? new Set<string>() : closedTo(rollouts, host);
  const staged = goldens.flatMap((golden) => {
    const keeper = closed.has(golden.id) ? keeperOf(rollouts, golden.id) : undefined;
    if (keeper?.state !== 'running' || !layers.has(golden.statement.layer)) return [];
    return [{ golden, standing: keptBack(golden.id, keeper) }];
  });
  return [...ended, ...staged];
}

interface ProvedBoot {
  readonly pcrs: AttestedPcrs;
  readonly log: ReplayedLog;
}

/** Without the files that ran after it, which may be a hundred thousand. */
function readBoot(evidence: EvidenceRecord | undefined): ProvedBoot | undefined {
  if (evidence?.eventLog === undefined) return undefined;
  const { eventLog, userspaceLog } = evidence;
  return attempt(() => {
    const pcrs = provePcrs(evidence);
    return { pcrs, log: proveBoot({ eventLog, userspaceLog }, pcrs) };
  });
}

async function readFiles(
  imaLog: Uint8Array | undefined,
  { pcrs, log }: ProvedBoot,
): Promise<VerifiedImaList | undefined> {
  if (imaLog === undefined) return undefined;
  await readInPieces(imaLog, { pcrs: pcrs.banks });
  const atKernelStart = log.userspace?.before;
  return attempt(() => verifyImaList({ list: parseImaList(imaLog), pcrs, atKernelStart }));
}

/** Undefined where it is not proved, or a stored row is damaged. */
function attempt<Result>(read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

async function* storedGoldens({ store }: ServerContext): AsyncGenerator<GoldenRecord> {
  const limit = 16;
  let after: string | undefined;
  for (;;) {
    const page = await store.listGoldens({ after, limit });
    yield* page;
    after = page.at(-1)?.id;
    if (page.length < limit) return;
  }
}

interface Boot {
  readonly log: ReplayedLog;
  /** Undefined where nothing is asked of it, or it is not proved. */
  readonly ima: VerifiedImaList | undefined;
}

interface Field {
  readonly inForce: readonly ApprovedGolden[];
  readonly candidates: readonly Candidate[];
}

function nearestOf(layer: Layer, { log, ima }: Boot, { inForce, candidates }: Field): NearestGolden | undefined {
  const own = candidates.filter(({ golden }) => golden.statement.layer === layer);
  const isExact = ({ golden }: Candidate): boolean =>
    layer === 'runtime'
      ? ima !== undefined && matchRuntime(ima, [...inForce, golden]).outcome === 'matched'
      : matchLayer(layer, log, [golden]).outcome === 'matched';
  const [exact] = own.filter(isExact).sort(byGravity);
  if (exact !== undefined) return { standing: exact.standing, isExact: true };
  if (layer === 'runtime') return undefined;
  return nearerThan(inForce, own, { layer, log });
}

/** The same boot may be known under several ids: what was revoked outweighs what merely ended. */
function byGravity({ standing: left }: Candidate, { standing: right }: Candidate): number {
  const gravity = outOfForceStates.indexOf(left.state) - outOfForceStates.indexOf(right.state);
  return gravity || (right.at ?? 0) - (left.at ?? 0) || (left.id < right.id ? -1 : 1);
}

function nearerThan(
  inForce: readonly ApprovedGolden[],
  own: readonly Candidate[],
  { layer, log }: { readonly layer: Layer; readonly log: ReplayedLog },
): NearestGolden | undefined {
  const goldens = own.map(({ golden }) => golden);
  const outside = matchLayer(layer, log, goldens);
  if (outside.outcome !== 'diverged') return undefined;
  const inside = matchLayer(layer, log, inForce);
  const rival = inside.outcome === 'diverged' ? inside.nearest : undefined;
  if (rival !== undefined && compareNearness(log, outside.nearest, rival) >= 0) return undefined;
  const standing = own.find(({ golden }) => golden.id === outside.nearest.id)?.standing;
  return standing && { standing, isExact: false, explanation: outside.divergence.explanation };
}
