// Facts about keys and revocations: what the databases of Secure Boot hold, and which of them let something run.
import { decodeHex, encodeHex, printable, type Field } from '../../encoding/index.ts';
import { missingRevocations, type BootFacts } from '../../event-log/index.ts';
import { listOf, sha256Schema, textOf, type DemandSchema } from './demand-schema.ts';
import { nothing, readList } from './fact-rows.ts';
import type { FactRow } from './facts.table.ts';
import type {
  AuthorityDemand,
  DatabaseDemand,
  DatabaseDemands,
  RevocationDemand,
  Shortfall,
} from './required-facts.ts';

const maximumRevocations = 2048;
const maximumCertificates = 64;
const certificates: DemandSchema = listOf(sha256Schema, maximumCertificates);

export const dbxRow: FactRow<RevocationDemand> = {
  what: 'The revocation database holds these digests.',
  readFrom: 'PCR 7: dbx as signature lists before the separator. Revocations by certificate are not followed.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['mustContain'],
    properties: { list: textOf(128), mustContain: listOf(sha256Schema, maximumRevocations) },
  },
  parse: (field) => {
    const fields = field.object('list', 'mustContain');
    const list = fields.list.optional((item) => item.text(128));
    const mustContain = readDigests(fields.mustContain, maximumRevocations);
    return { ...(list === undefined ? {} : { list }), mustContain };
  },
  judge: ({ signatureDatabases: { dbx } }, { list, mustContain }) => {
    const expected = `the ${mustContain.length} digests of ${list ?? 'the policy'}`;
    if (dbx === undefined) return [{ kind: 'unproven', fact: 'dbx', expected, observed: nothing, event: undefined }];
    const missing = missingRevocations(dbx.value, mustContain.map(decodeHex));
    const [first] = missing;
    if (first === undefined) return [];
    const observed = `${missing.length} missing, the first ${encodeHex(first)}`;
    return [{ kind: 'refused', fact: 'dbx', expected, observed, event: dbx.event }];
  },
};

const databaseNames = ['PK', 'KEK', 'db'] as const satisfies readonly (keyof DatabaseDemands)[];

export const signatureDatabasesRow: FactRow<DatabaseDemands> = {
  what: 'The keys of Secure Boot are there that must be, and those are not that must not be.',
  readFrom: 'PCR 7: PK, KEK and db as signature lists before the separator; certificates by the SHA-256 of their DER.',
  schema: {
    type: 'object',
    additionalProperties: false,
    minProperties: 1,
    properties: Object.fromEntries(
      databaseNames.map((name) => [
        name,
        {
          type: 'object',
          additionalProperties: false,
          minProperties: 1,
          properties: { mustContain: certificates, mustNotContain: certificates },
        },
      ]),
    ),
  },
  parse: readDatabaseDemands,
  judge: (facts, wanted) => databaseNames.flatMap((name) => judgeDatabase(name, facts, wanted[name])),
};

function judgeDatabase(
  name: (typeof databaseNames)[number],
  { signatureDatabases }: BootFacts,
  wanted: DatabaseDemand | undefined,
): readonly Shortfall[] {
  if (wanted === undefined) return [];
  const { mustContain = [], mustNotContain = [] } = wanted;
  const fact = `signatureDatabases.${name}`;
  const found = signatureDatabases[name];
  if (found === undefined) {
    return [{ kind: 'unproven', fact, expected: 'a known database', observed: nothing, event: undefined }];
  }
  const held = new Set(found.value.entries.map(({ sha256 }) => encodeHex(sha256.value)));
  const refused = { kind: 'refused', fact, event: found.event } as const;
  return [
    ...mustContain
      .filter((digest) => !held.has(digest))
      .map((digest): Shortfall => ({ ...refused, expected: `with ${digest}`, observed: 'without it' })),
    ...mustNotContain
      .filter((digest) => held.has(digest))
      .map((digest): Shortfall => ({ ...refused, expected: `without ${digest}`, observed: 'with it' })),
  ];
}

export const authoritiesRow: FactRow<AuthorityDemand> = {
  what: 'Nothing ran but what one of these certificates, or these digests of images, let run.',
  readFrom: 'PCR 7: every signature that firmware and shim recorded when they used it; no event may be unreadable.',
  schema: {
    type: 'object',
    additionalProperties: false,
    required: ['allow'],
    properties: { allow: certificates },
  },
  parse: (field) => ({ allow: readDigests(field.object('allow').allow, maximumCertificates) }),
  judge: ({ authorities, unreadSecureBootEvents: [unread] }, { allow }) => {
    const fact = { fact: 'authorities', expected: `one of ${allow.length} that the policy allows` };
    if (unread !== undefined) {
      return [{ ...fact, kind: 'unproven', observed: 'an event that may be one', event: unread }];
    }
    if (authorities.length === 0) return [{ ...fact, kind: 'unproven', observed: 'none', event: undefined }];
    return authorities.flatMap(({ value: { source, signature }, event }): readonly Shortfall[] => {
      const digest = signature && encodeHex(signature.sha256.value);
      if (digest !== undefined && allow.includes(digest)) return [];
      return [{ ...fact, kind: 'refused', observed: `${digest ?? 'unreadable'} of ${printable(source, 64)}`, event }];
    });
  },
};

function readDatabaseDemands(field: Field): DatabaseDemands {
  const fields = field.object(...databaseNames);
  const demands = databaseNames.flatMap((name) => {
    const demand = fields[name].optional(readDatabaseDemand);
    return demand === undefined ? [] : [[name, demand] as const];
  });
  if (demands.length === 0) field.fail('at least one database', 'names none');
  return Object.fromEntries(demands);
}

function readDatabaseDemand(field: Field): DatabaseDemand {
  const fields = field.object('mustContain', 'mustNotContain');
  const mustContain = fields.mustContain.optional((item) => readDigests(item, maximumCertificates));
  const mustNotContain = fields.mustNotContain.optional((item) => readDigests(item, maximumCertificates));
  if (mustContain === undefined && mustNotContain === undefined) field.fail('at least one list', 'names none');
  return { ...(mustContain ? { mustContain } : {}), ...(mustNotContain ? { mustNotContain } : {}) };
}

function readDigests(field: Field, limit: number): readonly string[] {
  return readList(field, limit, (item) => encodeHex(item.hex(32)));
}
