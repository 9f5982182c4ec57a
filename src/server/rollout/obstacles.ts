// Why a rollout does not take its next step, in words for who waits for it. Empty: it can.
import { counted, nameSome } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import type { RolloutRecord } from '../storage/index.ts';
import type { RefusalGroup } from './refusals.ts';

interface StageCount {
  readonly hosts: number;
  readonly proved: number;
  readonly refusedFor: readonly RefusalGroup[];
  readonly dueAt: number;
}

/** What holds up the stage that is open: all of it, what no waiting will mend first. */
export async function listObstacles(
  context: ServerContext,
  rollout: RolloutRecord,
  { hosts, proved, refusedFor, dueAt }: StageCount,
): Promise<readonly string[]> {
  const needed = rollout.stages[rollout.stage]?.minimumHosts ?? Infinity;
  const obstacles = await listUnusable(context, rollout);
  if (hosts < needed) obstacles.push(tooFew(hosts, needed));
  if (refusedFor.length > 0) obstacles.push(describeRefused(refusedFor));
  if (hosts >= needed && proved < needed)
    obstacles.push(`trusted by it: ${proved} of the ${counted(needed, 'host')} that it needs`);
  if (context.now().getTime() < dueAt) obstacles.push(`it has to last until ${new Date(dueAt).toISOString()}`);
  return obstacles;
}

/** Whoever is away and would come back to a predecessor needs it too: a verdict that lapsed still counts. */
export async function listResting(
  { store }: ServerContext,
  { predecessors }: Pick<RolloutRecord, 'predecessors'>,
): Promise<readonly string[]> {
  const counts = await Promise.all(predecessors.map(async (id) => ({ id, resting: await store.countResting(id) })));
  return counts.flatMap(({ id, resting }) =>
    resting > 0 ? [`${counted(resting, 'host')} still ${resting === 1 ? 'rests' : 'rest'} on ${id}`] : [],
  );
}

/** Golden measurements that no host can rest on, whatever it boots. */
async function listUnusable({ store }: ServerContext, { goldens }: RolloutRecord): Promise<string[]> {
  const records = await Promise.all(goldens.map(async (id) => ({ id, state: (await store.findGolden(id))?.state })));
  return records.flatMap(({ id, state }) => {
    if (state === 'active') return [];
    return [state === 'proposed' ? `${id} lacks signatures of operators` : `${id} is ${state ?? 'gone'}: roll back`];
  });
}

/** A host that is refused for something else holds the stage up too: what it would do with the rollout nobody has seen. */
function describeRefused(groups: readonly RefusalGroup[]): string {
  const own = groups.filter(({ isOfRollout }) => isOfRollout);
  const others = groups.filter(({ isOfRollout }) => !isOfRollout);
  const all = counted(countOf(groups), 'host');
  const parts = [
    ...own.map(describeOwn),
    ...(others.length === 0 ? [] : [`${countOf(others)} for something else (${nameCodes(others)})`]),
  ];
  return `refused: ${all} of the opened stages, ${parts.join(', ')}`;
}

function describeOwn({ hosts, layer = '', code, isBefore }: RefusalGroup): string {
  const when = isBefore ? ', by verdicts from before the stage was opened' : '';
  return `${hosts.length} in layer ${layer}, which it brings (${code}${when})`;
}

function countOf(groups: readonly RefusalGroup[]): number {
  return groups.reduce((sum, { hosts }) => sum + hosts.length, 0);
}

const namedCodes = 4;

function nameCodes(groups: readonly RefusalGroup[]): string {
  const codes = new Set(groups.map(({ code }) => code));
  return nameSome([...codes], namedCodes);
}

function tooFew(hosts: number, needed: number): string {
  return (
    `it needs ${counted(needed, 'host')} and has ${hosts} in the opened stages, so that it never advances: label more hosts, ` +
    'or roll back and start again with a smaller minimumHosts'
  );
}
