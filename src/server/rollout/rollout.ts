// A golden measurement goes to a few hosts first, to more when those are trusted by it, and at last to all; then its predecessor
// is retired once no host rests on it. One call takes it back.
import { MalformedError } from '../../core/error.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import { parseGoldenStatement } from '../../core/golden/index.ts';
import type { Verdict } from '../../core/verdict/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { findGolden } from '../golden/approve.ts';
import type { Steps } from '../fleet/progress.ts';
import type { AuditDraft, GoldenRecord, RolloutRecord, RolloutStage, Store, Weighed } from '../storage/index.ts';
import { emptyDraft } from '../what-if/draft.ts';
import { countFlips } from '../what-if/gate.ts';
import { listResting } from './obstacles.ts';
import { readProgress, restsOn } from './progress.ts';
import { keeperOf } from './stages.ts';

export interface RolloutRequest {
  readonly name: string;
  readonly goldens: readonly string[];
  /** Those that the golden measurements say they supersede, unless told. */
  readonly predecessors: readonly string[] | undefined;
  readonly stages: readonly RolloutStage[];
  readonly advance: RolloutRecord['advance'];
}

/** @throws ServerError GOLDEN_MEASUREMENT_NOT_FOUND, ROLLOUT_NAME_TAKEN, ROLLOUT_GOLDEN_UNSUITABLE */
export async function startRollout(
  context: ServerContext,
  request: RolloutRequest,
  actor: string,
): Promise<RolloutRecord> {
  const { name, goldens, stages, advance } = request;
  const superseded = await checkGoldens(context, goldens);
  const predecessors = request.predecessors ?? superseded;
  for (const id of predecessors) {
    await findGolden(context, id);
    if (goldens.includes(id)) throw unsuitable(`${id} would be its own predecessor`);
  }
  const now = context.now().getTime();
  const opening = { state: 'running', stage: 0, stageOpenedAt: now, createdAt: now } as const;
  const ends = { endedAt: undefined, endReason: undefined };
  const rollout = { name, goldens, predecessors, stages, advance, ...opening, ...ends };
  const details = { goldens, predecessors, stages: JSON.stringify(stages), advance };
  const draft = { at: now, actor, action: 'rollout.started', subject: name, details };
  const outcome = await context.store.openRollout(rollout, draft);
  if (outcome === 'name-taken') throw new ServerError('ROLLOUT_NAME_TAKEN');
  if (outcome === 'golden-taken') throw unsuitable('another rollout of one of them is under way');
  return rollout;
}

/** Each is one that no host rests on yet, and one of its layer. Returns what they supersede. */
async function checkGoldens(context: ServerContext, ids: readonly string[]): Promise<readonly string[]> {
  const layers = new Set<string>();
  const superseded = new Set<string>();
  const rollouts = await context.store.listRollouts();
  for (const id of ids) {
    const { layer, state, payload } = await findGolden(context, id);
    if (state === 'retired' || state === 'revoked') throw unsuitable(`${id} was ${state}`);
    if (layers.has(layer)) throw unsuitable(`two are of layer ${layer}: no host could rest on both`);
    // What was rolled back is in force for nobody: whose verdict holds a while yet loses nothing by another rollout.
    const isTaken = keeperOf(rollouts, id)?.state === 'rolled-back';
    const resting = isTaken ? 0 : await context.store.countResting(id);
    if (resting > 0)
      throw unsuitable(`${counted(resting, 'host')} ${resting === 1 ? 'rests' : 'rest'} on ${id} already`);
    layers.add(layer);
    const predecessor = supersedesOf(payload);
    if (predecessor !== undefined) superseded.add(predecessor);
  }
  const stored = await Promise.all([...superseded].map((id) => context.store.findGolden(id)));
  return stored.flatMap((golden) => (golden === undefined ? [] : [golden.id]));
}

function supersedesOf(payload: Uint8Array): string | undefined {
  try {
    return parseGoldenStatement(payload).supersedes;
  } catch (error) {
    if (error instanceof MalformedError) throw unsuitable('the stored statement cannot be read');
    throw error;
  }
}

function unsuitable(detail: string): ServerError {
  return new ServerError('ROLLOUT_GOLDEN_UNSUITABLE', detail);
}

