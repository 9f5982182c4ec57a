// `POST /v1/what-if`: who would gain trust, who would lose it, and why, if a change were made.
import {
  groupChanges,
  type FleetChange,
  type FleetChangeGroup,
  type FleetChangeKind,
} from '../../core/appraisal/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { FleetRecord } from '../storage/index.ts';
import { layDraft, type Draft } from './draft.ts';
import { createFleetComparison, type UnknownHost } from './fleet-change.ts';

export interface WhatIfQuestion {
  readonly draft: Draft;
  /** The moment asked about; now unless told. A later one shows what expires until then. */
  readonly at?: Date;
  /** Only hosts that carry all of these labels. */
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WhatIf {
  readonly at: Date;
  readonly hosts: number;
  readonly counts: Readonly<Record<FleetChangeKind, number>>;
  readonly groups: readonly FleetChangeGroup[];
  readonly unknown: readonly UnknownHost[];
  /** What the trust in force was: the answer holds while this is the revision. */
  readonly revision: number;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

const pageSize = 100;
/** Between two looks at other requests. */
const sliceMs = 10;

/** Says how far it is, and at last what the change would do.
 * @throws ServerError WHAT_IF_BUSY; as `layDraft` */
export async function* askWhatIf(context: ServerContext, question: WhatIfQuestion): AsyncGenerator<Progress, WhatIf> {
  const release = context.whatIfSlots.take();
  if (release === undefined) throw new ServerError('WHAT_IF_BUSY', undefined, { headers: { 'retry-after': '5' } });
  try {
    const before = await context.trust.current();
    const after = await layDraft(context, before, question.draft);
    const at = question.at ?? context.now();
    const compare = createFleetComparison(context, { before, after, at });
    const total = await context.store.countActiveHosts();
    const changes: FleetChange[] = [];
    const unknown: UnknownHost[] = [];
    const pause = createPause();
    let done = 0;
    for await (const record of readFleet(context)) {
      done += 1;
      if (carries(record, question.labels)) {
        const outcome = await compare(record);
        if ('code' in outcome) unknown.push(outcome);
        else changes.push(outcome);
      }
      if (await pause()) yield { done, total: Math.max(total, done) };
    }
    const hosts = changes.length + unknown.length;
    return { at, hosts, counts: count(changes), groups: groupChanges(changes), unknown, revision: before.revision };
  } finally {
    release();
  }
}

/** The answer alone. */
export async function answerWhatIf(context: ServerContext, question: WhatIfQuestion): Promise<WhatIf> {
  const steps = askWhatIf(context, question);
  for (;;) {
    const step = await steps.next();
    if (step.done === true) return step.value;
  }
}

async function* readFleet({ store }: ServerContext): AsyncGenerator<FleetRecord> {
  for (let after: string | undefined; ;) {
    const page = await store.listFleet({ after, limit: pageSize });
    yield* page;
    after = page.at(-1)?.host.hostId;
    if (page.length < pageSize) return;
  }
}

function carries({ host }: FleetRecord, labels: WhatIfQuestion['labels']): boolean {
  return Object.entries(labels ?? {}).every(([name, value]) => host.labels[name] === value);
}

/** Lets other requests through when the slice is used up, and says so. */
function createPause(): () => Promise<boolean> {
  let begun = performance.now();
  return async () => {
    if (performance.now() - begun < sliceMs) return false;
    await new Promise(setImmediate);
    begun = performance.now();
    return true;
  };
}

function count(changes: readonly FleetChange[]): WhatIf['counts'] {
  const counts = { lost: 0, gained: 0, 'still-refused': 0, 'still-trusted': 0 };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}
