// Words of the kernel command line that a policy demands or forbids.
import type { BootFacts } from '../event-log/index.ts';
import type { Field } from '../golden/index.ts';
import type { FactRow } from './facts.table.ts';
import type { Shortfall, WordDemand } from './required-facts.ts';

const fact = 'kernelCommandLine';

export const commandLineRow: FactRow<WordDemand> = {
  what: 'Words that stand in the kernel command line, and words that do not.',
  readFrom: 'PCR 8 and 12: the command line, where it can be told which one booted.',
  parse: readWordDemand,
  judge: ({ kernelCommandLine }, wanted) => judgeWords(kernelCommandLine, wanted),
};

function judgeWords(line: BootFacts['kernelCommandLine'], { require, forbid }: WordDemand): readonly Shortfall[] {
  if (line === undefined) {
    const message = 'The policy demands words of the kernel command line, and no bound event holds its text.';
    const sides = { expected: 'a known command line', observed: 'unknown', event: undefined };
    return [{ kind: 'unproven', fact, code: 'FACT_COMMAND_LINE_UNKNOWN', message, ...sides }];
  }
  const words = new Set(line.value.split(/\s+/));
  const refused = { kind: 'refused', fact, event: line.event } as const;
  return [
    ...require
      .filter((word) => !words.has(word))
      .map((word): Shortfall => {
        const message = `The kernel command line lacks "${word}", which the policy demands.`;
        return { ...refused, code: 'FACT_COMMAND_LINE_WORD_MISSING', message, expected: word, observed: 'absent' };
      }),
    ...forbid
      .filter((word) => words.has(word))
      .map((word): Shortfall => {
        const message = `The kernel command line has "${word}", which the policy forbids.`;
        return { ...refused, code: 'FACT_COMMAND_LINE_WORD_FORBIDDEN', message, expected: 'absent', observed: word };
      }),
  ];
}

function readWordDemand(field: Field): WordDemand {
  const { require, forbid } = field.object('require', 'forbid');
  const demands = { require: require.optional(readWords) ?? [], forbid: forbid.optional(readWords) ?? [] };
  if (demands.require.length + demands.forbid.length === 0) field.fail('at least one word', 'names none');
  return demands;
}

function readWords(field: Field): readonly string[] {
  return field.array(64).map((item) => {
    const word = item.text(256);
    return /\s/.test(word) ? item.fail('one word without spaces', 'has a space') : word;
  });
}
