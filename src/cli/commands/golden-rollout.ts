// `touchstone golden rollout status` and its like: golden measurements that reach a few hosts first.
import type { Command } from 'commander';
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { nameSome, printable, printableAgain } from '../../core/encoding/index.ts';
import { gateQuery, withConsent, withDryRun, withExamples, withMaxFlips, withServer } from '../command-line.ts';
import type { ConsentOptions } from '../changes/confirm.ts';
import { previewChange, requireConsentTo } from '../changes/preview.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { followLines } from '../follow-lines.ts';
import { readDocument } from '../inputs/document-file.ts';
import { collectEntries, type FoundEntries } from '../inputs/audit-look.ts';
import { readGoldenIds } from '../inputs/golden-id.ts';
import { tellWhenFelt, type Felt } from '../changes/next-attestations.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper, Tone } from '../terminal.ts';
import { actorText } from '../views/actor-text.ts';

type Rollout = JsonAnswerOf<'getRollout'>;
type Stage = Rollout['stages'][number];
type RefusedGroup = NonNullable<Rollout['progress']>['refusedFor'][number];

interface BackOptions extends ServerOptions, ConsentOptions {
  readonly reason: string;
  readonly dryRun?: boolean;
  readonly maxFlips?: number;
}

interface AdvanceOptions extends ServerOptions {
  readonly maxFlips?: number;
}

export function addRolloutCommands(golden: Command, session: Session): void {
  const rollout = golden
    .command('rollout')
    .description('golden measurements in stages: a few hosts first, more by evidence, all at last');
  addStart(rollout, session);
  addStatus(rollout, session);
  addAdvance(rollout, session);
  addPauseAndResume(rollout, session);
  addRollBack(rollout, session);
}

function addAdvance(rollout: Command, session: Session): void {
  const command = rollout
    .command('advance')
    .summary('take the next step, where the evidence allows it')
    .description(
      'Open the next stage; after the last one, all hosts; after that, retire the predecessors that no host rests on.\n' +
        'Exit status 1 when the evidence does not allow it yet.',
    )
    .argument('<name>', 'rollout')
    .action((name: string, options: AdvanceOptions) => answer(session, options, () => advance(session, name, options)));
  withExamples(
    withServer(withMaxFlips(command)),
    'touchstone golden rollout advance kernel-6.1.0-57',
    'touchstone golden rollout advance kernel-6.1.0-57 --max-flips 20',
  );
}

function addPauseAndResume(rollout: Command, session: Session): void {
  addMode(rollout, session, {
    verb: 'pause',
    advance: 'operator',
    description:
      'Let a rollout that advances by itself (`advance: auto`) take no further step: only `advance` does from now on. ' +
      'What hosts have of it stays as it is.',
    reason: 'hosts of the canary are slow',
    call: (client, path, body) => client.call('pauseRollout', { path, body }),
  });
  addMode(rollout, session, {
    verb: 'resume',
    advance: 'auto',
    description: 'Let a rollout take its steps by itself, where the evidence allows them, as with `advance: auto`.',
    reason: 'the canary is well',
    call: (client, path, body) => client.call('resumeRollout', { path, body }),
  });
}

function addRollBack(rollout: Command, session: Session): void {
  const back = rollout
    .command('roll-back')
    .description(
      'Take the golden measurements from every host again. Verdicts that rest on them run out at their expiry.',
    )
    .argument('<name>', 'rollout')
    .requiredOption('--reason <text>', 'why: it is kept in the audit log')
    .action((name: string, options: BackOptions) => answer(session, options, () => rollBack(session, name, options)));
  withExamples(
    withServer(withConsent(withMaxFlips(withDryRun(back)))),
    'touchstone golden rollout roll-back kernel-6.1.0-57 --reason "hosts do not find their disks" --dry-run',
    'touchstone golden rollout roll-back kernel-6.1.0-57 --reason "hosts do not find their disks"',
  );
}

