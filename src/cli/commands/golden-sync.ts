// `touchstone golden sync`: the server follows a folder. What the folder says is shown as a plan first.
import type { Command } from 'commander';
import type { ApiClient, components } from '../../api/index.ts';
import { encodeBase64, printable } from '../../core/encoding/index.ts';
import { goldenPayloadType } from '../../core/golden/index.ts';
import { withConsent, withExamples, withGate, withServer, type GateOptions } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../confirm.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError, cliErrors } from '../errors.ts';
import { sendOneByOne, type SentOneByOne } from '../one-by-one.ts';
import { checkPlan, type PlannedChange } from '../plan-gate.ts';
import { readGoldenFolder, type EndedGolden, type GoldenFolder } from '../golden-folder.ts';
import { refuseRecurrence, type ProposedFile } from '../refuse-recurrence.ts';
import { refuseUnsigned, type ProposedEnvelope } from '../refuse-unsigned.ts';
import type { Refusal, Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { untilSignalled } from '../signals.ts';
import { formatTable } from '../table.ts';
import { fetchGoldens, type Golden } from './golden-record.ts';

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
    .option('--dry-run', 'only show what would be done')
    .option('--retire-missing', 'retire what is active on the server and in no file of the folder')
    .action((folder: string, options: SyncOptions) =>
      answer(session, options, () => syncGoldens(session, folder, options)),
    );
  withExamples(
    withServer(withConsent(withGate(command))),
    'touchstone golden sync golden-measurements/ --dry-run',
    'touchstone golden sync golden-measurements/ --max-flips 50 --yes',
  );
}

/** One thing that the folder says and the server does not yet. */
type Step =
  | {
      readonly action: 'propose' | 'add-signatures';
      readonly id: string;
      readonly layer: string;
      readonly file: string;
    }
  | { readonly action: 'retire' | 'revoke'; readonly id: string; readonly layer: string; readonly end: EndedGolden };

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
  const steps = planSync(wanted, known, options);
  await refuseUnsigned(client, newIn(steps, wanted));
  await refuseRecurrence(client, proposedBy(steps, wanted), revokedAfter(steps, known));
  if (options.dryRun === true) return reportSync({ steps, known, conflicts, unknown });
  if (steps.length > 0) {
    const lines = steps.map(({ action, layer, id }) => `${action}  ${layer}  ${id.slice(0, 23)}`);
    await requireConsent(session, options, { lines, question: `do these ${steps.length} things?` });
    await checkPlan(session, client, { ...options, change: changeOf(steps, wanted) });
  }
  const named = steps.map((step) => ({ step, name: `${step.action} ${step.layer} ${step.id.slice(0, 23)}` }));
  // Ends come last: an overlap loses no host, a gap would. A signal ends it between two steps, and never unsaid.
  const sent = await untilSignalled((signal) =>
    sendOneByOne(named, ({ step }) => takeStep(client, step, wanted, options), signal),
  );
  return reportSync({ steps, known, conflicts, unknown, sent });
}

function newIn(steps: readonly Step[], { envelopes }: GoldenFolder): readonly ProposedEnvelope[] {
  return steps.flatMap(({ action, id }) => (action === 'propose' ? (envelopes.get(id) ?? []) : []));
}

function proposedBy(steps: readonly Step[], { envelopes }: GoldenFolder): readonly ProposedFile[] {
  return steps.flatMap(({ id }) => {
    const found = envelopes.get(id);
    return found === undefined ? [] : [{ id, file: found.file, statement: found.golden.untrustedStatement }];
  });
}

/** What is revoked already, and what the plan revokes. */
function revokedAfter(steps: readonly Step[], known: ReadonlyMap<string, Golden>): readonly Golden[] {
  const planned = new Set(steps.flatMap(({ action, id }) => (action === 'revoke' ? [id] : [])));
  return [...known.values()].filter(({ id, state }) => state === 'revoked' || planned.has(id));
}

