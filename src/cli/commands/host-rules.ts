// `touchstone host pending --would-approve`: what rules would do with the hosts that wait. Nothing is changed.
import { readAllPages, type ApiClient, type JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import type { RequestBody } from '../connection.ts';
import { CliError } from '../errors.ts';
import { readDocument } from '../inputs/document-file.ts';
import type { Report } from '../report.ts';
import { formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

type Outcome = JsonAnswerOf<'tryApprovalRules'>['items'][number];
type TrialRequest = RequestBody<'tryApprovalRules'>;

/** `file` has what `enrolment` in touchstone.yaml may have under `rules`; true tries the rules in force.
 * @throws CliError CLI_INPUT_UNRECOGNISED, CLI_FILE_* */
export async function tryRules(client: ApiClient, file: string | true): Promise<Report> {
  const body = file === true ? {} : readRules(file);
  const items = await readAllPages((query) => client.call('tryApprovalRules', { query, body }));
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no host waits for approval']
        : formatTable(
            paper,
            ['host', 'would be', 'by rule', 'fingerprint of the TPM'],
            items.map((one) => row(paper, one)),
          ),
  };
}

/** What is wrong within a rule, the server says. */
function readRules(file: string): TrialRequest {
  const { rules, ...others } = readDocument(file, 'document of rules');
  const [other] = Object.keys(others);
  if (!Array.isArray(rules) || other !== undefined) {
    throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(file)} has no list \`rules\`, or something beside it`);
  }
  return { rules: rules as NonNullable<TrialRequest['rules']> };
}

const words = { approve: 'approved', deny: 'denied', wait: 'left waiting' } as const;
const tones = { approve: 'good', deny: 'bad', wait: 'dim' } as const;

function row(paper: Paper, { hostName, outcome, rule, ekDigest }: Outcome): string[] {
  return [
    printable(hostName),
    paper.tone(tones[outcome], words[outcome]),
    rule === undefined ? '-' : printable(rule),
    ekDigest,
  ];
}
