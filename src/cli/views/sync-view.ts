// What became of a plan that the server follows a folder by, for people and for programs.
import { printable } from '../../core/encoding/index.ts';
import type { components } from '../../api/index.ts';
import type { GateOptions } from '../command-line.ts';
import type { Golden } from '../commands/golden-record.ts';
import { cliErrors } from '../errors.ts';
import { notFelt, type Felt } from '../changes/next-attestations.ts';
import type { SentOneByOne } from '../changes/one-by-one.ts';
import { refusalOf } from '../changes/plan-gate.ts';
import type { Refusal, Report } from '../report.ts';
import { shortId } from '../inputs/short-id.ts';
import type { Step } from '../changes/sync-plan.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { formatWhatIf } from './what-if-view.ts';

interface Sync {
  readonly steps: readonly Step[];
  /** What the server had before. */
  readonly known: ReadonlyMap<string, Golden>;
  readonly conflicts: readonly { readonly id: string; readonly file: string; readonly state: string }[];
  /** Ended by the folder, and nothing that the server has. */
  readonly unknown: readonly string[];
  /** Undefined where it was only asked what would be done. */
  readonly sent?: SentOneByOne<Golden>;
  /** Of what was sent: when hosts feel it. */
  readonly felt?: Felt;
  /** Of a plan that was only asked about, where it has steps. */
  readonly effect?: PlannedEffect | undefined;
}

/** What all of a plan would do to the fleet; or why nobody can say it, for which the plan is refused where it `isGated`. */
export type PlannedEffect =
  | { readonly whatIf: components['schemas']['WhatIf']; readonly gate: GateOptions }
  | { readonly untold: Refusal; readonly isGated: boolean };

function refusalFor(effect: PlannedEffect | undefined): Refusal | undefined {
  if (effect === undefined) return undefined;
  if ('whatIf' in effect) return refusalOf(effect.whatIf, effect.gate);
  return effect.isGated ? effect.untold : undefined;
}

function formatEffect(paper: Paper, effect: PlannedEffect | undefined): readonly string[] {
  if (effect === undefined) return [];
  if ('whatIf' in effect) return ['', 'with all of it in force, by the stored evidence:', ...formatWhatIf(paper, effect.whatIf)]; // prettier-ignore
  return ['', paper.tone('warn', `nobody can say what all of it would do to the fleet: ${effect.untold.message}`)];
}

/** `failed` is the one that the refusal is about. Where no answer came, it may have been made all the same. */
type Outcome = 'planned' | 'done' | 'failed' | 'not-sent';

function outcomeOf(index: number, { steps, sent }: Sync): Outcome {
  if (sent === undefined) return 'planned';
  if (index < sent.items.length) return 'done';
  return index < steps.length - sent.notSent.length ? 'failed' : 'not-sent';
}

const nextStep = '`touchstone golden approve --proposed`';
const again = cliErrors.CLI_INTERRUPTED.remedy;

/** What helps in any case is said too: a plan that stopped midway is taken up by the next run. */
function withAgain(refusal: Refusal): Refusal {
  const { remedy = again } = refusal;
  return { ...refusal, remedy: remedy === again ? again : `${remedy} ${again}` };
}

function titleOf({ sent }: Sync): string {
  if (sent === undefined) return 'would do';
  return sent.refusal === undefined ? 'done' : 'change';
}

/** The server is not asked again: it may be what failed. */
export function reportSync(sync: Sync): Report {
  const { steps, known, conflicts, unknown, sent, effect, felt = notFelt } = sync;
  const refusal = sent?.refusal;
  const would = refusalFor(effect);
  const isDone = sent !== undefined && refusal === undefined;
  const goldens = new Map([...known, ...(sent?.items ?? []).map((golden) => [golden.id, golden] as const)]);
  const waiting = [...goldens.values()].filter(({ state }) => state === 'proposed').length;
  const items = steps.map(({ action, id, layer }, index) => {
    const outcome = outcomeOf(index, sync);
    return { action, id, layer, state: goldens.get(id)?.state ?? 'unknown', outcome };
  });
  return {
    data: {
      done: isDone,
      steps: items,
      conflicts,
      unknown,
      waiting,
      ...(effect !== undefined && 'whatIf' in effect ? { effect: effect.whatIf } : {}),
      ...felt.data,
    },
    refusal: refusal === undefined ? would : withAgain(refusal),
    lines: (paper) => [
      ...formatTable(
        paper,
        [titleOf(sync), 'layer', 'state', ...(refusal === undefined ? [] : ['outcome']), 'id'],
        items.map(({ action, layer, state, outcome, id }) => [
          action,
          layer,
          outcome === 'done' ? state : '-',
          ...(refusal === undefined ? [] : [outcome]),
          id,
        ]),
      ),
      ...(items.length === 0 ? ['the server is as the folder says'] : []),
      ...conflicts.map(({ file, state, id }) =>
        paper.tone(
          'warn',
          `${printable(file)} is in the folder, and the server has ${state} it (${shortId(id)}): list it in ended.yaml`,
        ),
      ),
      ...unknown.map((id) => paper.tone('warn', `ended.yaml ends ${id}, which the server does not have: is the id right?`)), // prettier-ignore
      ...(waiting === 0 ? [] : [`${waiting} wait for signatures: ${nextStep}`]),
      ...felt.lines,
      ...formatEffect(paper, effect),
    ],
  };
}
