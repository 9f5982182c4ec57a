// Attestation results for people.
import { printable } from '../../core/encoding/index.ts';
import { statusOfEar, type Ear } from '../../core/verdict/index.ts';
import { toJson } from '../json.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { formatStatus } from './verdict-view.ts';

export function formatEar(paper: Paper, ear: Ear): string[] {
  const date = (seconds: number | undefined) => (seconds === undefined ? undefined : formatSeconds(seconds));
  return formatFacts(paper, [
    ['status', formatStatus(paper, statusOfEar(ear))],
    ['profile', printable(ear.profile)],
    ['subject', ear.subject && printable(ear.subject)],
    ['issuer', ear.issuer && printable(ear.issuer)],
    ['verifier', printable(`${ear.verifier.developer} ${ear.verifier.build}`)],
    ['issued', date(ear.issuedAt)],
    ['expires', date(ear.expiresAt) ?? paper.tone('warn', 'never')],
    ...[...ear.submods].flatMap(([label, part]): [string, string][] => [
      [`part ${printable(label)}`, formatStatus(paper, part.status)],
      ['  policy', part.policyIds.map((id) => printable(id)).join(', ')],
      ...Object.entries(part.vector).map(([claim, value]): [string, string] => [`  ${claim}`, String(value)]),
    ]),
  ]);
}

export function describeEar(ear: Ear): unknown {
  return toJson({ ...ear, overall: statusOfEar(ear) });
}

function formatSeconds(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s after 1970` : date.toISOString();
}
