// How far a stage is, by what its hosts proved: computed from their verdicts when somebody asks, and remembered nowhere.
import type { Verdict } from '../../core/verdict/index.ts';
import { holdVerdict } from '../attestation/host-verdict.ts';
import type { ServerContext } from '../context.ts';
import { readHosts } from '../fleet/walk-fleet.ts';
import type { HostRecord, RolloutRecord, VerdictRecord } from '../storage/index.ts';
import { isOpenTo } from './stages.ts';

export interface RolloutProgress {
  /** Active hosts that the golden measurements are in force for. */
  readonly hosts: number;
  /** Of these, trusted now by a verdict that rests on every golden measurement of the rollout. */
  readonly proved: number;
  /** Of these, not trusted by their last verdict, for whatever reason. Ascending. */
  readonly refused: readonly string[];
  /** When the stage has lasted long enough. */
  readonly dueAt: number;
  /** Why it cannot widen; undefined when it can. */
  readonly obstacle: string | undefined;
}

export async function readProgress(context: ServerContext, rollout: RolloutRecord): Promise<RolloutProgress> {
  const at = context.now();
  let [hosts, proved] = [0, 0];
  const refused: string[] = [];
  for await (const { host, verdict } of readHosts(context)) {
    if (host.state !== 'active' || !isOpenTo(rollout, host)) continue;
    hosts += 1;
    if (isProved(rollout, host, verdict, at)) proved += 1;
    else if (isRefused(host, verdict)) refused.push(host.hostId);
  }
  const { minimumHosts, minimumSeconds } = rollout.stages[rollout.stage] ?? {
    minimumHosts: Infinity,
    minimumSeconds: 0,
  };
  const dueAt = rollout.stageOpenedAt + minimumSeconds * 1000;
  const obstacles = [
    refused.length > 0 ? `${refused.length} of its hosts are refused` : undefined,
    proved < minimumHosts ? `${proved} of the ${minimumHosts} hosts it needs are trusted by it` : undefined,
    at.getTime() < dueAt ? `it has to last until ${new Date(dueAt).toISOString()}` : undefined,
  ];
  return { hosts, proved, refused, dueAt, obstacle: obstacles.find((each) => each !== undefined) };
}

export function restsOn(verdict: Verdict, { goldens }: Pick<RolloutRecord, 'goldens'>): boolean {
  const rests = [...Object.values(verdict.layers), ...(verdict.furtherGoldens ?? [])];
  return verdict.status === 'affirming' && goldens.every((id) => rests.includes(id));
}

function isProved(rollout: RolloutRecord, host: HostRecord, record: VerdictRecord | undefined, at: Date): boolean {
  if (record === undefined || holdVerdict(host, record, at).reasons.length > 0) return false;
  return restsOn(record.verdict, rollout);
}

function isRefused(host: HostRecord, record: VerdictRecord | undefined): boolean {
  if (record === undefined || record.voided !== undefined || record.epoch !== host.epoch) return false;
  return record.verdict.status !== 'affirming';
}
