// The whole plan is one change: each of its steps may be harmless, and all of them not.
import { counted } from '../core/encoding/index.ts';
import type { ApiClient, components } from '../api/index.ts';
import type { GateOptions } from './command-line.ts';
import { CliError, RefusedError } from './errors.ts';
import { followLines } from './follow-lines.ts';
import type { CommonOptions, Session } from './session.ts';

export interface PlannedChange {
  readonly activate: { readonly statement: string }[];
  readonly retire: string[];
  readonly revoke: string[];
}

/** Asks only where there is something to refuse for.
 * @throws CliError CLI_FLIPS_TOO_MANY; RefusedError CHANGE_LOSES_PROTECTED */
export async function checkPlan(
  session: Session,
  client: ApiClient,
  {
    change,
    json,
    maxFlips,
    includeProtected = false,
  }: GateOptions & CommonOptions & { readonly change: PlannedChange },
): Promise<void> {
  const isEnding = change.retire.length + change.revoke.length > 0;
  if (maxFlips === undefined && (includeProtected || !isEnding)) return;
  const { lost, gained, protectedLosses } = await followLines(
    session,
    { json },
    client.callLines('askWhatIf', { body: change }),
  );
  if (!includeProtected && protectedLosses.length > 0) throw refuseLosses(protectedLosses);
  if (maxFlips === undefined || lost + gained <= maxFlips) return;
  const message = `${counted(lost, 'host')} would lose trust and ${gained} would gain it, ${maxFlips} may change: nothing was done`;
  throw new CliError('CLI_FLIPS_TOO_MANY', message);
}

function refuseLosses(protectedHosts: readonly components['schemas']['ProtectedLoss'][]): RefusedError {
  const remedy =
    'Leave the end of what they rest on out of the folder, or say that you mean it: `--include-protected`.';
  const message = 'protected hosts would lose trust by what the folder says: nothing was done';
  return new RefusedError('CHANGE_LOSES_PROTECTED', message, { remedy, protectedHosts });
}