interface Mode {
  /** What the rollout is afterwards. */
  readonly advance: Rollout['advance'];
  readonly verb: 'pause' | 'resume';
  readonly description: string;
  /** Of the example. */
  readonly reason: string;
  readonly call: (
    client: ApiClient,
    path: { readonly rolloutName: string },
    body: { readonly reason: string },
  ) => Promise<Rollout>;
}

function addMode(rollout: Command, session: Session, mode: Mode): void {
  const { verb, description, reason } = mode;
  const command = rollout
    .command(verb)
    .description(description)
    .argument('<name>', 'rollout')
    .requiredOption('--reason <text>', 'why: it is kept in the audit log')
    .action((name: string, options: ServerOptions & { readonly reason: string }) =>
      answer(session, options, () => setMode(session, name, { mode, ...options })),
    );
  withExamples(withServer(command), `touchstone golden rollout ${verb} kernel-6.1.0-57 --reason "${reason}"`);
}

function addStart(rollout: Command, session: Session): void {
  const command = rollout
    .command('start')
    .summary('open the first stage')
    .description(
      'Open the first stage of a rollout from a YAML or JSON file. Start before the quorum has signed: from then on the golden ' +
        'measurements are in force for hosts of the opened stages only.\n' +
        '  name: kernel-6.1.0-57\n' +
        '  goldens: [sha256:4f1d…]       # one of each layer\n' +
        '  predecessors: [sha256:9c02…]  # unless the drafts say what they supersede\n' +
        '  stages:\n' +
        '    - { labels: { canary: yes }, minimumHosts: 2, minimumSeconds: 3600 }\n' +
        '    # a tenth of a fleet of 1000: fewer never advance\n' +
        '    - { share: 10, minimumHosts: 50, minimumSeconds: 86400 }\n' +
        '  advance: operator                  # or auto',
    )
    .argument('<file>', 'rollout document; - for stdin')
    .action((file: string, options: ServerOptions) =>
      answer(session, options, () => {
        const body = readDocument(file, 'rollout');
        return withRollout(session, options, async (client) =>
          client.call('startRollout', { body: await withWholeIds(client, body) }),
        );
      }),
    );
  withExamples(withServer(command), 'touchstone golden rollout start rollout.yaml');
}

/** What else is wrong with the document, the server says, field by field. */
async function withWholeIds(
  client: ApiClient,
  document: Readonly<Record<string, unknown>>,
): Promise<RequestBody<'startRollout'>> {
  const whole: Record<string, unknown> = { ...document };
  for (const name of ['goldens', 'predecessors']) {
    const ids: unknown = document[name];
    const isList = Array.isArray(ids) && ids.every((id): id is string => typeof id === 'string');
    if (isList) whole[name] = await readGoldenIds(client, ids);
  }
  return whole as unknown as RequestBody<'startRollout'>;
}

function addStatus(rollout: Command, session: Session): void {
  const command = rollout
    .command('status')
    .description('List the rollouts, or show how far the stage of one is.')
    .argument('[name]', 'rollout')
    .action((name: string | undefined, options: ServerOptions) =>
      answer(session, options, () =>
        name === undefined ? listRollouts(session, options) : showRollout(session, name, options),
      ),
    );
  withExamples(
    withServer(command),
    'touchstone golden rollout status',
    'touchstone golden rollout status kernel-6.1.0-57',
  );
}

/** With who paused it, and why. */
async function showRollout(session: Session, name: string, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const rollout = await client.call('getRollout', { path: { rolloutName: name } });
  const query = { subject: name, actions: 'rollout.paused,rollout.resumed' };
  const { items, actorNames } = await collectEntries(client, query, 1);
  const paused = items.find(({ action }) => action === 'rollout.paused' && rollout.progress !== undefined);
  return {
    data: { rollout, ...(paused === undefined ? {} : { paused, actorNames }) },
    lines: (paper) => [
      ...formatRollout(paper, rollout),
      ...(paused === undefined ? [] : [paper.tone('warn', describePause(paused, actorNames))]),
    ],
  };
}

