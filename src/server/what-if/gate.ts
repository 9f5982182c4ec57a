// The gate before a change of golden measurements, policies and deny lists: one that flips more hosts than its maker expects, or loses
// a host that is protected, is refused before it is made.
import { counted } from '../../core/encoding/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Steps } from '../fleet/progress.ts';
import { askWhatIf } from './ask.ts';
import type { Draft } from './draft.ts';
import { passProtection, underDraft, type Passage } from './protection.ts';

export interface GateTerms {
  readonly maxFlips?: number | undefined;
  /** Protected hosts may be lost by it. */
  readonly includeProtected?: boolean | undefined;
}

/** Says how far it is: where hosts are counted, and where protected ones are looked at.
 * @throws ServerError CHANGE_FLIPS_TOO_MANY, CHANGE_LOSES_PROTECTED; as `askWhatIf` */
export async function* walkGate(
  context: ServerContext,
  draft: Draft,
  { maxFlips, includeProtected = false }: GateTerms,
): Steps<Passage> {
  const revision = yield* countFlips(context, draft, maxFlips);
  const passage = yield* passProtection(context, underDraft(draft), includeProtected);
  return { ...passage, revision: revision ?? passage.revision };
}

/** Passes when at most `maxFlips` hosts would gain or lose trust by the change; always, when no bound is given. A hundred hosts that
 * gain are a surprise as well as a hundred that lose. Returns the revision of the fleet that it was asked under.
 * @throws ServerError CHANGE_FLIPS_TOO_MANY; as `askWhatIf` */
export async function* countFlips(
  context: ServerContext,
  draft: Draft,
  maxFlips: number | undefined,
): Steps<number | undefined> {
  if (maxFlips === undefined) return undefined;
  const { counts, revision } = yield* askWhatIf(context, { draft });
  const { lost, gained } = counts;
  if (lost + gained <= maxFlips) return revision;
  const detail = `${counted(lost, 'host')} would lose trust and ${gained} would gain it; ${maxFlips} may change`;
  throw new ServerError('CHANGE_FLIPS_TOO_MANY', detail);
}
