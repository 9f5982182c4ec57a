// What operators took out of force must not come back unnoticed under another id.
import { MalformedError } from '../../core/error.ts';
import { readRecurrence, type GoldenStatement } from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { keeperOf } from '../rollout/stages.ts';
import { recallStatement } from './recall-statement.ts';
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

type EndedContext = Pick<ServerContext, 'store' | 'memory'>;

/** Of these layers alone: a statement with the files of a host takes some tens of milliseconds to read. */
export async function readEndedGoldens(
  { store, memory }: EndedContext,
  layers: Iterable<string>,
): Promise<readonly EndedGolden[]> {
  const wanted = new Set(layers);
  const readHeads = async (state: 'active' | 'revoked') =>
    (await store.listGoldenHeads(state)).filter(({ layer }) => wanted.has(layer));
  const rollouts = await store.listRollouts();
  const ids = new Set(rollouts.flatMap(({ state, goldens }) => (state === 'rolled-back' ? goldens : [])));
  const active = ids.size === 0 ? [] : await readHeads('active');
  const rolledBack = active.flatMap((head) => {
    const keeper = ids.has(head.id) ? keeperOf(rollouts, head.id) : undefined;
    return keeper?.state === 'rolled-back' ? [{ head, standing: keptBack(head.id, keeper) }] : [];
  });
  const revoked = (await readHeads('revoked')).map((head) => ({ head, standing: endedBy(head, 'revoked') }));
  const ended: EndedGolden[] = [];
  for (const { head, standing } of [...(await nameEnders(store, revoked)), ...rolledBack])
    ended.push({ layer: head.layer, statement: await readStatement({ store, memory }, head.id), standing });
  return ended;
}

async function readStatement(from: EndedContext, id: string): Promise<GoldenStatement | undefined> {
  try {
    return await recallStatement(from, id);
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
  context: EndedContext,
  golden: { readonly id: string; readonly statement: GoldenStatement },
): Promise<void> {
  const all = await readEndedGoldens(context, [golden.statement.layer]);
  const ended = all.filter(({ standing }) => standing.id !== golden.id);
  const refused = broughtBackBy(golden, ended).filter(
    ({ standing, isCertain, acceptedBecause }) =>
      standing.state === 'revoked' && isCertain && acceptedBecause === undefined,
  );
  if (refused.length === 0) return;
  const which = refused.map(({ standing }) => `${standing.id}, which ${describeStanding(standing)}`).join('; and ');
  throw new ServerError('GOLDEN_REVOKED_EVENTS', `${golden.id} accepts every boot of ${which}`);
}
