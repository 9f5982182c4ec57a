// The API and the core accept the same policies: one table of facts is the source of both.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { parse } from 'yaml';
import { factTable, parsePolicy, type DemandSchema } from '../../src/core/appraisal/index.ts';
import { AttestationError } from '../../src/core/error.ts';
import { parsePolicyDocument } from '../../src/cli/inputs/policy-document.ts';
import { loadContract } from '../../src/server/http/contract.ts';
import { ServerError } from '../../src/server/errors.ts';

const { putPolicy } = loadContract();
const least = { layers: ['secure-boot'], verdictSeconds: 300 };

function apiAccepts(requireFacts: unknown, more: object = {}): boolean {
  try {
    putPolicy.checkBody({
      ...least,
      hosts: { all: true },
      ...(requireFacts === undefined ? {} : { requireFacts }),
      ...more,
    });
    return true;
  } catch (error) {
    assert.ok(error instanceof ServerError, String(error));
    assert.equal(error.code, 'REQUEST_INVALID');
    return false;
  }
}

/** As `policy check` reads a document. */
function coreAccepts(requireFacts: unknown, more: object = {}): boolean {
  try {
    parsePolicyDocument({ id: 'p', document: { ...least, hosts: { all: true }, requireFacts, ...more } });
    return true;
  } catch (error) {
    assert.ok(error instanceof AttestationError, String(error));
    return false;
  }
}

/** Demands that the schema allows. */
function demands(schema: DemandSchema): fc.Arbitrary<unknown> {
  if ('const' in schema) return fc.constant(schema.const);
  if ('enum' in schema) return fc.constantFrom(...schema.enum);
  if (schema.type === 'integer') return fc.integer({ min: schema.minimum, max: schema.maximum });
  if (schema.type === 'string')
    return fc.stringMatching(textPattern(schema.pattern)).filter((text) => text.length <= schema.maxLength);
  if (schema.type === 'array')
    return fc.uniqueArray(demands(schema.items), { minLength: 1, maxLength: Math.min(4, schema.maxItems) });
  const names = Object.entries(schema.properties ?? {});
  if (schema.additionalProperties !== false)
    return fc.dictionary(fc.stringMatching(/^[a-z.]{1,8}$/), demands(schema.additionalProperties), {
      minKeys: 1,
      maxKeys: 3,
    });
  const records = fc.record(Object.fromEntries(names.map(([name, one]) => [name, demands(one)])), {
    requiredKeys: [...(schema.required ?? [])],
  });
  return records.filter((value) => Object.keys(value).length >= (schema.minProperties ?? 0));
}

/** Patterns of the schema within ASCII: what is printable beyond it is another test's matter. */
function textPattern(pattern = '^.+$'): RegExp {
  if (pattern.includes('\\s')) return /^[!-[\]-~]{1,20}$/;
  return pattern.includes('\\p{C}') ? /^[ -[\]-~]{1,20}$/ : new RegExp(pattern);
}

/** The same with one thing wrong, or anything at all. */
function mistakes(valid: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof(
    fc.jsonValue(),
    valid.map((value) => (typeof value === 'string' ? `${value}!` : [value])),
    valid.map((value) => (Array.isArray(value) ? [...(value as unknown[]), value[0]] : {})),
    valid.map((value) => (typeof value === 'object' && !Array.isArray(value) ? { ...value, surprise: 1 } : null)),
    valid.map((value) =>
      typeof value === 'object' && !Array.isArray(value)
        ? Object.fromEntries(Object.entries(value ?? {}).map(([name, one]) => [name, [one]]))
        : [],
    ),
  );
}

