import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import {
  concatBytes,
  decodeHex,
  encodeDer,
  encodeHex,
  readDer,
  trimDer,
  type DerNode,
} from '../../../src/core/encoding/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';

const sequence = decodeHex('300b0201050401ffa003020100');
const spki = new Uint8Array(generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'der', type: 'spki' })); // prettier-ignore

describe('readDer', () => {
  it('reads tags, contents and offsets of all elements', () => {
    const node = readDer(sequence);
    const shape = ({ tag, constructed, offset, contents }: DerNode) => [tag, constructed, offset, encodeHex(contents)];
    assert.deepEqual(shape(node), [0x30, true, 0, '0201050401ffa003020100']);
    assert.deepEqual(node.children.map(shape), [
      [0x02, false, 2, '05'],
      [0x04, false, 5, 'ff'],
      [0xa0, true, 8, '020100'],
    ]);
    assert.deepEqual(
      node.children.slice(2).flatMap(({ children }) => children.map(shape)),
      [[0x02, false, 10, '00']],
    );
    assert.deepEqual(node.children[2]?.bytes, decodeHex('a003020100'));
    assert.deepEqual(node.bytes, sequence);
  });

  it('stays inside a view of a larger buffer', () => {
    const padded = concatBytes(Uint8Array.of(9, 9), sequence, Uint8Array.of(9));
    assert.deepEqual(readDer(padded.subarray(2, 2 + sequence.length)).bytes, sequence);
  });

  it('reads back what node:crypto writes', () => {
    const node = readDer(spki);
    assert.deepEqual(node.children.map(({ tag }) => tag), [0x30, 0x03]); // prettier-ignore
    const rebuilt = node.children.map((child) => encodeDer(child.tag, child.contents));
    assert.deepEqual(encodeDer(node.tag, ...rebuilt), spki);
  });

  it('reads every length that encodeDer writes', () => {
    for (const length of [0, 1, 0x7f, 0x80, 0xff, 0x100, 0xffff, 0x10000]) {
      const bytes = encodeDer(0x04, new Uint8Array(length));
      assert.equal(readDer(bytes).contents.length, length);
    }
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 5 }), (contents) => {
        const bytes = encodeDer(0x30, ...contents.map((content) => encodeDer(0x04, content)));
        assert.deepEqual(readDer(bytes).children.map((child) => Uint8Array.from(child.contents)), contents); // prettier-ignore
      }),
    );
  });

  for (const [what, hex, code] of [
    ['an indefinite length', '30800000', 'ENCODING_DER_INVALID'],
    ['a length of two octets that fits one', '048105aabbccddee', 'ENCODING_DER_INVALID'],
    ['a length with a leading zero', '0482007f' + '00'.repeat(127), 'ENCODING_DER_INVALID'],
    ['a length of five octets', '04850100000000', 'ENCODING_DER_INVALID'],
    ['the reserved length', '04ff', 'ENCODING_DER_INVALID'],
    ['a tag number of several octets', '1f8100', 'ENCODING_DER_INVALID'],
    ['an inner element longer than the outer', '300302050505', 'ENCODING_DER_TRUNCATED'],
    ['an inner element that lies about its length', '30030205ff', 'ENCODING_DER_TRUNCATED'],
    ['contents that end inside a head', '300102', 'ENCODING_DER_TRUNCATED'],
    ['four thousand million bytes', '0484ffffffff00', 'ENCODING_DER_TRUNCATED'],
    ['two elements', '05000500', 'ENCODING_DER_TRAILING'],
    ['nothing', '', 'ENCODING_DER_TRUNCATED'],
  ] as const) {
    it(`refuses ${what}`, () => {
      assert.throws(() => readDer(decodeHex(hex)), { code });
    });
  }

  it('refuses nesting and numbers of elements beyond its bounds without running out of stack', () => {
    let deep = encodeDer(0x05);
    for (let level = 1; level < 32; level += 1) deep = encodeDer(0x30, deep);
    readDer(deep);
    assert.throws(() => readDer(encodeDer(0x30, deep)), { code: 'ENCODING_DER_LIMIT' });
    const wide = encodeDer(
      0x30,
      new Uint8Array(2 * 70000).map((_, index) => (index % 2 === 0 ? 5 : 0)),
    );
    assert.throws(() => readDer(wide), { code: 'ENCODING_DER_LIMIT' });
    readDer(sequence, { maxNodes: 5 });
    assert.throws(() => readDer(sequence, { maxNodes: 4 }), { code: 'ENCODING_DER_LIMIT' });
    assert.throws(() => readDer(sequence, { maxDepth: 2 }), { code: 'ENCODING_DER_LIMIT' });
  });

  it('refuses every truncation and one byte too many, and is never surprised', () => {
    for (const good of [sequence, spki]) {
      assertRefusesEveryTruncation(good, readDer);
      assert.throws(() => readDer(concatBytes(good, Uint8Array.of(0))), { code: 'ENCODING_DER_TRAILING' });
    }
    assertNeverSurprised(readDer, sequence, spki);
  });
});

describe('trimDer', () => {
  it('cuts what a TPM memory holds behind a certificate', () => {
    for (const padding of [
      new Uint8Array(),
      new Uint8Array(431).fill(0xff),
      new Uint8Array(192),
      Uint8Array.of(0x0a),
    ]) {
      const { der, trailing } = trimDer(concatBytes(spki, padding));
      assert.deepEqual(Uint8Array.from(der), spki);
      assert.deepEqual(Uint8Array.from(trailing), padding);
    }
  });

  it('reads the outer head only, and refuses one that is cut or not DER', () => {
    assert.deepEqual(trimDer(decodeHex('3002ffff00')).trailing, Uint8Array.of(0));
    assert.throws(() => trimDer(decodeHex('3003ffff')), { code: 'ENCODING_DER_TRUNCATED' });
    assert.throws(() => trimDer(decodeHex('30800000')), { code: 'ENCODING_DER_INVALID' });
    assert.throws(() => trimDer(new Uint8Array()), { code: 'ENCODING_DER_TRUNCATED' });
    assertNeverSurprised(trimDer, spki);
  });
});
