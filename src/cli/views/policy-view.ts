// A policy and whom it selects, for people.
import type { JsonAnswerOf } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';

export type Policy = JsonAnswerOf<'getPolicy'>;

export function formatPolicy(paper: Paper, policy: Policy): string[] {
  return formatFacts(paper, [
    ['policy', `${paper.tone('strong', printable(policy.id))} version ${policy.version}`],
    ['hosts', selectorText(policy.hosts)],
    ['layers', policy.layers.join(', ')],
    ['bank', policy.bank],
    ['verdict lasts', `${policy.verdictSeconds} s`],
    ...Object.entries(policy.requireFacts ?? {}).map(
      ([fact, value]) =>
        ['fact', printable(`${fact}: ${typeof value === 'string' ? value : JSON.stringify(value)}`, 400)] as const,
    ),
    ...(policy.conditions ?? []).flatMap(
      ({ name, expression, description }) =>
        [
          ['condition', printable(`${name}: ${description}`, 600)],
          ['', printable(expression.replace(/\s+/g, ' ').trim(), 1100)],
        ] as const,
    ),
    ['platform certificate', policy.platformCertificate],
    ['since', policy.createdAt],
  ]);
}

export function selectorText({ all, names, labels }: Policy['hosts']): string {
  if (all === true) return 'all';
  if (names !== undefined) return names.map((name) => printable(name)).join(', ');
  return Object.entries(labels ?? {})
    .map(([name, value]) => printable(`${name}=${value}`))
    .join(', ');
}
