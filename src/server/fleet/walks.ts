// Looks at the whole fleet, where they keep nobody waiting: a small one is looked at here, a large one by a process of its own.
// docs/decisions/0030
import type { ServerContext } from '../context.ts';
import { walkDenials, type DenialQuestion, type JudgedHost } from '../deny/judge-fleet.ts';
import { walkWhatIf, type WhatIf, type WhatIfQuestion } from '../what-if/walk-what-if.ts';
import type { Steps } from './progress.ts';
import { walkApart } from './walk-apart.ts';
import type { WalkOrder } from './walk-process.ts';

/** What such a look rests on. */
export type WalkContext = Pick<ServerContext, 'config' | 'store' | 'trust' | 'memory' | 'log' | 'now'>;

/** Each says how far it is, or what it found since. Who asks no further ends it.
 * @throws ServerError FLEET_WALK_LOST (every one) */
export interface FleetWalks {
  readonly whatIf: (question: WhatIfQuestion) => Steps<WhatIf>;
  readonly denials: (question: DenialQuestion) => AsyncGenerator<readonly JudgedHost[], void>;
}

/** Fewer are appraised in some tenths of a second; to start a process takes as long. */
const manyHosts = 1000;

/** `apartFrom`: how many hosts are looked at by another process. */
export function openWalks(context: WalkContext, apartFrom = manyHosts): FleetWalks {
  const walk = <Question, Step, Result>(
    here: (context: WalkContext, question: Question) => AsyncGenerator<Step, Result>,
    orderOf: (question: Question) => WalkOrder['asked'],
  ) =>
    async function* (question: Question): AsyncGenerator<Step, Result> {
      const { store, config, now } = context;
      if ((await store.countActiveHosts()) < apartFrom) return yield* here(context, question);
      const result = yield* walkApart<Step, Result>({ config, at: now(), asked: orderOf(question) });
      // The other process reads what is committed. Nobody is told of it before it is on the disk.
      await store.ping();
      return result;
    };
  return {
    whatIf: walk(walkWhatIf, (question) => ({ walk: 'whatIf', question })),
    denials: walk(walkDenials, (question) => ({ walk: 'denials', question })),
  };
}
