// What the tokens among actors are called, for people who read who did it.
import type { Store } from '../storage/index.ts';

/** By actor, as the audit log has it (`token tok_...`). Other actors carry their names themselves. */
export type ActorNames = ReadonlyMap<string, string>;

const tokenActor = /^token (tok_[A-Za-z0-9_-]{16})$/;

/** A token keeps its name, and no other ever has its id, so that the name is the one it had when it acted. A token that is not in the
 * database any more has none. `known`: those that were read before, which are among the answer and not read again. */
export async function readActorNames(
  store: Pick<Store, 'findToken'>,
  actors: readonly (string | undefined)[],
  known: ActorNames = new Map(),
): Promise<ActorNames> {
  const names = new Map(known);
  for (const actor of new Set(actors)) {
    if (actor !== undefined && names.has(actor)) continue;
    const [, id] = tokenActor.exec(actor ?? '') ?? [];
    const token = id === undefined ? undefined : await store.findToken(id);
    if (actor !== undefined && token !== undefined) names.set(actor, token.name);
  }
  return names;
}
