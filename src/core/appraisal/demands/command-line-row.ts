// Words of the kernel command line that a policy demands or forbids.
import { joinParameter, parseCommandLine, type BootFacts } from '../../event-log/index.ts';
import type { Field } from '../../encoding/index.ts';
import { listOf, textOf } from './demand-schema.ts';
import { readList } from './fact-rows.ts';
import type { FactRow } from './facts.table.ts';
import type { Shortfall, WordDemand } from './required-facts.ts';

const fact = 'kernelCommandLine';

const words = listOf(textOf(256, '^[^\\s\\p{C}]+$'), 64);

export const commandLineRow: FactRow<WordDemand> = {
  what: 'Words that stand in the kernel command line, and words that do not.',
  readFrom: 'PCR 8 and 12, both explained by the log: the command line, where it can be told which one booted.',
  schema: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: { require: words, forbid: words },
  },
  parse: readWordDemand,
  judge: ({ kernelCommandLine }, wanted) => judgeWords(kernelCommandLine, wanted),
};

function judgeWords(line: BootFacts['kernelCommandLine'], { require, forbid }: WordDemand): readonly Shortfall[] {
  if (line === undefined) {
    const message = 'The policy demands words of the kernel command line, and no bound event holds its text.';
    const sides = { expected: 'a known command line', observed: 'unknown', event: undefined };
    return [{ kind: 'unproven', fact, code: 'FACT_COMMAND_LINE_UNKNOWN', message, ...sides }];
  }
  const given = wordsOf(line.value);
  const refused = { kind: 'refused', fact, event: line.event } as const;
  return [
    ...require
      .filter((word) => !given.asKernelReads.has(fold(word)))
      .map((word): Shortfall => {
        const message = `The kernel command line lacks "${word}", which the policy demands.`;
        return { ...refused, code: 'FACT_COMMAND_LINE_WORD_MISSING', message, expected: word, observed: 'absent' };
      }),
    ...forbid
      .filter((word) => given.asKernelReads.has(fold(word)) || given.asWritten.has(word))
      .map((word): Shortfall => {
        const message = `The kernel command line has "${word}", which the policy forbids.`;
        return { ...refused, code: 'FACT_COMMAND_LINE_WORD_FORBIDDEN', message, expected: 'absent', observed: word };
      }),
  ];
}

/** The kernel takes `-` and `_` in names for the same, drops quotes, and leaves what follows `--` to init. */
function wordsOf(line: string): {
  readonly asKernelReads: ReadonlySet<string>;
  readonly asWritten: ReadonlySet<string>;
} {
  const asKernelReads = new Set(parseCommandLine(line).map(joinParameter));
  return { asKernelReads, asWritten: new Set(line.split(/\s+/)) };
}

function fold(word: string): string {
  const [parameter] = parseCommandLine(word);
  return parameter === undefined ? word : joinParameter(parameter);
}

function readWordDemand(field: Field): WordDemand {
  const { require, forbid } = field.object('require', 'forbid');
  const demands = { require: require.optional(readWords) ?? [], forbid: forbid.optional(readWords) ?? [] };
  if (demands.require.length + demands.forbid.length === 0) field.fail('at least one word', 'names none');
  return demands;
}

function readWords(field: Field): readonly string[] {
  return readList(field, 64, (item) => {
    const word = item.text(256);
    return /\s/.test(word) ? item.fail('one word without spaces', 'has a space') : word;
  });
}
