// The publish gate: a change that would flip more hosts than its maker expects is refused before it is made.
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { answerWhatIf } from './ask.ts';
import type { Draft } from './draft.ts';

/**
 * Passes when at most `maxFlips` hosts would gain or lose trust by the change; always, when no bound is given. A hundred
 * hosts that gain are a surprise as well as a hundred that lose.
 *
 * @throws ServerError CHANGE_FLIPS_TOO_MANY; REQUEST_CONFLICT when trust changed while it was asked; as `askWhatIf`
 */
export async function checkFlips(context: ServerContext, draft: Draft, maxFlips: number | undefined): Promise<void> {
  if (maxFlips === undefined) return;
  const { counts, revision } = await answerWhatIf(context, { draft });
  if ((await context.store.trustRevision()) !== revision) throw new ServerError('REQUEST_CONFLICT');
  const { lost, gained } = counts;
  if (lost + gained <= maxFlips) return;
  const detail = `${lost} hosts would lose trust and ${gained} would gain it; ${maxFlips} may change`;
  throw new ServerError('CHANGE_FLIPS_TOO_MANY', detail);
}
