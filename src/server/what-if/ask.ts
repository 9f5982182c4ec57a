// `POST /v1/what-if`: what a change would do to the fleet, one question at a time.
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Steps } from '../fleet/progress.ts';
import { layDraft } from './draft.ts';
import type { WhatIf, WhatIfQuestion } from './walk-what-if.ts';

/** Says how far it is, and at last what the change would do.
 * @throws ServerError WHAT_IF_BUSY, FLEET_WALK_LOST; as `layDraft` */
export async function* askWhatIf(context: ServerContext, question: WhatIfQuestion): Steps<WhatIf> {
  const release = context.whatIfSlots.take();
  if (release === undefined) throw new ServerError('WHAT_IF_BUSY', undefined, { headers: { 'retry-after': '5' } });
  try {
    // What is wrong with the draft is said before anybody looks at the fleet, and in its own words.
    await layDraft(context, await context.trust.current(), question.draft);
    return yield* context.walks.whatIf(question);
  } finally {
    release();
  }
}