function planSync(
  { envelopes, ended }: GoldenFolder,
  known: ReadonlyMap<string, Golden>,
  { retireMissing }: SyncOptions,
): readonly Step[] {
  const steps: Step[] = [];
  for (const [id, { file, golden }] of envelopes) {
    const { layer } = golden.untrustedStatement;
    const record = known.get(id);
    if (record === undefined) steps.push({ action: 'propose', id, layer, file });
    else if (isLacking(record, golden.signatures.length)) steps.push({ action: 'add-signatures', id, layer, file });
  }
  for (const end of ended) {
    const record = known.get(end.id);
    // Revoked is the last word: what was retired may still be revoked, never the reverse.
    if (record === undefined || record.state === 'revoked' || record.state === end.state) continue;
    steps.push({ action: end.state === 'retired' ? 'retire' : 'revoke', id: end.id, layer: record.layer, end });
  }
  if (retireMissing !== true) return steps;
  for (const { id, layer, state } of known.values()) {
    if (state !== 'active' || envelopes.has(id) || ended.some((end) => end.id === id)) continue;
    const end = { id, state: 'retired', reason: 'it is no longer in the folder that the server follows' } as const;
    steps.push({ action: 'retire', id, layer, end });
  }
  return steps;
}

/** Whether the file may hold a signature that counts and that the server does not have. */
function isLacking({ state, signatures, quorum }: Golden, held: number): boolean {
  return state === 'proposed' && signatures.length < quorum && held > signatures.length;
}

function changeOf(steps: readonly Step[], { envelopes }: GoldenFolder): PlannedChange {
  const idsOf = (action: Step['action']): string[] => steps.flatMap((step) => (step.action === action ? step.id : []));
  const activate = steps.flatMap(({ id }) => {
    const golden = envelopes.get(id)?.golden;
    return golden === undefined ? [] : [{ statement: encodeBase64(golden.payload) }];
  });
  return { activate, retire: idsOf('retire'), revoke: idsOf('revoke') };
}

/** The plan was weighed as a whole. Who includes protected hosts says so at each end; the others are asked about each once more. */
async function takeStep(
  client: ApiClient,
  step: Step,
  { envelopes }: GoldenFolder,
  { includeProtected }: SyncOptions,
): Promise<Golden> {
  const query = includeProtected === undefined ? {} : { includeProtected };
  const path = { goldenId: step.id };
  if (!('end' in step)) {
    const golden = envelopes.get(step.id)?.golden;
    if (golden === undefined) throw new TypeError('a step of the plan names a file of the folder');
    return client.call('proposeGoldenMeasurement', { body: { envelope: wireEnvelope(golden) } });
  }
  const { reason, cve } = step.end;
  if (step.action === 'retire') return client.call('retireGoldenMeasurement', { path, query, body: { reason } });
  const body = { reason, ...(cve === undefined ? {} : { cve }) };
  return client.call('revokeGoldenMeasurement', { path, query, body });
}

type Claimed = NonNullable<ReturnType<GoldenFolder['envelopes']['get']>>['golden'];

function wireEnvelope({ payload, signatures }: Claimed): components['schemas']['DsseEnvelope'] {
  return {
    payloadType: goldenPayloadType,
    payload: encodeBase64(payload),
    signatures: signatures.map(({ sig, untrustedKeyid }) => ({
      sig: encodeBase64(sig),
      ...(untrustedKeyid === undefined ? {} : { keyid: untrustedKeyid }),
    })),
  };
}

interface Sync {
  readonly steps: readonly Step[];
  /** What the server had before. */
  readonly known: ReadonlyMap<string, Golden>;
  readonly conflicts: readonly { readonly id: string; readonly file: string; readonly state: string }[];
  /** Ended by the folder, and nothing that the server has. */
  readonly unknown: readonly string[];
  /** Undefined where it was only asked what would be done. */
  readonly sent?: SentOneByOne<Golden>;
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
function reportSync(sync: Sync): Report {
  const { steps, known, conflicts, unknown, sent } = sync;
  const refusal = sent?.refusal;
  const isDone = sent !== undefined && refusal === undefined;
  const goldens = new Map([...known, ...(sent?.items ?? []).map((golden) => [golden.id, golden] as const)]);
  const waiting = [...goldens.values()].filter(({ state }) => state === 'proposed').length;
  const items = steps.map(({ action, id, layer }, index) => {
    const outcome = outcomeOf(index, sync);
    return { action, id, layer, state: goldens.get(id)?.state ?? 'unknown', outcome };
  });
  return {
    data: { done: isDone, steps: items, conflicts, unknown, waiting },
    refusal: refusal && withAgain(refusal),
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
          `${printable(file)} is in the folder, and the server has ${state} it (${id.slice(0, 23)}): list it in ended.yaml`,
        ),
      ),
      ...unknown.map((id) => paper.tone('warn', `ended.yaml ends ${id}, which the server does not have: is the id right?`)), // prettier-ignore
      ...(waiting === 0 ? [] : [`${waiting} wait for signatures: ${nextStep}`]),
    ],
  };
}
