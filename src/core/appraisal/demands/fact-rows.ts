// Facts whose demand is a list or a minimum.
import { encodeHex, printable, type Field } from '../../encoding/index.ts';
import type { Fact, SbatLevel } from '../../event-log/index.ts';
import { listOf, textOf } from './demand-schema.ts';
import type { FactRow } from './facts.table.ts';
import type { SbatDemand, SecureBootMode, Shortfall } from './required-facts.ts';

/** What is observed where a fact is unknown. */
export const nothing = 'no bound event says it';

const modes = ['user', 'deployed'] as const satisfies readonly SecureBootMode[];

export const secureBootModeRow: FactRow<readonly SecureBootMode[]> = {
  what: 'Keys are enrolled, so that Secure Boot cannot be changed without them.',
  readFrom: 'PCR 7: PK, AuditMode and DeployedMode before the separator; only newer firmware measures the last two.',
  schema: listOf({ type: 'string', enum: modes }, modes.length),
  parse: (field) => readList(field, modes.length, (item) => item.oneOf(modes)),
  judge: ({ secureBootMode }, wanted) => judgeMember('secureBootMode', secureBootMode, wanted),
};

export const firmwareVersionRow: FactRow<readonly string[]> = {
  what: 'The firmware says that it is one of these versions.',
  readFrom: 'PCR 0: the first text or GUID that the firmware measured of itself (EV_S_CRTM_VERSION).',
  schema: listOf(textOf(256), 64),
  parse: (field) => readList(field, 64, (item) => item.text(256)),
  judge: ({ firmwareVersion }, wanted) => judgeMember('firmwareVersion', firmwareVersion, wanted),
};

export const testKeysRow: FactRow<'absent'> = {
  what: 'No key whose own text says that it must not be shipped (PKfail).',
  readFrom: 'PCR 7: the certificates in PK, KEK, db and dbx as measured; PK, KEK and db must be known.',
  schema: { type: 'string', const: 'absent' },
  parse: (field) => field.oneOf(['absent']),
  judge: ({ testKeys }) => {
    const fact = { fact: 'testKeys', expected: 'absent' };
    if (testKeys === undefined) return [{ ...fact, kind: 'unproven', observed: nothing, event: undefined }];
    return testKeys.map(({ value, event }): Shortfall => {
      const observed = `a test key in ${value.database}, SHA-256 ${encodeHex(value.sha256.value)}`;
      return { ...fact, kind: 'refused', observed, event };
    });
  },
};

const componentPattern = '^[A-Za-z0-9._-]{1,64}$';

export const sbatLevelRow: FactRow<SbatDemand> = {
  what: 'shim refuses boot loaders below these generations.',
  readFrom: 'PCR 7: SbatLevel as shim measured it, with no unreadable event before it.',
  schema: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: {
      date: textOf(10, '^[0-9]{10}$'),
      generations: {
        type: 'object',
        additionalProperties: { type: 'integer', minimum: 1, maximum: 999_999_999 },
        propertyNames: { pattern: componentPattern },
        minProperties: 1,
        maxProperties: 64,
      },
    },
  },
  parse: readSbatDemand,
  judge: ({ shim: { sbatLevel } }, wanted) => judgeSbat(sbatLevel, wanted),
};

function judgeMember(name: string, fact: Fact<string> | undefined, wanted: readonly string[]): readonly Shortfall[] {
  const expected = wanted.join(' or ');
  if (fact === undefined) return [{ kind: 'unproven', fact: name, expected, observed: nothing, event: undefined }];
  if (wanted.includes(fact.value)) return [];
  return [{ kind: 'refused', fact: name, expected, observed: printable(fact.value), event: fact.event }];
}

function judgeSbat(fact: Fact<SbatLevel> | undefined, { date, generations }: SbatDemand): readonly Shortfall[] {
  const demands = [
    ...(date === undefined ? [] : [{ fact: 'sbatLevel.date', least: date, observed: fact?.value.date }]),
    ...Object.entries(generations ?? {}).map(([component, least]) => {
      const known = fact?.value.generations ?? {};
      const observed = Object.hasOwn(known, component) ? known[component] : undefined;
      return { fact: `sbatLevel.${component}`, least, observed };
    }),
  ];
  return demands
    .filter(({ least, observed }) => observed === undefined || observed < least)
    .map(({ fact: name, least, observed }): Shortfall => {
      const expected = `${least} or later`;
      if (fact === undefined) return { kind: 'unproven', fact: name, expected, observed: nothing, event: undefined };
      return { kind: 'refused', fact: name, expected, observed: String(observed ?? 'not named'), event: fact.event };
    });
}

function readSbatDemand(field: Field): SbatDemand {
  const fields = field.object('date', 'generations');
  const date = fields.date.optional(readSbatDate);
  const generations = fields.generations.optional(readGenerations);
  if (date === undefined && generations === undefined) field.fail('a date or generations', 'names neither');
  return { ...(date === undefined ? {} : { date }), ...(generations === undefined ? {} : { generations }) };
}

function readSbatDate(field: Field): string {
  const date = field.text(10);
  return /^\d{10}$/.test(date) ? date : field.fail('a date as YYYYMMDDnn');
}

function readGenerations(field: Field): Readonly<Record<string, number>> {
  const entries = field.entries(64).map(([component, item]) => {
    if (!new RegExp(componentPattern).test(component)) item.fail('the name of an SBAT component', 'is none');
    return [component, item.integer(1, 999_999_999)] as const;
  });
  if (entries.length === 0) field.fail('at least one component', 'names none');
  return Object.fromEntries(entries);
}

/** At least one item, each once. */
export function readList<T extends string>(field: Field, limit: number, read: (item: Field) => T): readonly T[] {
  const items = field.array(limit).map(read);
  if (items.length === 0) field.fail('at least one item', 'has none');
  if (new Set(items).size !== items.length) field.fail('each item once', 'repeats one');
  return items;
}
