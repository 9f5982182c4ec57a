// `POST /v1/what-if`: who would gain trust, who would lose it, and why, if a change were made.
import {
  groupChanges,
  type FleetChange,
  type FleetChangeGroup,
  type FleetChangeKind,
} from '../../core/appraisal/index.ts';
import type { ApprovedGolden } from '../../core/golden/index.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import { carriesLabels, createPause, isUnreadable, readFleet } from '../fleet/walk-fleet.ts';
import { broughtBackBy, readEndedGoldens, type BroughtBack } from '../golden/brought-back.ts';
import { selectPolicy } from '../golden/select-policy.ts';
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
  /** How many of the hosts fall under each policy of the draft. */
  readonly policies: ReadonlyMap<string, number>;
  /** By id, golden measurements of the draft that accept again what was revoked or rolled back. */
  readonly broughtBack: ReadonlyMap<string, readonly BroughtBack[]>;
  /** What the trust in force was: the answer holds while this is the revision. */
  readonly revision: number;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** Says how far it is, and at last what the change would do.
 * @throws ServerError WHAT_IF_BUSY; as `layDraft` */
export async function* askWhatIf(context: ServerContext, question: WhatIfQuestion): AsyncGenerator<Progress, WhatIf> {
  const release = context.whatIfSlots.take();
  if (release === undefined) throw new ServerError('WHAT_IF_BUSY', undefined, { headers: { 'retry-after': '5' } });
  try {
    const before = await context.trust.current();
    const after = await layDraft(context, before, question.draft);
    const now = context.now();
    const at = question.at ?? now;
    const from = at < now ? at : now;
    const compare = createFleetComparison(context, { before, after, from, at, roots: before });
    const total = await context.store.countActiveHosts();
    const changes: FleetChange[] = [];
    const unknown: UnknownHost[] = [];
    const policies = new Map(question.draft.policies.map(({ id }) => [id, 0]));
    const pause = createPause();
    let done = 0;
    for await (const record of readFleet(context)) {
      done += 1;
      if (isUnreadable(record)) unknown.push({ host: record.unreadable, code: 'HOST_UNREADABLE' });
      else if (carriesLabels(record, question.labels)) {
        const outcome = await compare(record);
        const id = selectPolicy(after.policies, record.host)?.id ?? '';
        const judged = policies.get(id);
        if (judged !== undefined) policies.set(id, judged + 1);
        if ('code' in outcome) unknown.push(outcome);
        else changes.push(outcome);
      }
      if (await pause()) yield { done, total: Math.max(total, done) };
    }
    const hosts = changes.length + unknown.length;
    const groups = groupChanges(changes);
    const broughtBack = await readBroughtBack(context, before.goldens, after.goldens);
    return { at, hosts, counts: count(changes), groups, unknown, policies, broughtBack, revision: before.revision };
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

async function readBroughtBack(
  context: ServerContext,
  before: readonly ApprovedGolden[],
  after: readonly ApprovedGolden[],
): Promise<WhatIf['broughtBack']> {
  const known = new Set(before.map(({ id }) => id));
  const ended = await readEndedGoldens(context);
  const added = after.filter(({ id }) => !known.has(id));
  return new Map(
    added.map((golden) => [golden.id, broughtBackBy(golden, ended)] as const).filter(([, found]) => found.length > 0),
  );
}

function count(changes: readonly FleetChange[]): WhatIf['counts'] {
  const counts = { lost: 0, gained: 0, 'still-refused': 0, 'still-trusted': 0 };
  for (const { kind } of changes) counts[kind] += 1;
  return counts;
}
