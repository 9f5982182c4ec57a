// A finding for whoever is woken by it: what, where, and what would accept it.
import { findings } from '../../core/appraisal/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';
import type { ShownFinding } from './verdict-view.ts';

export type ExplainedFinding = ShownFinding & { readonly golden?: string | undefined };

/** `more`: what is known of its history. */
export function explainFinding(
  paper: Paper,
  finding: ExplainedFinding,
  more: readonly (readonly [string, string | undefined])[] = [],
): string[] {
  const { code, severity, message, layer, pcr, event, golden, expected, observed, remedy } = finding;
  const place = [
    layer,
    pcr === undefined ? undefined : `PCR ${pcr}`,
    event === undefined ? undefined : `event ${event}`,
  ];
  return [
    `${paper.tone(severity === 'error' ? 'bad' : 'warn', severity)} ${paper.tone('strong', printable(code))}`,
    ...formatFacts(paper, [
      ['  what', printableAgain(message)],
      ['  where', place.filter((part) => part !== undefined).join(', ') || undefined],
      ['  nearest', golden],
      ['  expected', expected && printableAgain(expected)],
      ['  observed', observed && printableAgain(observed)],
      ...more,
      ['  do', remedy && printableAgain(remedy)],
      ['  read', pageOf(code)],
    ]),
  ];
}

/** A proof that failed outright has no page, but a paragraph. */
function pageOf(code: string): string {
  return Object.hasOwn(findings, code) ? `docs/findings/${code}.md` : `docs/errors.md, ${printable(code)}`;
}
