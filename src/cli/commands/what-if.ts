// `touchstone what-if`: who would gain or lose trust by a change that nobody has made yet.
import { existsSync } from 'node:fs';
import type { Command } from 'commander';
import type { ApiClient, components } from '../../api/index.ts';
import { counted, encodeBase64 } from '../../core/encoding/index.ts';
import { collectFile, collectPair, parseDateOption, parseLimit, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { readDenyFile, readGoldenFile } from '../inputs/signed-file.ts';
import { cliErrors, misuse } from '../errors.ts';
import { weighPlan } from '../changes/plan-gate.ts';
import { readGoldenId, readGoldenIds } from '../inputs/golden-id.ts';
import { anchorKind, findSigner, revocationListKind } from '../inputs/named-trust.ts';
import { readPolicyDocument } from '../inputs/policy-document.ts';
import type { Report } from '../report.ts';
import { readIds } from '../inputs/short-id.ts';
import { answer, type Session } from '../session.ts';
import type { Paper } from '../terminal.ts';
import { formatWhatIf } from '../views/what-if-view.ts';

type Schemas = components['schemas'];

interface WhatIfOptions extends ServerOptions {
  readonly activate?: readonly string[];
  readonly retire?: readonly string[];
  readonly revoke?: readonly string[];
  readonly policy?: readonly string[];
  readonly deny?: readonly string[];
  readonly withdraw?: readonly string[];
  readonly removeSigner?: readonly string[];
  readonly removeCrl?: readonly string[];
  readonly label?: Readonly<Record<string, string>>;
  readonly at?: Date;
  readonly maxFlips?: number;
}

export function addWhatIfCommand(program: Command, session: Session): void {
  const command = program
    .command('what-if')
    .summary('ask who would gain or lose trust by a change, and why')
    .description(
      'Appraise the stored evidence of the whole fleet with a change laid over what is in force. Nothing is changed.\n' +
        'Exit status 1 when more hosts than --max-flips would gain or lose trust.',
    )
    .option('--activate <golden>', 'a statement, signed or not, or the id of a stored golden measurement', collectFile)
    .option('--retire <id>', 'golden measurement that would no longer be matched', collectFile)
    .option('--revoke <id>', 'golden measurement that would no longer be trusted', collectFile)
    .option('--policy <file>', 'policy as it would be written next, YAML or JSON', collectFile)
    .option('--deny <file>', 'deny list that would be in force, signed or not', collectFile)
    .option('--withdraw <anchor>', 'trust anchor that would vouch for nobody any more', collectFile)
    .option('--remove-signer <signer>', 'signer, by name or key id, whose signatures would count no more', collectFile)
    .option('--remove-crl <id>', 'revocation list that would be no more', collectFile)
    .option('--label <name=value>', 'only hosts that carry this label (may be repeated)', collectPair)
    .option(
      '--at <date>',
      'ask about a later time: what expires until then; `now`: who is refused today, and why',
      (text) => (text === 'now' ? session.now() : parseDateOption(text)),
    )
    .option('--max-flips <hosts>', 'refuse when more hosts would gain or lose trust', parseLimit)
    .action((options: WhatIfOptions) => answer(session, options, () => askWhatIf(session, options)));
  withExamples(
    withServer(command),
    'touchstone what-if --activate drafts/kernel.statement.json --activate drafts/initrd.statement.json',
    'touchstone what-if --revoke sha256:4f1d9c02 --max-flips 20',
    'touchstone what-if --policy fleet.yaml --label rack=3',
    'touchstone what-if --deny fleet.dsse.json',
    'touchstone what-if --withdraw 5f2b81d0 --remove-signer ada',
    'touchstone what-if --at 2027-01-01',
    'touchstone what-if --at now',
  );
}

async function askWhatIf(session: Session, options: WhatIfOptions): Promise<Report> {
  const client = connect(session, options);
  const body = await withWholeIds(client, readQuestion(options));
  const result = await weighPlan(session, client, { ...options, change: body });
  const flips = result.lost + result.gained;
  const { maxFlips } = options;
  const isTooMany = maxFlips !== undefined && flips > maxFlips;
  return {
    data: { ...result },
    lines: (paper) => [...formatPast(paper, options.at, session.now()), ...formatWhatIf(paper, result)],
    refusal: isTooMany
      ? {
          code: 'CLI_FLIPS_TOO_MANY',
          message: `${counted(flips, 'host')} would gain or lose trust, ${maxFlips} may`,
          remedy: cliErrors.CLI_FLIPS_TOO_MANY.remedy,
        }
      : undefined,
  };
}

/** `now` was read before the question was asked, and clocks differ. */
const littleMs = 60_000;

/** Nobody knows from it who was trusted then. */
function formatPast(paper: Paper, at: Date | undefined, now: Date): readonly string[] {
  if (at === undefined || at.getTime() > now.getTime() - littleMs) return [];
  const line = `${at.toISOString()} is over: what is in force now is held against that time, and not what was in force then (that is in the audit log)`;
  return [paper.tone('warn', line)];
}

function readQuestion({
  activate = [],
  retire,
  revoke,
  policy = [],
  deny = [],
  withdraw,
  removeSigner,
  removeCrl,
  label,
  at,
}: WhatIfOptions): Schemas['WhatIfRequest'] {
  const named = [activate, retire, revoke, policy, deny, withdraw, removeSigner, removeCrl];
  if (named.every((change = []) => change.length === 0) && at === undefined) {
    throw misuse('no change was named, and no time (--at now says who is refused today, and why)');
  }
  const policies = policy.map((file) => readPolicyDocument(file, undefined));
  return {
    ...(activate.length === 0 ? {} : { activate: activate.map(readActivation) }),
    ...(retire === undefined ? {} : { retire: [...retire] }),
    ...(revoke === undefined ? {} : { revoke: [...revoke] }),
    // The server validates each document against the contract and names each field that is wrong.
    ...(policies.length === 0 ? {} : { policies: policies.map(({ id, document }) => ({ id, policy: document })) }),
    ...(deny.length === 0 ? {} : { deny: deny.map((file) => encodeBase64(readDenyFile(file).payload)) }),
    ...(withdraw === undefined ? {} : { withdrawAnchors: [...withdraw] }),
    ...(removeSigner === undefined ? {} : { removeSigners: [...removeSigner] }),
    ...(removeCrl === undefined ? {} : { removeRevocationLists: [...removeCrl] }),
    ...(label === undefined ? {} : { labels: label }),
    ...(at === undefined ? {} : { at: at.toISOString() }),
  };
}

/** What the server is asked about has whole ids. */
async function withWholeIds(client: ApiClient, body: Schemas['WhatIfRequest']): Promise<Schemas['WhatIfRequest']> {
  const { activate, retire, revoke, withdrawAnchors, removeSigners, removeRevocationLists } = body;
  const whole = { ...body };
  if (retire !== undefined) whole.retire = [...(await readGoldenIds(client, retire))];
  if (revoke !== undefined) whole.revoke = [...(await readGoldenIds(client, revoke))];
  if (withdrawAnchors !== undefined) whole.withdrawAnchors = [...(await readIds(withdrawAnchors, anchorKind(client)))];
  if (removeRevocationLists !== undefined) {
    const lists = revocationListKind(async () => (await client.call('listRevocationLists', {})).items);
    whole.removeRevocationLists = [...(await readIds(removeRevocationLists, lists))];
  }
  if (removeSigners !== undefined) {
    whole.removeSigners = [];
    for (const typed of removeSigners) whole.removeSigners.push((await findSigner(client, typed)).keyid);
  }
  if (activate === undefined) return whole;
  whole.activate = [];
  for (const each of activate) {
    const { goldenId } = each;
    whole.activate.push(goldenId === undefined ? each : { goldenId: await readGoldenId(client, goldenId) });
  }
  return whole;
}

function readActivation(named: string): { readonly goldenId: string } | { readonly statement: string } {
  if (!existsSync(named) && /^(?:sha256:)?[0-9a-f]{8,64}(?:…|\.\.\.)?$/.test(named)) return { goldenId: named };
  return { statement: encodeBase64(readGoldenFile(named).payload) };
}
