// Hardening of the kernel, by the names of `core/event-log/facts/hardening.table.ts`.
import { printable, type Field } from '../../encoding/index.ts';
import { hardening, type HardeningName } from '../../event-log/index.ts';
import type { FactRow } from './facts.table.ts';
import type { HardeningDemand, RequiredFacts, Shortfall } from './required-facts.ts';

type Wanted = NonNullable<RequiredFacts['hardening']>;

const names = Object.keys(hardening) as readonly HardeningName[];

export const hardeningRow: FactRow<Wanted> = {
  what: 'The kernel command line hardens the host, or at least does not weaken it.',
  readFrom: 'PCR 8 and 12: the command line, where it can be told which one booted; a weak one counts even where not.',
  schema: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string', enum: demandsOf(name) }])),
  },
  parse: readDemands,
  judge: (facts, wanted) =>
    names.flatMap((name): readonly Shortfall[] => {
      const expected = wanted[name];
      const { value, event, word } = facts.hardening[name];
      if (expected === undefined || value === 'on' || (expected === 'not-off' && value === 'default')) return [];
      const observed = value === 'default' ? 'not set' : word === undefined ? value : `off (${printable(word, 200)})`;
      return [
        { kind: value === 'unknown' ? 'unproven' : 'refused', fact: `hardening.${name}`, expected, observed, event },
      ];
    }),
};

function readDemands(field: Field): Wanted {
  const fields = field.object(...names);
  const demands = names.flatMap((name) => {
    const demand = fields[name].optional((item) => readDemand(name, item));
    return demand === undefined ? [] : [[name, demand] as const];
  });
  if (demands.length === 0) field.fail('at least one name', 'has none');
  return Object.fromEntries(demands);
}

function readDemand(name: HardeningName, field: Field): HardeningDemand {
  return field.oneOf(demandsOf(name));
}

/** A demand that no command line can meet, or none can miss, is a mistake. */
function demandsOf(name: HardeningName): readonly HardeningDemand[] {
  const { on, off }: { on: readonly string[]; off: readonly string[] } = hardening[name];
  return [...(on.length > 0 ? (['on'] as const) : []), ...(off.length > 0 ? (['not-off'] as const) : [])];
}
