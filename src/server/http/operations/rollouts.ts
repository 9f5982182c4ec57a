// rollouts: golden measurements that reach a few hosts first.
import { isoTime } from '../../../core/encoding/index.ts';
import type { Layer } from '../../../core/event-log/index.ts';
import type { components } from '../../../api/index.ts';
import type { ServerContext } from '../../context.ts';
import { readProgress, type RolloutProgress } from '../../rollout/progress.ts';
import { advanceRollout, findRollout, isUnderWay, rollBack, setAdvance, startRollout } from '../../rollout/rollout.ts';
import type { RolloutRecord } from '../../storage/index.ts';
import type { Handlers } from '../handler.ts';
import { present } from '../wire/present.ts';
import { answerSteps } from './lines.ts';
import { namedHosts } from './named-hosts.ts';

type Schemas = components['schemas'];
type RolloutOperations = Pick<
  Handlers,
  | 'listRollouts'
  | 'getRollout'
  | 'startRollout'
  | 'advanceRollout'
  | 'pauseRollout'
  | 'resumeRollout'
  | 'rollBackRollout'
>;

export const rolloutOperations: RolloutOperations = {
  listRollouts: async (_, { store }) => {
    const items = (await store.listRollouts()).map((rollout) => wireRollout(rollout));
    return { status: 200, body: { items } };
  },
  getRollout: async ({ path }, context) => ({
    status: 200,
    body: await describe(context, await findRollout(context, path.rolloutName)),
  }),
  startRollout: async ({ body, principal }, context) => {
    const { name, goldens, predecessors, advance = 'operator' } = body;
    const stages = body.stages.map(({ minimumSeconds = 0, ...stage }) => ({ ...stage, minimumSeconds }));
    const request = { name, goldens, predecessors, stages, advance };
    return { status: 201, body: await describe(context, await startRollout(context, request, principal.actor)) };
  },
  advanceRollout: async ({ path, query, principal, accept }, context) => {
    const move = { name: path.rolloutName, actor: principal.actor, maxFlips: query.maxFlips };
    return answerSteps(advanceRollout(context, move), { accept, wire: (rollout) => describe(context, rollout) });
  },
  pauseRollout: async ({ path, body, principal }, context) => {
    const request = {
      name: path.rolloutName,
      advance: 'operator',
      reason: body.reason,
      actor: principal.actor,
    } as const;
    return { status: 200, body: await describe(context, await setAdvance(context, request)) };
  },
  resumeRollout: async ({ path, body, principal }, context) => {
    const request = { name: path.rolloutName, advance: 'auto', reason: body.reason, actor: principal.actor } as const;
    return { status: 200, body: await describe(context, await setAdvance(context, request)) };
  },
  rollBackRollout: async ({ path, query, body, principal, accept }, context) => {
    const { reason } = body;
    const move = { name: path.rolloutName, reason, actor: principal.actor, maxFlips: query.maxFlips };
    return answerSteps(rollBack(context, move), { accept, wire: (rollout) => wireRollout(rollout) });
  },
};

/** With its progress, while it has any. */
async function describe(context: ServerContext, rollout: RolloutRecord): Promise<Schemas['Rollout']> {
  return wireRollout(rollout, isUnderWay(rollout) ? await readProgress(context, rollout) : undefined);
}

function wireRollout(rollout: RolloutRecord, progress?: RolloutProgress): Schemas['Rollout'] {
  const { name, state, advance, goldens, predecessors, stages, stage, stageOpenedAt, createdAt } = rollout;
  return {
    ...{ name, state, advance, goldens: [...goldens], predecessors: [...predecessors], stage },
    stages: stages.map(({ labels, ...each }) => ({ ...each, ...present('labels', labels && { ...labels }) })),
    stageOpenedAt: isoTime(stageOpenedAt),
    createdAt: isoTime(createdAt),
    ...present('endedAt', rollout.endedAt === undefined ? undefined : isoTime(rollout.endedAt)),
    ...present('endReason', rollout.endReason),
    ...present('progress', progress && wireProgress(progress)),
  };
}

/** The others are in `refused`. */
const shownReasons = 20;

function wireProgress(progress: RolloutProgress): Schemas['RolloutProgress'] {
  const { hosts, stageHosts, proved, refused, refusedFor, dueAt, obstacles } = progress;
  return {
    ...{ hosts, stageHosts: [...stageHosts], proved, refused: refused.length, dueAt: isoTime(dueAt) },
    refusedHosts: refused.slice(0, namedHosts),
    refusedFor: refusedFor.slice(0, shownReasons).map(({ code, layer, isOfRollout, isBefore, hosts: members }) => ({
      code,
      ofRollout: isOfRollout,
      beforeStage: isBefore,
      count: members.length,
      hosts: members.slice(0, namedHosts),
      ...present('layer', layer as Layer | undefined),
    })),
    ready: obstacles.length === 0,
    obstacles: [...obstacles],
  };
}
