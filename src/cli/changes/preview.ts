// What a change would do to the fleet, shown before it is made: alone with --dry-run, else before consent is asked.
import { ApiProblem, type ApiClient, type components } from '../../api/index.ts';
import { printableAgain } from '../../core/encoding/index.ts';
import type { GateOptions } from '../command-line.ts';
import { CliError } from '../errors.ts';
import { askAtTerminal, requireConsent, type ConsentOptions } from './confirm.ts';
import type { RequestBody } from '../connection.ts';
import { refusalOf, weighPlan } from './plan-gate.ts';
import type { Report } from '../report.ts';
import type { CommonOptions, Session } from '../session.ts';
import { createPaper, type Paper } from '../terminal.ts';
import { formatWhatIf } from '../views/what-if-view.ts';

type WhatIf = components['schemas']['WhatIf'];

export interface PreviewOptions extends CommonOptions, ConsentOptions, GateOptions {
  readonly dryRun?: boolean;
}

/** A change that was named and not made yet. */
export interface NamedChange {
  readonly change: RequestBody<'askWhatIf'>;
  /** How it ends what it ends. */
  readonly effect: string;
  readonly question: string;
}

/** The report of `--dry-run`: refused where the change itself would be. */
export async function previewChange(
  session: Session,
  client: ApiClient,
  { change, effect, options }: NamedChange & { readonly options: PreviewOptions },
): Promise<Report> {
  const whatIf = await weighPlan(session, client, { ...options, change });
  return {
    data: { done: false, effect: whatIf },
    lines: (paper) => [effect, ...formatWhatIf(paper, whatIf)],
    refusal: refusalOf(whatIf, options),
  };
}

/** Shows what the change would do, where somebody is there to read it, and asks for consent. Who says --yes waits for no look at the fleet.
 * @throws CliError CLI_CONSENT_MISSING; what the server says of the change */
export function requireConsentTo(
  session: Session,
  client: ApiClient,
  named: NamedChange & { readonly options: PreviewOptions },
): Promise<void> {
  return askAbout(session, client, { ...named, ask: requireConsent });
}

/** The same of what can be taken back: where nobody can be asked it is done. */
export function askAboutChange(
  session: Session,
  client: ApiClient,
  named: NamedChange & { readonly options: PreviewOptions },
): Promise<void> {
  return askAbout(session, client, { ...named, ask: askAtTerminal });
}

interface AskedChange extends NamedChange {
  readonly options: PreviewOptions;
  readonly ask: typeof requireConsent;
}

function askAbout(
  session: Session,
  client: ApiClient,
  { change, effect, question, options, ask }: AskedChange,
): Promise<void> {
  const lines = async (): Promise<readonly string[]> => [
    ...(await describeEffect(session, client, { change })),
    effect,
  ];
  return ask(session, options, { lines, question });
}

function describeEffect(
  session: Session,
  client: ApiClient,
  { change }: Pick<NamedChange, 'change'>,
): Promise<readonly string[]> {
  return unlessUntold(session, async (paper) => {
    const whatIf = await weighPlan(session, client, { change });
    const isChanged = ({ kind }: WhatIf['groups'][number]): boolean => kind === 'lost' || kind === 'gained';
    const others = `${whatIf.stillRefused} would stay refused, ${whatIf.stillTrusted} would stay trusted`;
    return [...formatWhatIf(paper, { ...whatIf, groups: whatIf.groups.filter(isChanged) }), '', others];
  });
}

/** What `look` shows, on the paper of whoever is asked. Where nobody can tell now, that is said: who has to end something at once is not
 * kept from it. */
export async function unlessUntold(
  session: Session,
  look: (paper: Paper) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const paper = createPaper(session.stderr, session.env);
  try {
    return await look(paper);
  } catch (error) {
    if (!isUntold(error)) throw error;
    return [paper.tone('warn', `nobody can say now what it would do to the fleet (${error.code}: ${printableAgain(error.message)})`)]; // prettier-ignore
  }
}

/** Codes that say something of the question, and nothing of the change. */
const untold = new Set<string>(['WHAT_IF_BUSY', 'FLEET_WALK_LOST', 'CLI_CHANGE_TOO_LARGE']);

/** Whether an error says only that nobody can tell now what a change would do. */
export function isUntold(error: unknown): error is ApiProblem | CliError {
  return (error instanceof ApiProblem || error instanceof CliError) && untold.has(error.code);
}
