// `touchstone host explain`: for whoever is woken by a host that is refused.
import type { Command } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { counted, nameSome, printable, printableAgain } from '../../core/encoding/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { explainFinding } from '../views/finding-view.ts';
import { formatGround } from '../views/ground-view.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { formatStatus } from '../views/verdict-view.ts';

type Explanation = JsonAnswerOf<'explainHost'>;
type Explained = Explanation['findings'][number];

export function addHostExplainCommand(host: Command, session: Session): void {
  const command = host
    .command('explain')
    .description('Say why a host is refused: what changed, since when, who else shows it, and what would accept it.')
    .argument('<host>', 'host id')
    .action((id: string, options: ServerOptions) => answer(session, options, () => explainHost(session, id, options)));
  withExamples(withServer(command), 'touchstone host explain hv-17.rack3');
}

async function explainHost(session: Session, id: string, options: ServerOptions): Promise<Report> {
  const explanation = await connect(session, options).call('explainHost', { path: { hostId: id } });
  return { data: { ...explanation }, lines: (paper) => formatExplanation(paper, explanation, session.now()) };
}

function formatExplanation(paper: Paper, explanation: Explanation, now: Date): string[] {
  const { host, status, reasons, findings: explained } = explanation;
  const grounds = formatFacts(paper, formatGround(paper, explanation, now));
  const changes = formatFacts(paper, [
    ['trusted', describeBefore(explanation)],
    ['next', describeNext(paper, explanation.next)],
  ]);
  return [
    `${paper.tone('strong', printable(host))} ${sentenceOf(paper, status)}`,
    ...grounds.map((line) => `  ${line}`),
    ...changes.map((line) => `  ${line}`),
    ...reasons.map(({ code, message }) => `  ${printableAgain(message)} (${printable(code)})`),
    ...(explained.length === 0 && reasons.length === 0 ? ['  nothing denies it and nothing warns'] : []),
    ...explained.flatMap((each) => ['', ...formatExplained(paper, each)]),
  ];
}

/** That a host is as it was tells who looks where to look: at what was changed here. */
function describeBefore({ policy, trustedBefore }: Explanation): string | undefined {
  if (trustedBefore === undefined) return undefined;
  const { issuedAt, policy: then } = trustedBefore;
  const when = `at ${issuedAt}, in this very boot`;
  if (policy === undefined || then === undefined) return `${when}: what is said of it changed, and not the host`;
  const [before, now] = [nameOf(then), nameOf(policy)];
  if (before === now) return `${when}, by ${now} as now: golden measurements or deny lists changed, and not the host`;
  return `${when}, by ${before}, and refused by ${now}: \`touchstone policy history ${printable(policy.id)}\``;
}

function nameOf({ id, version }: NonNullable<Explanation['policy']>): string {
  return `version ${version} of the policy ${printable(id)}`;
}

const sooner = '`touchstone agent attest` on the host does not wait';

function describeNext(paper: Paper, next: Explanation['next']): string | undefined {
  if (next === undefined) return undefined;
  const { status, reason, dueAt } = next;
  const why = reason === undefined ? '' : ` (${printable(reason.code)}: ${printableAgain(reason.message)})`;
  const when = dueAt === undefined ? '' : `, due at ${dueAt}; ${sooner}`;
  return `its next attestation finds ${formatStatus(paper, status)}${why}, by what is in force now${when}`;
}

/** `none` is no state of a host: nobody has said anything of it that counts now. */
function sentenceOf(paper: Paper, status: Explanation['status']): string {
  if (status === 'none') return paper.tone('warn', 'has no verdict that counts');
  return `is ${formatStatus(paper, status)}`;
}

function formatExplained(paper: Paper, explained: Explained): string[] {
  const { finding, since, isSinceKnown, others, hosts, nearest } = explained;
  const company =
    others === 0 ? 'no other host' : `${counted(others, 'other host')}: ${nameSome(hosts, shownHosts, others)}`;
  return explainFinding(paper, finding, [
    ['  known', nearest && paper.tone(nearest.golden.state === 'revoked' ? 'bad' : 'warn', describeNearest(nearest))],
    ['  since', `${since}${isSinceKnown ? '' : ' or longer'}`],
    ['  same on', company],
  ]);
}

/** Of all golden measurements, also of those that no boot matches any more, or yet. */
function describeNearest({ golden, isExact, explanation = '' }: NonNullable<Explained['nearest']>): string {
  const message = printableAgain(golden.message);
  if (isExact) return `this boot is what a ${golden.state} golden measurement describes: ${message}`;
  return `it comes nearest to a ${golden.state} golden measurement: ${message} (${printable(explanation)})`;
}

const shownHosts = 8;