function describePause({ at, actor, details }: FoundEntries['items'][number], names: FoundEntries['actorNames']) {
  return `paused at ${at} by ${actorText(actor, names[actor])}: ${printableAgain(String(details['reason']))}`;
}

async function withRollout(
  session: Session,
  options: ServerOptions,
  call: (client: ApiClient) => Promise<Rollout>,
): Promise<Report> {
  const rollout = await call(connect(session, options));
  return { data: { rollout }, lines: (paper) => formatRollout(paper, rollout) };
}

/** The same of a step that was taken, and when the hosts that it reached feel it. */
async function advance(session: Session, name: string, options: AdvanceOptions): Promise<Report> {
  const client = connect(session, options);
  const lines = client.callLines('advanceRollout', { path: { rolloutName: name }, query: gateQuery(options) });
  const rollout = await followLines(session, { json: options.json }, lines);
  if (rollout.state === 'completed') {
    const retired = rollout.predecessors.length === 0 ? 'nothing was to be retired' : 'none rested on what was retired';
    const none = `no host feels it: ${retired}`;
    return { data: { rollout }, lines: (paper) => [...formatRollout(paper, rollout), none] };
  }
  return reportFelt(rollout, await tellWhenFelt(client, { rollouts: rollout.name, lastStep: true }));
}

/** Where it is so already, nothing is changed and no reason kept: that is said. */
async function setMode(
  session: Session,
  name: string,
  { mode, reason, ...options }: ServerOptions & { readonly reason: string; readonly mode: Mode },
): Promise<Report> {
  const client = connect(session, options);
  const path = { rolloutName: name };
  const before = await client.call('getRollout', { path });
  const rollout = await mode.call(client, path, { reason });
  const isChanged = before.advance !== rollout.advance;
  const so =
    mode.advance === 'auto'
      ? 'the server takes its steps already'
      : 'it takes no step by itself anyhow: `advance` does';
  return {
    data: { rollout, changed: isChanged },
    lines: (paper) => [...formatRollout(paper, rollout), ...(isChanged ? [] : [`nothing was changed: ${so}`])],
  };
}

function reportFelt(rollout: Rollout, felt: Felt): Report {
  return { data: { rollout, ...felt.data }, lines: (paper) => [...formatRollout(paper, rollout), ...felt.lines] };
}

async function rollBack(session: Session, name: string, options: BackOptions): Promise<Report> {
  const client = connect(session, options);
  const path = { rolloutName: name };
  const { state, goldens } = await client.call('getRollout', { path });
  const named = {
    change: { retire: [...goldens] },
    effect:
      'its golden measurements match no host any more; verdicts that rest on them hold until their hosts attest again, or run out',
    question: `roll ${printable(name)} back?`,
    // Nobody is protected from it: what goes wrong in a rollout has to end.
    options: { ...options, includeProtected: true },
  };
  const isOver = state !== 'running' && state !== 'widened';
  if (options.dryRun === true && !isOver) return previewChange(session, client, named);
  // Of one that is over, the server says so.
  if (!isOver) await requireConsentTo(session, client, named);
  const { reason } = options;
  const query = gateQuery(options);
  const lines = client.callLines('rollBackRollout', { path, query, body: { reason } });
  const rollout = await followLines(session, { json: options.json }, lines);
  // What all hosts had is taken from all, and not from those of its stages alone.
  return reportFelt(rollout, await tellWhenFelt(client, state === 'widened' ? {} : { rollouts: rollout.name }));
}

async function listRollouts(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listRollouts', {});
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no rollout was started yet']
        : formatTable(
            paper,
            ['rollout', 'state', 'stage', 'since', 'advance', 'golden measurements'],
            items.map((rollout) => [
              printable(rollout.name),
              paper.tone(tones[rollout.state], rollout.state),
              stageOf(rollout),
              rollout.stageOpenedAt,
              rollout.advance,
              String(rollout.goldens.length),
            ]),
          ),
  };
}

