// Reading an appraisal policy. What it does not say is not assumed, with one exception: the bank is SHA-256.
import { MalformedError } from '../../error.ts';
import { layers, type Layer } from '../../event-log/index.ts';
import { Field } from '../../encoding/index.ts';
import { factNames, factTable } from '../demands/facts.table.ts';
import type { AppraisalPolicy } from './policy.ts';
import { readConditions } from '../conditions/read-conditions.ts';
import type { RequiredFacts } from '../demands/required-facts.ts';

/** Less than ten seconds is over before anybody reads it; more than a week, nobody asked the host for too long. */
export const verdictSecondsSchema = { type: 'integer', minimum: 10, maximum: 7 * 24 * 3600 } as const;

const fieldNames = [
  'id',
  'version',
  'description',
  'layers',
  'bank',
  'requireFacts',
  'conditions',
  'platformCertificate',
  'verdictSeconds',
] as const;

/**
 * Reads a policy that was parsed as JSON or YAML: `{ id, version, layers, bank?, verdictSeconds, requireFacts?,
 * conditions?, platformCertificate?, description? }`. Unknown fields, repeated layers and an empty demand are refused.
 *
 * @throws MalformedError APPRAISAL_POLICY_INVALID, APPRAISAL_POLICY_EMPTY, APPRAISAL_POLICY_BANK_REFUSED,
 * APPRAISAL_CONDITION_INVALID, at the path
 */
export function parsePolicy(json: unknown): AppraisalPolicy {
  const root = new Field(json, '', 'APPRAISAL_POLICY_INVALID');
  const fields = root.object(...fieldNames);
  const description = fields.description.optional((field) => field.text(1024));
  const platform = fields.platformCertificate.optional((field) => field.oneOf(['required']));
  return {
    id: readId(fields.id),
    version: fields.version.integer(1, Number.MAX_SAFE_INTEGER),
    ...(description === undefined ? {} : { description }),
    layers: readLayers(fields.layers),
    bank: fields.bank.optional(readBank) ?? 'sha256',
    requireFacts: fields.requireFacts.optional(readFactDemands) ?? {},
    conditions: fields.conditions.optional(readConditions) ?? [],
    ...(platform === undefined ? {} : { platformCertificate: platform }),
    verdictSeconds: fields.verdictSeconds.integer(verdictSecondsSchema.minimum, verdictSecondsSchema.maximum),
  };
}

function readId(field: Field): string {
  const id = field.text(63);
  return /^[a-z0-9][a-z0-9.-]*$/.test(id) ? id : field.fail('lower-case letters, digits, "." and "-"');
}

function readLayers(field: Field): readonly Layer[] {
  const demanded = field.array(layers.length).map((item) => item.oneOf(layers));
  if (demanded.length === 0) {
    throw new MalformedError('APPRAISAL_POLICY_EMPTY', 'layers: a policy demands at least one layer', { at: 'layers' });
  }
  if (new Set(demanded).size !== demanded.length) field.fail('each layer once', 'repeats one');
  // In the order of the boot, whatever the order in the document: equal policies give equal verdicts.
  return layers.filter((layer) => demanded.includes(layer));
}

function readBank(field: Field): AppraisalPolicy['bank'] {
  const bank = field.oneOf(['sha1', 'sha256', 'sha384', 'sha512']);
  if (bank !== 'sha1') return bank;
  throw new MalformedError('APPRAISAL_POLICY_BANK_REFUSED', 'bank: sha1 proves nothing', { at: field.path });
}

function readFactDemands(field: Field): RequiredFacts {
  const fields = field.object(...factNames);
  const demands = factNames.flatMap((name) => {
    const demand = fields[name].optional((item) => factTable[name].parse(item));
    return demand === undefined ? [] : [[name, demand] as const];
  });
  return Object.fromEntries(demands);
}
