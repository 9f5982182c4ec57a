// `touchstone golden sync`: the server follows a folder. What the folder says is shown as a plan first.
import type { Command } from 'commander';
import type { ApiClient, LineOf } from '../../api/index.ts';
import { encodeBase64, printable } from '../../core/encoding/index.ts';
import { withConsent, withExamples, withGate, withServer, type GateOptions } from '../command-line.ts';
import type { ConsentOptions } from '../changes/confirm.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError } from '../errors.ts';
import { followLines } from '../follow-lines.ts';
import { notFelt, tellWhenGoldensFelt } from '../changes/next-attestations.ts';
import { sendOneByOne } from '../changes/one-by-one.ts';
import { checkPlan, isGated, weighPlan, type PlannedChange } from '../changes/plan-gate.ts';
import { isUntold, requireConsentTo } from '../changes/preview.ts';
import { readGoldenFolder, type GoldenFolder } from '../inputs/golden-folder.ts';
import { refuseRecurrence } from '../changes/refuse-recurrence.ts';
import { refuseUnsigned } from '../changes/refuse-unsigned.ts';
import { toRefusal } from '../refusal.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { shortId } from '../inputs/short-id.ts';
import { wireEnvelope } from '../inputs/signed-file.ts';
import { untilSignalled } from '../signals.ts';
import { changeOf, newIn, planSync, proposedBy, revokedAfter, type Step } from '../changes/sync-plan.ts';
import { reportSync, type PlannedEffect } from '../views/sync-view.ts';
import { fetchGoldens } from './golden-record.ts';

interface SyncOptions extends ServerOptions, ConsentOptions, GateOptions {
  readonly dryRun?: boolean;
  readonly retireMissing?: boolean;
}

export function addSync(golden: Command, session: Session): void {
  const command = golden
    .command('sync')
    .description(
      'Make the server follow a folder (of a repository, say): propose its envelopes (*.dsse.json), add signatures the ' +
        'server lacks, and end what ended.yaml lists. What the folder does not mention is left alone.',
    )
    .argument('<dir>', 'folder, with all folders in it')
    .option('--dry-run', 'only show what would be done, and who would gain or lose trust by all of it')
    .option('--retire-missing', 'retire what is active on the server and in no file of the folder')
    .action((folder: string, options: SyncOptions) =>
      answer(session, options, () => syncGoldens(session, folder, options)),
    );
  withExamples(
    withServer(withConsent(withGate(command))),
    'touchstone golden sync golden-measurements/ --dry-run --max-flips 50',
    'touchstone golden sync golden-measurements/ --max-flips 50 --yes',
  );
}

async function syncGoldens(session: Session, folder: string, options: SyncOptions): Promise<Report> {
  const wanted = readGoldenFolder(folder);
  if (options.retireMissing === true && wanted.envelopes.size === 0) {
    const problem =
      'holds no golden measurement that is still good, and --retire-missing would retire all of the server';
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(folder)} ${problem}`);
  }
  const client = connect(session, options);
  const known = new Map((await fetchGoldens(client)).map((golden) => [golden.id, golden]));
  const conflicts = [...wanted.envelopes].flatMap(([id, { file }]) => {
    const state = known.get(id)?.state;
    return state === 'retired' || state === 'revoked' ? [{ id, file, state }] : [];
  });
  const unknown = wanted.ended.filter(({ id }) => !known.has(id)).map(({ id }) => id);
  const steps = await withoutHeld(client, planSync(wanted, known, options), wanted);
  await refuseUnsigned(client, newIn(steps, wanted));
  await refuseRecurrence(client, proposedBy(steps, wanted), revokedAfter(steps, known));
  if (options.dryRun === true) {
    const change = changeOf(steps, wanted);
    const effect = steps.length === 0 ? undefined : await foresee(session, client, { ...options, change });
    return reportSync({ steps, known, conflicts, unknown, effect });
  }
  if (steps.length > 0) {
    const change = changeOf(steps, wanted);
    const effect = steps.map(({ action, layer, id }) => `${action}  ${layer}  ${shortId(id)}`).join('\n');
    const question = steps.length === 1 ? 'do it?' : `do these ${steps.length} things?`;
    await requireConsentTo(session, client, { change, effect, question, options });
    await checkPlan(session, client, { ...options, change });
  }
  const named = steps.map((step) => ({ step, name: `${step.action} ${step.layer} ${shortId(step.id)}` }));
  // Ends come last: an overlap loses no host, a gap would. A signal ends it between two steps, and never unsaid.
  const sent = await untilSignalled((signal) =>
    sendOneByOne(
      named,
      ({ step, name }) => followLines(session, { json: options.json, name }, takeStep(client, step, wanted, options)),
      signal,
    ),
  );
  const changed = sent.items.filter(({ state }) => state !== 'proposed');
  // What was ended says no more which rollout kept it back.
  const asTheyWere = changed.map(({ id, layer, keptBack }) => ({
    layer,
    keptBack: keptBack ?? known.get(id)?.keptBack,
  }));
  const isFelt = sent.refusal === undefined && changed.length > 0;
  const felt = isFelt ? await tellWhenGoldensFelt(client, asTheyWere) : notFelt;
  return reportSync({ steps, known, conflicts, unknown, sent, felt });
}

/** A plan is shown also where nobody can tell what it would do: it is too large for one question, or the server is busy. */
async function foresee(
  session: Session,
  client: ApiClient,
  plan: SyncOptions & { readonly change: PlannedChange },
): Promise<PlannedEffect> {
  try {
    return { whatIf: await weighPlan(session, client, plan), gate: plan };
  } catch (error) {
    if (!isUntold(error)) throw error;
    return { untold: toRefusal(error).refusal, isGated: isGated(plan) };
  }
}

/** Without the files whose every signature the server has: some of them count no more, because a key was taken away. */
async function withoutHeld(
  client: ApiClient,
  steps: readonly Step[],
  { envelopes }: GoldenFolder,
): Promise<readonly Step[]> {
  const kept: Step[] = [];
  for (const step of steps) {
    const isAdding = step.action === 'add-signatures';
    const record = isAdding ? await client.call('getGoldenMeasurement', { path: { goldenId: step.id } }) : undefined;
    const held = new Set(record?.envelope?.signatures.map(({ sig }) => sig));
    const brought = envelopes.get(step.id)?.golden.signatures ?? [];
    if (!isAdding || brought.some(({ sig }) => !held.has(encodeBase64(sig)))) kept.push(step);
  }
  return kept;
}

/** The plan was weighed as a whole. Who includes protected hosts says so at each end; the others are asked about each once more. */
function takeStep(
  client: ApiClient,
  step: Step,
  { envelopes }: GoldenFolder,
  { includeProtected }: SyncOptions,
): AsyncIterable<LineOf<'retireGoldenMeasurement'>> {
  const query = includeProtected === undefined ? {} : { includeProtected };
  const path = { goldenId: step.id };
  if (!('end' in step)) {
    const golden = envelopes.get(step.id)?.golden;
    if (golden === undefined) throw new TypeError('a step of the plan names a file of the folder');
    return client.callLines('proposeGoldenMeasurement', { body: { envelope: wireEnvelope(golden) } });
  }
  const { reason, cve } = step.end;
  if (step.action === 'retire') return client.callLines('retireGoldenMeasurement', { path, query, body: { reason } });
  const body = { reason, ...(cve === undefined ? {} : { cve }) };
  return client.callLines('revokeGoldenMeasurement', { path, query, body });
}