const tones = {
  running: 'warn',
  widened: 'good',
  completed: 'dim',
  'rolled-back': 'bad',
} as const satisfies Record<Rollout['state'], Tone>;

function stageOf({ state, stage, stages }: Rollout): string {
  return state === 'running' ? `${stage + 1} of ${stages.length}` : '-';
}

const shownHosts = 8;

function formatRollout(paper: Paper, rollout: Rollout): string[] {
  const { name, state, goldens, predecessors, stages, progress, endReason } = rollout;
  return formatFacts(paper, [
    ['rollout', paper.tone('strong', printable(name))],
    ['state', paper.tone(tones[state], state)],
    ['why', endReason && printableAgain(endReason)],
    ['stage', stageAndMode(rollout)],
    ...goldens.map((id) => ['golden', id] as const),
    ...predecessors.map((id) => ['predecessor', id] as const),
    ['predecessor', predecessors.length > 0 ? undefined : 'none: what hosts boot now stays accepted beside it'],
    ['hosts', progress && `${progress.hosts} in the opened stages, ${progress.proved} trusted by it, ${progress.refused} refused`], // prettier-ignore
    ...(progress?.refusedFor ?? []).map((group) => ['refused', describeRefused(group)] as const),
    ...stages.map((stage, index) => [`stage ${index + 1}`, describeStage(stage, progress?.stageHosts[index])] as const),
    ...(progress?.obstacles ?? []).map((each) => ['waits', paper.tone('warn', printable(each))] as const),
    ['who', whoRests(rollout)],
    ['next step', progress?.ready === true ? nextStep(rollout) : undefined],
  ]);
}

/** Who takes the next step is to be seen for as long as there is one. */
function stageAndMode(rollout: Rollout): string | undefined {
  const { state, advance } = rollout;
  if (state !== 'running' && state !== 'widened') return undefined;
  return `${state === 'running' ? stageOf(rollout) : 'all hosts'}, advanced by ${advance === 'auto' ? 'evidence' : 'operators'}`;
}

/** What names the hosts that the last step waits for. */
function whoRests({ state, predecessors, progress }: Rollout): string | undefined {
  if (state !== 'widened' || progress === undefined || progress.ready) return undefined;
  return `\`touchstone what-if ${predecessors.map((id) => `--retire ${printable(id)}`).join(' ')}\``;
}

function describeRefused({ code, layer, ofRollout, beforeStage, count, hosts }: RefusedGroup): string {
  const where = layer === undefined ? '' : ` in layer ${layer}${ofRollout ? ', which it brings' : ''}`;
  const what = ofRollout ? where.trim() : `for something else${where}`;
  const when = beforeStage ? '; their last attestations were before the stage was opened' : '';
  return `${count} ${what} (${printable(code)}): ${nameSome(hosts, shownHosts, count)}${when}`;
}

function describeStage({ labels = {}, share, minimumHosts, minimumSeconds = 0 }: Stage, hosts?: number): string {
  const chosen = Object.entries(labels).map(([name, value]) => printable(`${name}=${value}`));
  const who = [...chosen, ...(share === undefined ? [] : [`${share} % of the hosts`])].join(', ') || 'all hosts';
  const needed = `needs ${minimumHosts} trusted${minimumSeconds > 0 ? ` and ${minimumSeconds} s` : ''}`;
  if (hosts === undefined) return `${who}: ${needed}`;
  return `${who}: ${needed}, has ${hosts}${hosts < minimumHosts ? ': too few, it never advances' : ''}`;
}

function nextStep({ advance, name, state, predecessors }: Rollout): string {
  if (advance === 'auto') return 'taken by the server when the next host attests with it';
  const last = predecessors.length === 0 ? 'ends the rollout' : 'retires the predecessors';
  const what = state === 'widened' ? last : 'can be taken';
  return `${what}: \`touchstone golden rollout advance ${printable(name)}\``;
}
