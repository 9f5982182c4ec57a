import assert from 'node:assert/strict';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { kdfa, kdfe } from '../../../src/core/tpm/index.ts';

const fill = (value: number, length = 32): Uint8Array => new Uint8Array(length).fill(value);
const none = new Uint8Array(0);

describe('KDFa and KDFe', () => {
  it('give the known answers of a credential', () => {
    const akName = Uint8Array.of(0, 0x0b, ...fill(0x11));
    const storage = kdfa({
      hash: 'sha256',
      key: fill(0x55),
      label: 'STORAGE',
      contextU: akName,
      contextV: none,
      bits: 128,
    });
    assert.equal(encodeHex(storage), '9348843dfcb7fa5c93e5c15cea996464');
    const integrity = kdfa({
      hash: 'sha256',
      key: fill(0x55),
      label: 'INTEGRITY',
      contextU: none,
      contextV: none,
      bits: 256,
    });
    assert.equal(encodeHex(integrity), 'bceea1fe1f18613e32594b13cf969de5433a7572988274321a86a070b2530979');
  });

  it('give the known answer of an agreed seed', () => {
    const seed = kdfe({
      hash: 'sha256',
      key: fill(0x22),
      label: 'IDENTITY',
      contextU: fill(0x33),
      contextV: fill(0x44),
      bits: 256,
    });
    assert.equal(encodeHex(seed), 'f59da144d928b82a7aceb16c1dbc3c5b0588ef575d1baefaade7131ba5f2c6a5');
  });

  it('make more than one block and mask the bits that were not asked for', () => {
    for (const derive of [kdfa, kdfe]) {
      for (const [bits, length, top] of [
        [521, 66, 0x01],
        [1000, 125, 0xff],
        [1, 1, 0x01],
        [255, 32, 0x7f],
      ] as const) {
        const key = derive({ hash: 'sha256', key: fill(1), label: 'X', contextU: none, contextV: none, bits });
        assert.equal(key.length, length);
        assert.ok((key[0] ?? 0) <= top);
      }
    }
  });
});
