// golden: signed reference values.
import { encodeBase64 } from '../../../core/encoding/index.ts';
import { goldenPayloadType, type DivergenceSide } from '../../../core/golden/index.ts';
import type { components, GoldenMeasurement } from '../../../api/index.ts';
import {
  endGolden,
  findGolden,
  proposeGolden,
  readSigners,
  signGolden,
  viewGolden,
  type GoldenEnd,
  type GoldenView,
} from '../../golden/approve.ts';
import { captureGoldens, type CapturedStatement } from '../../golden/capture.ts';
import { thenDo } from '../../fleet/progress.ts';
import { readActorNames, type ActorNames } from '../../auth/actor-names.ts';
import type { ServerContext } from '../../context.ts';
import type { Handlers } from '../handler.ts';
import { ownTurn } from '../../own-turn.ts';
import { emptyDraft } from '../../what-if/draft.ts';
import { countFlips, walkGate, type GateTerms } from '../../what-if/gate.ts';
import { readEnvelope, readSignature } from '../wire/envelope.ts';
import { surroundingsOf, wireBringsBack, wireEnvelope, wireGolden } from '../wire/golden.ts';
import { present } from '../wire/present.ts';
import { answerSteps } from './lines.ts';
import { readInPieces } from './page.ts';

type GoldenOperations = Pick<
  Handlers,
  | 'createCapture'
  | 'listGoldenMeasurements'
  | 'proposeGoldenMeasurement'
  | 'getGoldenMeasurement'
  | 'signGoldenMeasurement'
  | 'retireGoldenMeasurement'
  | 'revokeGoldenMeasurement'
>;

/** Of statements that are read for one page. A statement with the files of a host has up to 1 MiB, those of a boot some kilobytes. */
const bytesOfPage = 4 * 1024 * 1024;

export const goldenOperations: GoldenOperations = {
  createCapture: async ({ path, body }, context) => {
    const { statements, gaps } = await captureGoldens(context, path.hostId, body.layers);
    return {
      status: 200,
      body: {
        host: path.hostId,
        statements: statements.map(({ layer, goldenId, payload, isNew, nearest, bringsBack }) => ({
          layer,
          goldenId,
          payloadType: goldenPayloadType,
          payload: encodeBase64(payload),
          isNew,
          ...present('nearest', nearest && wireNearest(nearest)),
          ...present('bringsBack', bringsBack.length === 0 ? undefined : wireBringsBack(bringsBack)),
        })),
        gaps: gaps.map((gap) => ({ ...gap })),
      },
    };
  },
  listGoldenMeasurements: async ({ query }, context) => {
    const signers = await readSigners(context);
    const page = await readInPieces({
      after: query.after,
      limit: query.limit,
      read: (piece) => context.store.listGoldens(piece),
      idOf: ({ id }) => id,
      weight: { most: bytesOfPage, of: ({ payload }) => payload.length },
    });
    const views: GoldenView[] = [];
    for (const record of page.items) {
      await ownTurn();
      views.push(await viewGolden(record, signers));
    }
    const items = await wireGoldens(context, views);
    return { status: 200, body: { items, ...present('next', page.next) } };
  },
  proposeGoldenMeasurement: async ({ query, body, principal, accept }, context) => {
    const envelope = readEnvelope(body.envelope);
    const counting = countFlips(context, { ...emptyDraft, activate: [envelope.payload] }, query.maxFlips);
    const { actor } = principal;
    const steps = thenDo(counting, (revision) => proposeGolden(context, envelope, { actor, revision }));
    return answerSteps(steps, { accept, status: 201, wire: wireIn(context) });
  },
  getGoldenMeasurement: async ({ path }, context) => {
    const view = await viewGolden(await findGolden(context, path.goldenId), await readSigners(context));
    const body = { ...(await wireIn(context)(view)), envelope: wireEnvelope(view.record) };
    return { status: 200, body };
  },
  signGoldenMeasurement: async ({ path, query, body, principal, accept }, context) => {
    const counting = countFlips(context, { ...emptyDraft, activateStored: [path.goldenId] }, query.maxFlips);
    const request = { id: path.goldenId, signature: readSignature(body), actor: principal.actor };
    const steps = thenDo(counting, (revision) => signGolden(context, { ...request, revision }));
    return answerSteps(steps, { accept, wire: wireIn(context) });
  },
  retireGoldenMeasurement: ({ path, query, body, principal, accept }, context) => {
    const end = { id: path.goldenId, state: 'retired', reason: body.reason, cve: undefined } as const;
    return answerEnd(context, { ...end, actor: principal.actor }, { terms: query, accept });
  },
  revokeGoldenMeasurement: ({ path, query, body, principal, accept }, context) => {
    const end = { id: path.goldenId, state: 'revoked', reason: body.reason, cve: body.cve } as const;
    return answerEnd(context, { ...end, actor: principal.actor }, { terms: query, accept });
  },
};

/** Ends a golden measurement, where the gate lets it. */
function answerEnd(
  context: ServerContext,
  end: GoldenEnd,
  { terms, accept }: { readonly terms: GateTerms; readonly accept: string },
) {
  const ids = [end.id];
  const draft = end.state === 'retired' ? { ...emptyDraft, retire: ids } : { ...emptyDraft, revoke: ids };
  const steps = thenDo(walkGate(context, draft, terms), (passage) => endGolden(context, end, passage));
  return answerSteps(steps, { accept, wire: wireIn(context) });
}

/** As every change of one is answered. */
function wireIn(context: ServerContext) {
  return async (view: GoldenView) => {
    const views = [view];
    return wireGolden(view, await surroundingsOf(context, views), await namesIn(context, views));
  };
}

async function wireGoldens(context: ServerContext, views: readonly GoldenView[]): Promise<GoldenMeasurement[]> {
  const [surroundings, names] = [await surroundingsOf(context, views), await namesIn(context, views)];
  const items: GoldenMeasurement[] = [];
  for (const view of views) {
    // Of files each is held against all that are in force, or were ended.
    await ownTurn();
    items.push(wireGolden(view, surroundings, names));
  }
  return items;
}

function namesIn({ store }: Pick<ServerContext, 'store'>, views: readonly GoldenView[]): Promise<ActorNames> {
  return readActorNames(
    store,
    views.map(({ record }) => record.endedBy),
  );
}

type Nearest = NonNullable<CapturedStatement['nearest']>;

function wireNearest(nearest: Nearest): components['schemas']['Nearest'] {
  const { goldenId, pcr, event, expected, observed, explanation } = nearest;
  const side = ({ digest, description }: DivergenceSide) => ({ digest, description: description.slice(0, 4096) });
  return {
    goldenId,
    pcr,
    explanation,
    ...present('event', event),
    ...present('expected', expected && side(expected)),
    ...present('observed', observed && side(observed)),
  };
}