describe('policies', () => {
  for (const [name, { schema }] of Object.entries(factTable)) {
    it(`requireFacts.${name}: the API and the core accept the same demands`, () => {
      fc.assert(
        fc.property(demands(schema), (demand) => {
          assert.equal(apiAccepts({ [name]: demand }), true, 'the API refuses');
          assert.equal(coreAccepts({ [name]: demand }), true, 'the core refuses');
        }),
        { numRuns: 60 },
      );
      fc.assert(
        fc.property(mistakes(demands(schema)), (demand) => {
          assert.equal(apiAccepts({ [name]: demand }), coreAccepts({ [name]: demand }));
        }),
        { numRuns: 120 },
      );
    });
  }

  it('refuse a demand that is made twice, whatever its name', () => {
    for (const firmwareVersion of [
      ['__proto__', '__proto__'],
      ['1.0', '1.0'],
    ]) {
      assert.equal(apiAccepts({ firmwareVersion }), false);
      assert.equal(coreAccepts({ firmwareVersion }), false);
    }
  });

  it('refuse facts that nobody knows', () => {
    for (const requireFacts of [{ secureboot: 'enabled' }, { __proto__x: 1 }, [], 'all']) {
      assert.equal(apiAccepts(requireFacts), false);
      assert.equal(coreAccepts(requireFacts), false);
    }
  });

  it('are the same to the API and the core in conditions, lifetime and hosts', () => {
    const condition = { name: 'c', expression: 'secureBoot == "enabled"', description: 'd', remedy: 'r' };
    const members = (more: fc.Arbitrary<unknown>): fc.Arbitrary<object> =>
      fc.tuple(fc.constantFrom(...Object.keys(condition), 'other'), more).map(([name, value]) => ({ ...condition, [name]: value })); // prettier-ignore
    const text = fc.oneof(fc.constantFrom('', 'a', 'A b', 'x'.repeat(63), 'x'.repeat(512), 'x'.repeat(513), 'a\nb', 'a\rb', 'a\tb'), fc.jsonValue()); // prettier-ignore
    const isGoodCel = (value: unknown): boolean => coreAccepts(undefined, { conditions: value });
    const change = fc.oneof(
      fc.array(members(text), { maxLength: 3 }).map((conditions) => ({ conditions })),
      fc.integer({ min: -1, max: 700_000 }).map((verdictSeconds) => ({ verdictSeconds })),
      fc.constantFrom(0, 9, 10, 604_800, 604_801, 10.5, '60', null).map((verdictSeconds) => ({ verdictSeconds })),
      fc.constantFrom({}, { all: false }, { names: [] }, { names: ['A'] }, { names: ['a', 'a'] }, { names: ['a'] }, { labels: {} }, { labels: { a: '' } }, { labels: { '-': 'a' } }, { labels: { a: 1 } }, { all: true, names: ['a'] }, { labels: { a: 'x'.repeat(257) } }, [], 'all').map((hosts) => ({ hosts })), // prettier-ignore
    );
    fc.assert(
      fc.property(change, (more) => {
        // What is no good CEL, or names one twice, no schema can say: the server asks the core too.
        if ('conditions' in more && apiAccepts(undefined, more) && !isGoodCel(more.conditions)) return;
        assert.equal(apiAccepts(undefined, more), coreAccepts(undefined, more), JSON.stringify(more));
      }),
      { numRuns: 800 },
    );
  });

  it('take the conditions of docs/policy.md as they stand', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
    const [, example = ''] = /```yaml\n(conditions:[\s\S]*?)```/.exec(text) ?? [];
    const { conditions } = parse(example) as { conditions: { name: string }[] };
    assert.ok(apiAccepts(undefined, { conditions }));
    const read = parsePolicyDocument({ id: 'p', document: { ...least, hosts: { all: true }, conditions } }).conditions;
    assert.deepEqual(read.map(({ name }) => name), ['kernel-not-older', 'secure-boot-with-revocations', 'sbat-generation', 'no-debugging-of-guests', 'ima-measures']); // prettier-ignore
  });

  it('take the example of docs/policy.md as it stands', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
    const [, example = ''] = /```yaml\n([\s\S]*?)```/.exec(text) ?? [];
    const { id, ...body } = parse(example) as Record<string, unknown>;
    putPolicy.checkBody(body);
    const { hosts, ...policy } = body;
    assert.deepEqual(hosts, { all: true });
    const { requireFacts } = parsePolicy({ ...policy, id, version: 1 });
    assert.deepEqual(requireFacts.hardening?.['module-signatures'], 'on');
    assert.ok(Object.keys(requireFacts).length > 5);
  });
});
