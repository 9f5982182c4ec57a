// The whole plan is one change: each of its steps may be harmless, and all of them not.
import { counted, printable } from '../../core/encoding/index.ts';
import { ApiProblem, type ApiClient, type components } from '../../api/index.ts';
import type { GateOptions } from '../command-line.ts';
import type { RequestBody } from '../connection.ts';
import { CliError, cliErrors, RefusedError } from '../errors.ts';
import { followLines } from '../follow-lines.ts';
import type { Refusal } from '../report.ts';
import type { CommonOptions, Session } from '../session.ts';

export interface PlannedChange {
  readonly activate: { readonly statement: string }[];
  readonly retire: string[];
  readonly revoke: string[];
}

type WhatIf = components['schemas']['WhatIf'];

/** As the contract bounds one question. */
const most = [
  ['activate', 64, 'golden measurement'],
  ['retire', 256, 'golden measurement'],
  ['revoke', 256, 'golden measurement'],
  ['deny', 16, 'deny list'],
] as const;

/** What the fleet would be with all of a change in force, signatures that are still to come included.
 * @throws CliError CLI_CHANGE_TOO_LARGE; what the server says of the change */
export async function weighPlan(
  session: Session,
  client: ApiClient,
  { change, json }: CommonOptions & { readonly change: RequestBody<'askWhatIf'> },
  name?: string,
): Promise<WhatIf> {
  for (const [part, limit, noun] of most) {
    const count = change[part]?.length ?? 0;
    if (count <= limit) continue;
    const message = `${part} names ${counted(count, noun)}, and the server judges ${limit} as one change at most`;
    throw new CliError('CLI_CHANGE_TOO_LARGE', message);
  }
  try {
    return await followLines(session, { json, name }, client.callLines('askWhatIf', { body: change }));
  } catch (cause) {
    if (!(cause instanceof ApiProblem) || cause.code !== 'REQUEST_BODY_TOO_LARGE') throw cause;
    const message = `the server does not take a question of that size (${printable(cause.message)})`;
    throw new CliError('CLI_CHANGE_TOO_LARGE', message, { cause });
  }
}

/** Asks only where there is something to refuse for.
 * @throws RefusedError CLI_FLIPS_TOO_MANY, CHANGE_LOSES_PROTECTED */
export async function checkPlan(
  session: Session,
  client: ApiClient,
  plan: GateOptions & CommonOptions & { readonly change: PlannedChange },
): Promise<void> {
  if (isGated(plan)) refuseBy(await weighPlan(session, client, plan), plan);
}

/** There is something that the plan may be refused for. */
export function isGated({
  change,
  maxFlips,
  includeProtected = false,
}: GateOptions & { readonly change: PlannedChange }): boolean {
  const isEnding = change.retire.length + change.revoke.length > 0;
  return maxFlips !== undefined || (isEnding && !includeProtected);
}

/** Several golden measurements are one change: each may flip few hosts, and all of them many. One alone the server judges as it takes it.
 * @throws RefusedError CLI_FLIPS_TOO_MANY */
export async function checkTogether(
  session: Session,
  client: ApiClient,
  plan: CommonOptions & Pick<GateOptions, 'maxFlips'> & Required<Pick<RequestBody<'askWhatIf'>, 'activate'>>,
): Promise<void> {
  const { activate, maxFlips } = plan;
  if (maxFlips === undefined || activate.length < 2) return;
  const whatIf = await weighPlan(session, client, { ...plan, change: { activate } }, 'together');
  // No host is lost by what is only added, a protected one neither.
  refuseBy(whatIf, { maxFlips, includeProtected: true });
}

function refuseBy(whatIf: WhatIf, gate: GateOptions): void {
  const refusal = refusalOf(whatIf, gate);
  if (refusal !== undefined) throw new RefusedError(refusal.code, refusal.message, refusal);
}

/** Why the plan is refused, or would be. */
export function refusalOf(
  { lost, gained, protectedLosses }: WhatIf,
  { maxFlips, includeProtected = false }: GateOptions,
): Refusal | undefined {
  if (!includeProtected && protectedLosses.length > 0) return refuseLosses(protectedLosses);
  if (maxFlips === undefined || lost + gained <= maxFlips) return undefined;
  const message = `${counted(lost, 'host')} would lose trust and ${gained} would gain it by all of it together; ${maxFlips} may change: nothing was done`;
  return { code: 'CLI_FLIPS_TOO_MANY', message, remedy: cliErrors.CLI_FLIPS_TOO_MANY.remedy };
}

function refuseLosses(protectedHosts: WhatIf['protectedLosses']): Refusal {
  const remedy =
    'Do first what each of them needs, leave the end of what they rest on out, or say that you mean it: `--include-protected`.';
  const message = 'protected hosts would lose trust by it: nothing was done';
  return { code: 'CHANGE_LOSES_PROTECTED', message, remedy, protectedHosts };
}
