import assert from 'node:assert/strict';
import fc from 'fast-check';
import { AttestationError } from '../../../../src/core/error.ts';
import { coveredPcrs, parsePolicy, policyPcrSelection } from '../../../../src/core/appraisal/index.ts';

const document = {
  id: 'hypervisor-strict',
  version: 3,
  description: 'all layers of the boot',
  layers: ['initrd', 'kernel', 'firmware'],
  bank: 'sha384',
  requireFacts: { secureBoot: 'enabled', kernelCommandLine: { require: ['iommu=on'], forbid: ['init=/bin/sh'] } },
  verdictSeconds: 600,
};

function refuses(change: Readonly<Record<string, unknown>>, code: string, at?: string): void {
  assert.throws(
    () => parsePolicy({ ...document, ...change }),
    (error) => {
      assert.ok(error instanceof AttestationError);
      assert.equal(error.code, code);
      if (at !== undefined) assert.equal(error.at, at);
      return true;
    },
  );
}

describe('policy', () => {
  it('is read with every field, its layers in the order of the boot', () => {
    assert.deepEqual(parsePolicy(document), { ...document, layers: ['firmware', 'kernel', 'initrd'], conditions: [] });
  });

  it('needs id, version, layers and lifetime; the bank is SHA-256 unless told', () => {
    const least = { id: 'least', version: 1, layers: ['firmware'], verdictSeconds: 10 };
    assert.deepEqual(parsePolicy(least), { ...least, bank: 'sha256', requireFacts: {}, conditions: [] });
    for (const name of Object.keys(least)) {
      assert.throws(() => parsePolicy({ ...least, [name]: undefined }), { code: 'APPRAISAL_POLICY_INVALID', at: name });
    }
  });

  it('rejects when there is nothing to verify: no layer, no lifetime, an empty demand', () => {
    refuses({ layers: [] }, 'APPRAISAL_POLICY_EMPTY', 'layers');
    refuses({ verdictSeconds: 0 }, 'APPRAISAL_POLICY_INVALID', 'verdictSeconds');
    refuses({ conditions: [] }, 'APPRAISAL_POLICY_INVALID', 'conditions');
    refuses({ requireFacts: { kernelCommandLine: {} } }, 'APPRAISAL_POLICY_INVALID', 'requireFacts.kernelCommandLine');
  });

  it('T21: rejects the SHA-1 bank with a code of its own', () => {
    refuses({ bank: 'sha1' }, 'APPRAISAL_POLICY_BANK_REFUSED', 'bank');
  });

  const condition = { name: 'one', expression: 'secureBoot == "enabled"', description: 'why', remedy: 'what to do' };

  it('is read with its conditions, each once, with its texts', () => {
    const { conditions } = parsePolicy({ ...document, conditions: [condition, { ...condition, name: 'two' }] });
    assert.deepEqual(conditions.map(({ name, description, remedy, condition: { expression, reads } }) => [name, expression, reads, description, remedy])[0], ['one', condition.expression, ['secureBoot'], 'why', 'what to do']); // prettier-ignore
    assert.equal(conditions.length, 2);
  });

  it('refuses a condition that is no good CEL, at its path', () => {
    const bad = { ...condition, name: 'two', expression: 'secureBot == "enabled"' };
    refuses({ conditions: [condition, bad] }, 'APPRAISAL_CONDITION_INVALID', 'conditions[1].expression');
  });

  const wrong: readonly (readonly [Readonly<Record<string, unknown>>, string])[] = [
    [{ surprise: true }, ''],
    [{ id: 'Upper Case' }, 'id'],
    [{ id: '../etc' }, 'id'],
    [{ version: 0 }, 'version'],
    [{ version: '3' }, 'version'],
    [{ layers: 'firmware' }, 'layers'],
    [{ layers: ['firmware', 'firmware'] }, 'layers'],
    [{ layers: ['bios'] }, 'layers[0]'],
    [{ bank: 'md5' }, 'bank'],
    [{ verdictSeconds: 9 }, 'verdictSeconds'],
    [{ verdictSeconds: 7 * 24 * 3600 + 1 }, 'verdictSeconds'],
    [{ verdictSeconds: 1.5 }, 'verdictSeconds'],
    [{ requireFacts: { secureBoot: 'disabled' } }, 'requireFacts.secureBoot'],
    [{ requireFacts: { secureboot: 'enabled' } }, 'requireFacts'],
    [{ requireFacts: { kernelCommandLine: { require: ['a b'] } } }, 'requireFacts.kernelCommandLine.require[0]'],
    [{ description: 'bell \u0007' }, 'description'],
    [{ conditions: condition }, 'conditions'],
    [{ conditions: [condition, condition] }, 'conditions'],
    [{ conditions: Array.from({ length: 17 }, (_, index) => ({ ...condition, name: `c${index}` })) }, 'conditions'],
    [{ conditions: [{ ...condition, name: 'Upper Case' }] }, 'conditions[0].name'],
    [{ conditions: [{ ...condition, remedy: undefined }] }, 'conditions[0].remedy'],
    [{ conditions: [{ ...condition, description: '' }] }, 'conditions[0].description'],
    [{ conditions: [{ ...condition, expression: 'a\u0007' }] }, 'conditions[0].expression'],
    [{ conditions: [{ ...condition, surprise: 1 }] }, 'conditions[0]'],
  ];
  for (const [change, at] of wrong) {
    it(`rejects ${JSON.stringify(change).slice(0, 160)}`, () => refuses(change, 'APPRAISAL_POLICY_INVALID', at));
  }

  it('answers any JSON with a policy or a typed refusal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parsePolicy(value);
        } catch (error) {
          return error instanceof AttestationError;
        }
        return true;
      }),
    );
  });

  it('asks for every PCR its layers are measured into, and for those that explain a boot', () => {
    const selected = (...layers: string[]): readonly number[] =>
      policyPcrSelection(parsePolicy({ id: 'p', version: 1, layers, verdictSeconds: 10 })).pcrs;
    assert.deepEqual(selected('firmware'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15]);
    assert.deepEqual(selected('kernel-command-line'), selected('firmware'));
    assert.deepEqual(selected('firmware', 'runtime'), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
    assert.deepEqual(coveredPcrs({ layers: ['secure-boot', 'firmware'] }), [0, 2, 7, 14]);
    assert.equal(policyPcrSelection(parsePolicy(document)).bank, 'sha384');
  });

  it('T24: never asks for PCR 16 or 23', () => {
    const { pcrs } = policyPcrSelection(parsePolicy({ ...document, layers: ['firmware', 'runtime', 'initrd'] }));
    assert.ok(!pcrs.includes(16) && !pcrs.includes(23));
  });
});
