// `touchstone policy`: which layers a group of hosts must satisfy.
import type { Command } from 'commander';
import { lintPolicy, type PolicyRemark } from '../../core/appraisal/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import { gateQuery, withConsent, withDryRun, withExamples, withGate, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { followLines } from '../follow-lines.ts';
import { tellWhenFelt } from '../changes/next-attestations.ts';
import { askAboutChange, previewChange, type PreviewOptions } from '../changes/preview.ts';
import { parsePolicyDocument, readPolicyDocument } from '../inputs/policy-document.ts';
import { formatPolicy, selectorText, type Policy } from '../views/policy-view.ts';
import { addPolicyCheckCommands, formatRemarks } from './policy-check.ts';
import { addPolicyHistoryCommand } from './policy-history.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';

interface ApplyOptions extends ServerOptions, PreviewOptions {
  readonly id?: string;
}

export function addPolicyCommands(program: Command, session: Session): void {
  const policy = program.command('policy').description('appraisal policies: what a group of hosts must satisfy');
  addApply(policy, session);
  addList(policy, session);
  addShow(policy, session);
  addPolicyHistoryCommand(policy, session);
  addPolicyCheckCommands(policy, session);
}

function addApply(policy: Command, session: Session): void {
  const command = policy
    .command('apply')
    .summary('write the next version of a policy')
    .description(
      'Write the next version of a policy from a YAML or JSON file. At a terminal it shows first who would gain or lose trust, and asks:\n' +
        '  id: fleet\n' +
        '  layers: [firmware, secure-boot, boot-loader, kernel,\n' +
        '    kernel-command-line, initrd]\n' +
        '  requireFacts: { secureBoot: enabled }\n' +
        '  verdictSeconds: 3600\n' +
        '  hosts: { all: true }          # or names: [...], or labels: {...}',
    )
    .argument('<file>', 'policy document; - for stdin')
    .option('--id <id>', 'policy id, where the document does not have it')
    .action((file: string, options: ApplyOptions) =>
      answer(session, options, () => applyPolicy(session, file, options)),
    );
  withExamples(
    withServer(withConsent(withGate(withDryRun(command)))),
    'touchstone policy apply fleet.yaml --dry-run',
    'touchstone policy apply fleet.yaml --max-flips 20 --yes',
  );
}

function addList(policy: Command, session: Session): void {
  withExamples(
    withServer(
      policy
        .command('list')
        .description('List the newest version of each policy.')
        .action((options: ServerOptions) => answer(session, options, () => listPolicies(session, options))),
    ),
    'touchstone policy list',
  );
}

function addShow(policy: Command, session: Session): void {
  withExamples(
    withServer(
      policy
        .command('show')
        .description('Show the newest version of a policy.')
        .argument('<id>', 'policy id')
        .action((id: string, options: ServerOptions) =>
          answer(session, options, () => showPolicy(session, id, options)),
        ),
    ),
    'touchstone policy show fleet',
  );
}

function reportPolicy(policy: Policy): Report {
  const remarks = remarksOn(policy);
  return {
    data: { policy, remarks },
    lines: (paper) => [
      ...formatPolicy(paper, policy),
      ...formatRemarks(
        paper,
        remarks.filter(({ severity }) => severity !== 'advice'),
      ),
    ],
  };
}

/** A newer server may hold a policy with facts that this CLI cannot read: then it has nothing to say about it. */
function remarksOn(policy: Policy): readonly PolicyRemark[] {
  const { id, layers, bank, verdictSeconds, requireFacts, conditions, hosts } = policy;
  const document = { layers, bank, verdictSeconds, requireFacts, conditions, hosts };
  try {
    return lintPolicy(parsePolicyDocument({ id, document }));
  } catch (error) {
    if (error instanceof AttestationError) return [];
    throw error;
  }
}

async function applyPolicy(session: Session, file: string, options: ApplyOptions): Promise<Report> {
  const { id, document } = readPolicyDocument(file, options.id);
  const request = { path: { policyId: id }, query: gateQuery(options), body: document };
  const client = connect(session, options);
  const named = {
    change: { policies: [{ id, policy: document }] },
    effect: 'hosts are held to it by their next attestation; `touchstone policy history` has what was in force before',
    question: `write the policy ${printable(id)}?`,
    options,
  };
  if (options.dryRun === true) return previewChange(session, client, named);
  await askAboutChange(session, client, named);
  const policy = await followLines(session, { json: options.json }, client.callLines('putPolicy', request));
  const felt = await tellWhenFelt(client, { policy: id });
  const report = reportPolicy(policy);
  return {
    data: { ...report.data, ...felt.data },
    lines: (paper) => [...report.lines(paper), ...felt.lines],
  };
}

async function listPolicies(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listPolicies', {});
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no policy yet: every host is denied until one is applied (`touchstone policy apply`)']
        : formatTable(
            paper,
            ['policy', 'version', 'hosts', 'layers'],
            items.map(({ id, version, hosts, layers }) => [
              printable(id),
              String(version),
              selectorText(hosts),
              layers.join(' '),
            ]),
          ),
  };
}

async function showPolicy(session: Session, id: string, options: ServerOptions): Promise<Report> {
  const policy = await connect(session, options).call('getPolicy', { path: { policyId: id } });
  return reportPolicy(policy);
}
