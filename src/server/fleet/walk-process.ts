// The process that looks at a large fleet, with a store to read in and a memory of its own: what it computes and what garbage it
// leaves keeps no answer of the server waiting. It is told once what to look for, says what it finds, and ends with its parent.
import type { ServerProblemCode } from '../../api/index.ts';
import type { ServerConfig } from '../config/config.ts';
import { walkDenials, type DenialQuestion } from '../deny/judge-fleet.ts';
import { ServerError } from '../errors.ts';
import { createTrustCache } from '../golden/trust-cache.ts';
import { createServerMemory } from '../memory.ts';
import { openReader } from '../storage/index.ts';
import { createLog } from '../telemetry/log.ts';
import { walkWhatIf, type WhatIfQuestion } from '../what-if/walk-what-if.ts';

export interface WalkOrder {
  readonly config: ServerConfig;
  /** What time it is, as the server says. */
  readonly at: Date;
  readonly asked:
    | { readonly walk: 'whatIf'; readonly question: WhatIfQuestion }
    | { readonly walk: 'denials'; readonly question: DenialQuestion };
}

/** Any number of steps, then one of the others. */
export type WalkMessage<Step, Result> =
  | { readonly step: Step }
  | { readonly result: Result }
  | { readonly failure: { readonly code: ServerProblemCode | undefined; readonly message: string } };

async function* walk({ config, at, asked }: WalkOrder): AsyncGenerator<unknown, unknown> {
  const store = await openReader(config);
  const log = createLog(config.log.level);
  const trust = createTrustCache({ store, quorum: config.goldenQuorum, log });
  const context = { config, store, trust, memory: createServerMemory(config), log, now: () => at };
  return yield* asked.walk === 'whatIf' ? walkWhatIf(context, asked.question) : walkDenials(context, asked.question);
}

async function answer(order: WalkOrder): Promise<void> {
  try {
    const steps = walk(order);
    for (;;) {
      const { done, value } = await steps.next();
      await say(done === true ? { result: value } : { step: value });
      if (done === true) return;
    }
  } catch (error) {
    createLog(order.config.log.level).error({ err: error }, 'the fleet could not be looked at');
    const code = error instanceof ServerError ? error.code : undefined;
    await say({ failure: { code, message: error instanceof ServerError ? error.message : '' } });
  }
}

/** Resolves when it is on its way: nothing is heaped up here. */
function say(message: WalkMessage<unknown, unknown>): Promise<void> {
  return new Promise((resolve) => void process.send?.(message, () => resolve()));
}

// No debugger, as in the server.
process.on('SIGUSR1', () => undefined);
process.once('message', (order: WalkOrder) => void answer(order));
process.on('disconnect', () => process.exit());
