// A verdict for people: what was checked, what was found, and what to do about it.
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { shortId } from '../inputs/short-id.ts';
import { formatFacts, wrapText } from '../table.ts';
import type { Paper } from '../terminal.ts';

/** A finding as verdicts carry it, on the wire and in the core. */
export interface ShownFinding {
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'info';
  readonly layer?: string | undefined;
  readonly pcr?: number | undefined;
  readonly event?: number | undefined;
  readonly expected?: string | undefined;
  readonly observed?: string | undefined;
  readonly message: string;
  readonly remedy?: string | undefined;
}

export interface ShownVerdict {
  readonly status: string;
  readonly findings: readonly ShownFinding[];
  readonly layers: Readonly<Record<string, string>>;
  readonly policy?: { readonly id: string; readonly version: number } | undefined;
  readonly boot?: { readonly epoch: string; readonly resetCount: number } | undefined;
  readonly challengedAt?: string;
  readonly issuedAt: string;
  readonly expiresAt: string;
}

export function formatStatus(paper: Paper, status: string): string {
  if (status === 'affirming') return paper.tone('good', status);
  return paper.tone(status === 'contraindicated' ? 'bad' : 'warn', printable(status));
}

export function formatVerdict(paper: Paper, verdict: ShownVerdict): string[] {
  const { policy, boot } = verdict;
  return [
    ...formatFacts(paper, [
      ['verdict', formatStatus(paper, verdict.status)],
      [
        'policy',
        policy === undefined ? paper.tone('warn', 'none') : `${printable(policy.id)} version ${policy.version}`,
      ],
      ['boot', boot && printable(boot.epoch)],
      ['challenged', verdict.challengedAt],
      ['issued', verdict.issuedAt],
      ['expires', verdict.expiresAt],
      ...Object.entries(verdict.layers).map(([layer, id]) => [layer, `matches ${shortId(id)}…`] as const),
    ]),
    ...[...verdict.findings].sort(bySeverity).flatMap((finding) => ['', ...formatFinding(paper, finding)]),
  ];
}

function formatFinding(paper: Paper, finding: ShownFinding): string[] {
  const tone = finding.severity === 'error' ? 'bad' : finding.severity === 'warning' ? 'warn' : 'dim';
  const place = [
    finding.layer,
    finding.pcr === undefined ? undefined : `PCR ${finding.pcr}`,
    finding.event === undefined ? undefined : `event ${finding.event}`,
  ];
  const where = place
    .filter((part) => part !== undefined)
    .map((part) => printable(part))
    .join(', ');
  const indent = (text: string) => wrapText(text, Math.max(40, paper.columns - 4)).map((line) => `  ${line}`);
  return [
    `${paper.tone(tone, finding.severity)} ${paper.tone('strong', printable(finding.code))}${where === '' ? '' : `  ${paper.tone('dim', where)}`}`,
    ...indent(printableAgain(finding.message)),
    ...(finding.expected === undefined ? [] : indent(`expected: ${printableAgain(finding.expected)}`)),
    ...(finding.observed === undefined ? [] : indent(`observed: ${printableAgain(finding.observed)}`)),
    ...(finding.remedy === undefined
      ? []
      : indent(`${paper.tone('accent', 'hint')}: ${printableAgain(finding.remedy)}`)),
  ];
}

const severities = ['error', 'warning', 'info'];

/** What denies first; among equals as the verdict has them. */
function bySeverity(left: ShownFinding, right: ShownFinding): number {
  return severities.indexOf(left.severity) - severities.indexOf(right.severity);
}