/** @throws ServerError ROLLOUT_NOT_FOUND */
export async function findRollout({ store }: ServerContext, name: string): Promise<RolloutRecord> {
  const rollout = await store.findRollout(name);
  if (rollout === undefined) throw new ServerError('ROLLOUT_NOT_FOUND', `no rollout ${name}`);
  return rollout;
}

/** A step of it may be left to take. */
export function isUnderWay({ state }: Pick<RolloutRecord, 'state'>): boolean {
  return state === 'running' || state === 'widened';
}

export interface RolloutMove {
  readonly name: string;
  readonly actor: string;
  /** As many hosts may gain or lose trust by it. */
  readonly maxFlips?: number | undefined;
}

/** One step: the next stage, all hosts after the last one, and the end of the predecessors after that. Says how far it is where hosts are
 * counted.
 * @throws ServerError ROLLOUT_NOT_FOUND, ROLLOUT_NOT_READY, ROLLOUT_ENDED, REQUEST_CONFLICT, CHANGE_FLIPS_TOO_MANY */
export async function* advanceRollout(
  context: ServerContext,
  { name, actor, maxFlips }: RolloutMove,
): Steps<RolloutRecord> {
  const rollout = await findRollout(context, name);
  const planned = await planStep(context, rollout);
  const { to, retired } = planned;
  const revision = yield* countFlips(
    context,
    { ...emptyDraft, rollouts: [to], retire: retired.map(({ id }) => id) },
    maxFlips,
  );
  return takeStep(context, rollout, planned, { actor, revision });
}

interface PlannedStep {
  readonly to: RolloutRecord;
  readonly entry: Pick<AuditDraft, 'action' | 'details'>;
  /** Predecessors that end with it. */
  readonly retired: readonly Pick<GoldenRecord, 'id' | 'layer'>[];
}

async function planStep(context: ServerContext, rollout: RolloutRecord): Promise<PlannedStep> {
  const { name } = rollout;
  if (rollout.state === 'widened') return planCompletion(context, rollout);
  if (rollout.state !== 'running') throw new ServerError('ROLLOUT_ENDED', `${name} is ${rollout.state}`);
  const { obstacles, proved, hosts } = await readProgress(context, rollout);
  requireNone(obstacles);
  const isLast = rollout.stage + 1 >= rollout.stages.length;
  const next = isLast ? { state: 'widened' as const } : { stage: rollout.stage + 1 };
  const to = { ...rollout, ...next };
  const entry = {
    action: isLast ? 'rollout.widened' : 'rollout.advanced',
    details: { stage: to.stage, proved, hosts },
  };
  return { to, entry, retired: [] };
}

/** The predecessors are retired, once nobody rests on them. */
async function planCompletion(context: ServerContext, rollout: RolloutRecord): Promise<PlannedStep> {
  const { predecessors } = rollout;
  requireNone(await listResting(context, rollout));
  const retired: Pick<GoldenRecord, 'id' | 'layer'>[] = [];
  for (const id of predecessors) {
    const { state, layer } = await findGolden(context, id);
    if (state !== 'retired' && state !== 'revoked') retired.push({ id, layer });
  }
  const entry = { action: 'rollout.completed', details: { retired: predecessors } };
  return { to: { ...rollout, state: 'completed' }, entry, retired };
}

/** The predecessors end with the step or not at all: whoever pauses the rollout or takes it back a moment before keeps them. */
async function takeStep(
  context: ServerContext,
  rollout: RolloutRecord,
  { to: planned, entry, retired }: PlannedStep,
  { actor, revision }: Weighed & { readonly actor: string },
): Promise<RolloutRecord> {
  const at = context.now().getTime();
  const reason = `no host needs it after rollout ${rollout.name}`;
  const audits = retired.map(({ id, layer }): AuditDraft => {
    return { at, actor, action: 'golden.retired', subject: id, details: { layer, reason, cve: null } };
  });
  const to = { ...planned, ...(planned.state === 'completed' ? { endedAt: at } : { stageOpenedAt: at }) };
  await move(context, rollout, to, { ...entry, actor, revision, retired: { reason, audits } });
  return to;
}

function requireNone(obstacles: readonly string[]): void {
  if (obstacles.length > 0) throw new ServerError('ROLLOUT_NOT_READY', obstacles.join('; '));
}

