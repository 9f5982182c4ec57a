// `touchstone policy check` and `policy shipped`: a policy read over before any server has it, and two to begin with.
import type { Command } from 'commander';
import { lintPolicy, type PolicyRemark } from '../../core/appraisal/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { withExamples, withJson } from '../command-line.ts';
import { cliErrors } from '../errors.ts';
import { readTextInput } from '../files.ts';
import {
  parsePolicyDocument,
  readPolicyDocument,
  shippedPolicyFile,
  shippedPolicyNames,
  type PolicyDocument,
} from '../inputs/policy-document.ts';
import type { Refusal, Report } from '../report.ts';
import { answer, type CommonOptions, type Session } from '../session.ts';
import type { Paper } from '../terminal.ts';

interface CheckOptions extends CommonOptions {
  readonly id?: string;
}

export function addPolicyCheckCommands(policy: Command, session: Session): void {
  withExamples(
    withJson(policy.command('check'))
      .summary('say what is doubtful in a policy document, without a server')
      .description(
        'Read a policy document as the server would, and say what is doubtful in it: stages of the boot that it leaves open, ' +
          'demands that no host can satisfy, facts that rest on programs it does not pin, verdicts that last too long. ' +
          'Errors and warnings end with exit status 1; advice does not.',
      )
      .argument('<file>', 'policy document; - for stdin')
      .option('--id <id>', 'policy id, where the document does not have it')
      .action((file: string, options: CheckOptions) =>
        answer(session, options, () => checkPolicy(readPolicyDocument(file, options.id))),
      ),
    'touchstone policy check fleet.yaml',
    'touchstone policy shipped hypervisor-strict | touchstone policy check -',
  );
  withExamples(
    withJson(policy.command('shipped'))
      .description('Print a policy that comes with Touchstone, to be changed and applied; without a name, list them.')
      .argument('[name]', 'hypervisor-standard or hypervisor-strict')
      .action((name: string | undefined, options: CommonOptions) =>
        answer(session, options, () => (name === undefined ? listShipped() : showShipped(name))),
      ),
    'touchstone policy shipped',
    'touchstone policy shipped hypervisor-strict > strict.yaml',
  );
}

/** One line per remark. */
export function formatRemarks(paper: Paper, remarks: readonly PolicyRemark[]): readonly string[] {
  return remarks.map(({ code, severity, message }) => {
    const tone = severity === 'error' ? 'bad' : severity === 'warning' ? 'warn' : 'accent';
    return `${paper.tone(tone, severity)} ${code}: ${printable(message, 600)}`;
  });
}

/** @throws MalformedError APPRAISAL_POLICY_* */
function checkPolicy(document: PolicyDocument): Report {
  const policy = parsePolicyDocument(document);
  const remarks = lintPolicy(policy);
  return {
    data: { policy: policy.id, remarks },
    refusal: refusalOf(remarks),
    lines: (paper) =>
      remarks.length === 0
        ? [`${paper.tone('good', 'nothing to remark')}: ${printable(policy.id)}`]
        : formatRemarks(paper, remarks),
  };
}

function refusalOf(remarks: readonly PolicyRemark[]): Refusal | undefined {
  const grave = remarks.filter(({ severity }) => severity !== 'advice');
  if (grave.length === 0) return undefined;
  const { remedy } = cliErrors.CLI_POLICY_DOUBTFUL;
  return { code: 'CLI_POLICY_DOUBTFUL', message: `${grave.length} errors and warnings in the policy`, remedy };
}

function listShipped(): Report {
  const items = shippedPolicyNames().map((name) => {
    const { document } = readPolicyDocument(shippedPolicyFile(name), undefined);
    return { name, description: String(document.description) };
  });
  return { data: { items }, lines: () => items.map(({ name, description }) => `${name}  ${description}`) };
}

function showShipped(name: string): Report {
  const text = readTextInput(shippedPolicyFile(name));
  return { data: { name, text }, lines: () => text.trimEnd().split('\n') };
}
