import assert from 'node:assert/strict';
import fc from 'fast-check';
import { recallAttestationKey, verifyAttestationKey, type AttestationKey } from '../../../src/core/tpm/index.ts';
import { capture } from './captures.ts';

const areas = ['ak_rsa', 'ak_ecc', 'ak_ecc384'].map((name) => capture(`tpm-quote/${name}.pub`));

/** What a verification ends with: a name, or the code of its refusal. */
function outcomeOf(verify: () => AttestationKey): unknown {
  try {
    const { name, scheme } = verify();
    return { name, scheme };
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('recallAttestationKey', () => {
  it('answers as verifyAttestationKey does, whatever was asked before (property)', () => {
    const memory = new Map<string, AttestationKey>();
    const area = fc
      .record({ of: fc.constantFrom(...areas), at: fc.nat({ max: 90 }), bit: fc.constantFrom(0, 0, 0, 1, 128) })
      .map(({ of, at, bit }) => of.map((byte, index) => (index === at ? byte ^ bit : byte)));
    fc.assert(
      fc.property(area, (bytes) => {
        const remembered = outcomeOf(() => recallAttestationKey(bytes, memory));
        assert.deepEqual(
          remembered,
          outcomeOf(() => verifyAttestationKey(bytes)),
        );
      }),
    );
    assert.ok(memory.size >= areas.length);
  });

  it('gives the same key again without reading it, and remembers no refusal', () => {
    const memory = new Map<string, AttestationKey>();
    const [area = assert.fail()] = areas;
    assert.equal(recallAttestationKey(area, memory), recallAttestationKey(Uint8Array.from(area), memory));
    assert.throws(() => recallAttestationKey(new Uint8Array(), memory), { code: 'TPM_STRUCTURE_TRUNCATED' });
    assert.equal(memory.size, 1);
  });

  it('does not look at bytes that its caller changes later', () => {
    const memory = new Map<string, AttestationKey>();
    const area = Uint8Array.from(areas[0] ?? []);
    const key = recallAttestationKey(area, memory);
    const before = Uint8Array.from(key.public.bytes);
    area.fill(0);
    assert.deepEqual(key.public.bytes, before);
  });
});
