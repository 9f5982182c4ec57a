// What operators took out of force must not come back unnoticed under another id.
import { MalformedError } from '../../core/error.ts';
import { parseGoldenStatement, readRecurrence, type GoldenStatement } from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { keeperOf } from '../rollout/stages.ts';
import type { GoldenRecord } from '../storage/index.ts';
import { describeStanding, endedBy, keptBack, nameEnders, type GoldenStanding } from './standing.ts';

/** A golden measurement that was revoked or rolled back. */
export interface EndedGolden {
  readonly layer: string;
  /** Undefined where the stored row is damaged: then nobody can say what it accepted. */
  readonly statement: GoldenStatement | undefined;
  readonly standing: GoldenStanding;
}

export interface BroughtBack {
  readonly standing: GoldenStanding;
  /** False where the statements do not tell. */
  readonly isCertain: boolean;
  /** Why the signers accept it again, where their statement says so. */
  readonly acceptedBecause: string | undefined;
}

export async function readEndedGoldens({ store }: Pick<ServerContext, 'store'>): Promise<readonly EndedGolden[]> {
  const rollouts = await store.listRollouts();
  const ids = new Set(rollouts.flatMap(({ state, goldens }) => (state === 'rolled-back' ? goldens : [])));
  const candidates = await Promise.all([...ids].map((id) => store.findGolden(id)));
  const rolledBack = candidates.flatMap((record) => {
    const keeper = record?.state === 'active' ? keeperOf(rollouts, record.id) : undefined;
    return record !== undefined && keeper?.state === 'rolled-back'
      ? [endedGolden(record, keptBack(record.id, keeper))]
      : [];
  });
  const revoked = await store.listGoldensByState('revoked');
  const standings = await nameEnders(
    store,
    revoked.map((record) => endedBy(record, 'revoked')),
  );
  return [
    ...revoked.map((record, index) => endedGolden(record, standings[index] ?? endedBy(record, 'revoked'))),
    ...rolledBack,
  ];
}

function endedGolden({ layer, payload }: GoldenRecord, standing: GoldenStanding): EndedGolden {
  return { layer, statement: readStatement(payload), standing };
}

function readStatement(payload: Uint8Array): GoldenStatement | undefined {
  try {
    return parseGoldenStatement(payload);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** Of all that was ended, what a statement would accept again: also the very one, where it was ended. */
export function broughtBackBy(
  { statement }: { readonly statement: GoldenStatement },
  ended: readonly EndedGolden[],
): readonly BroughtBack[] {
  return ended.flatMap(({ layer, statement: before, standing }): readonly BroughtBack[] => {
    if (layer !== statement.layer) return [];
    const recurrence = before === undefined ? 'unclear' : readRecurrence(statement, before);
    if (recurrence === 'none') return [];
    const accepted = statement.acceptsRevoked?.find((each) => each.id === standing.id);
    return [{ standing, isCertain: recurrence === 'whole', acceptedBecause: accepted?.reason }];
  });
}

/** Of a document that was ended itself, `GOLDEN_MEASUREMENT_ENDED` says more.
 * @throws ServerError GOLDEN_REVOKED_EVENTS where it accepts again what was revoked, and its signers do not say that they mean it */
export async function refuseBroughtBack(
  context: Pick<ServerContext, 'store'>,
  golden: { readonly id: string; readonly statement: GoldenStatement },
): Promise<void> {
  const ended = (await readEndedGoldens(context)).filter(({ standing }) => standing.id !== golden.id);
  const refused = broughtBackBy(golden, ended).filter(
    ({ standing, isCertain, acceptedBecause }) =>
      standing.state === 'revoked' && isCertain && acceptedBecause === undefined,
  );
  if (refused.length === 0) return;
  const which = refused.map(({ standing }) => `${standing.id}, which ${describeStanding(standing)}`).join('; and ');
  throw new ServerError('GOLDEN_REVOKED_EVENTS', `${golden.id} accepts every boot of ${which}`);
}