/** From now on the golden measurements match no host. Verdicts that rest on them run out at their own expiry.
 * Says how far it is where hosts are counted.
 * @throws ServerError ROLLOUT_NOT_FOUND, ROLLOUT_ENDED, REQUEST_CONFLICT, CHANGE_FLIPS_TOO_MANY */
export async function* rollBack(
  context: ServerContext,
  { name, reason, actor, maxFlips }: RolloutMove & { readonly reason: string },
): Steps<RolloutRecord> {
  const rollout = await findRollout(context, name);
  if (!isUnderWay(rollout)) throw new ServerError('ROLLOUT_ENDED', `${name} is ${rollout.state}`);
  const endReason = printable(reason, 1024);
  const back = { ...rollout, state: 'rolled-back' as const, endReason };
  const revision = yield* countFlips(context, { ...emptyDraft, retire: rollout.goldens }, maxFlips);
  const to = { ...back, endedAt: context.now().getTime() };
  const details = { reason: endReason, goldens: rollout.goldens };
  await move(context, rollout, to, { actor, action: 'rollout.rolled-back', details, revision });
  return to;
}

export interface ModeRequest {
  readonly name: string;
  readonly advance: RolloutRecord['advance'];
  readonly reason: string;
  readonly actor: string;
}

/** Who takes the next steps from now on: operators alone, or the server too. What hosts have of it stays as it is. No step that the
 * server began before comes after it.
 * @throws ServerError ROLLOUT_NOT_FOUND, ROLLOUT_ENDED, REQUEST_CONFLICT */
export async function setAdvance(
  context: ServerContext,
  { name, advance, reason, actor }: ModeRequest,
): Promise<RolloutRecord> {
  const rollout = await findRollout(context, name);
  if (!isUnderWay(rollout)) throw new ServerError('ROLLOUT_ENDED', `${name} is ${rollout.state}`);
  if (rollout.advance === advance) return rollout;
  const to = { ...rollout, advance };
  const action = advance === 'operator' ? 'rollout.paused' : 'rollout.resumed';
  await move(context, rollout, to, {
    actor,
    action,
    details: { reason: printable(reason, 1024) },
    revision: undefined,
  });
  return to;
}

async function move(
  { store, now }: ServerContext,
  from: RolloutRecord,
  to: RolloutRecord,
  {
    revision,
    retired,
    ...entry
  }: Pick<Parameters<Store['moveRollout']>[2], 'revision' | 'retired'> &
    Pick<AuditDraft, 'actor' | 'action' | 'details'>,
): Promise<void> {
  const audit = { ...entry, at: now().getTime(), subject: from.name };
  const isMoved = await store.moveRollout(from, to, { revision, audit, retired });
  if (!isMoved) throw new ServerError('REQUEST_CONFLICT');
}

/** Between two looks of the server itself at one rollout. */
const checkIntervalMs = 30_000;

/** After an attestation: takes the step that its evidence may have made possible, where operators said `auto`. What fails
 * here is no failure of the host. */
export async function advanceByEvidence(
  context: ServerContext,
  rollouts: readonly RolloutRecord[],
  verdict: Verdict,
): Promise<void> {
  const now = context.now().getTime();
  for (const rollout of rollouts) {
    const { name, state, stage, stages, stageOpenedAt, advance } = rollout;
    const minimum = state === 'running' ? (stages[stage]?.minimumSeconds ?? Infinity) : 0;
    if (
      advance !== 'auto' ||
      !isUnderWay(rollout) ||
      now < stageOpenedAt + minimum * 1000 ||
      !restsOn(verdict, rollout)
    )
      continue;
    try {
      if (!(await context.store.claimRolloutCheck(name, now, checkIntervalMs))) continue;
      // What the attestation was appraised by may be older than a pause.
      const fresh = await findRollout(context, name);
      if (fresh.advance !== 'auto') continue;
      const actor = `rollout ${name}`;
      await takeStep(context, fresh, await planStep(context, fresh), { actor, revision: undefined });
    } catch (error) {
      if (error instanceof ServerError && error.code === 'ROLLOUT_NOT_READY') continue;
      context.log.error({ err: error, rollout: name }, 'a rollout could not advance by itself');
    }
  }
}
