// How far a stage is, by what its hosts proved: computed from their verdicts when somebody asks, and remembered nowhere.
import { goldensOf, type Verdict } from '../../core/verdict/index.ts';
import type { HeldVerdict } from '../attestation/host-verdict.ts';
import { viewVerdict } from '../attestation/view-verdict.ts';
import type { ServerContext } from '../context.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import type { HostRecord, RolloutRecord, VerdictRecord } from '../storage/index.ts';
import { listObstacles, listResting } from './obstacles.ts';
import { groupRefusals, refusalOf, type Refusal, type RefusalGroup } from './refusals.ts';
import { isOpenTo } from './stages.ts';

export interface RolloutProgress {
  /** Active hosts that the golden measurements are in force for. */
  readonly hosts: number;
  /** Active hosts in each stage or one before it: what its `minimumHosts` can be reached with today. */
  readonly stageHosts: readonly number[];
  /** Of `hosts`, trusted now by a verdict that rests on every golden measurement of the rollout. */
  readonly proved: number;
  /** Of these, not trusted by their last verdict, for whatever reason. Ascending. */
  readonly refused: readonly string[];
  /** The same hosts, by that reason. */
  readonly refusedFor: readonly RefusalGroup[];
  /** When the stage has lasted long enough. */
  readonly dueAt: number;
  /** Why it takes no step; empty when it can. */
  readonly obstacles: readonly string[];
}

export async function readProgress(context: ServerContext, rollout: RolloutRecord): Promise<RolloutProgress> {
  const at = context.now();
  let [hosts, proved] = [0, 0];
  const stageHosts = rollout.stages.map(() => 0);
  const terms = { layers: await layersOf(context, rollout), stageOpenedAt: rollout.stageOpenedAt };
  const refused = new Map<string, Refusal>();
  for await (const { host, verdict } of readHosts(context)) {
    if (host.state !== 'active') continue;
    countStages(rollout, host, stageHosts);
    if (!isOpenTo(rollout, host)) continue;
    hosts += 1;
    // A verdict from before, by another rollout that was rolled back, says nothing of this one.
    const isOfThis = verdict !== undefined && verdict.issuedAt >= rollout.createdAt;
    if (isOfThis && isProved(rollout, await viewVerdict(context, host, verdict, at))) proved += 1;
    else if (isRefused(host, verdict)) refused.set(host.hostId, refusalOf(verdict, terms));
  }
  const isRunning = rollout.state === 'running';
  const minimumSeconds = isRunning ? (rollout.stages[rollout.stage]?.minimumSeconds ?? 0) : 0;
  const refusedFor = groupRefusals(refused);
  const counts = { hosts, proved, refusedFor, dueAt: rollout.stageOpenedAt + minimumSeconds * 1000 };
  const obstacles = isRunning ? await listObstacles(context, rollout, counts) : await listResting(context, rollout);
  return { ...counts, refused: [...refused.keys()], stageHosts, obstacles };
}

/** Of the golden measurements of the rollout, without those that are gone. */
async function layersOf(
  { store }: Pick<ServerContext, 'store'>,
  { goldens }: Pick<RolloutRecord, 'goldens'>,
): Promise<readonly string[]> {
  const records = await Promise.all(goldens.map((id) => store.findGolden(id)));
  return records.flatMap((record) => (record === undefined ? [] : [record.layer]));
}

/** A host of a stage is one of all stages after it. */
function countStages(rollout: RolloutRecord, host: HostRecord, stageHosts: number[]): void {
  stageHosts.forEach((count, stage) => {
    if (isOpenTo({ ...rollout, state: 'running', stage }, host)) stageHosts[stage] = count + 1;
  });
}

export function restsOn(verdict: Verdict, { goldens }: Pick<RolloutRecord, 'goldens'>): boolean {
  const rests = goldensOf(verdict);
  return verdict.status === 'affirming' && goldens.every((id) => rests.includes(id));
}

/** By its evidence alone: who is trusted by a hold or by break-glass proves nothing. */
function isProved(rollout: RolloutRecord, { verdict, reasons }: HeldVerdict): boolean {
  if (verdict === undefined || reasons.length > 0) return false;
  return restsOn(verdict, rollout);
}

function isRefused(host: HostRecord, record: VerdictRecord | undefined): record is VerdictRecord {
  if (record === undefined || record.voided !== undefined || record.epoch !== host.epoch) return false;
  return record.verdict.status !== 'affirming';
}
