import assert from 'node:assert/strict';
import { Cursor, type CursorOptions } from '../../../src/core/encoding/index.ts';

const bytes = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16);
const codes = { truncated: 'ENCODING_DER_TRUNCATED', trailing: 'ENCODING_DER_TRAILING' } as const;

function cursorOver(input: Uint8Array, options: Partial<CursorOptions> = {}): Cursor {
  return new Cursor(input, { endianness: 'big', ...codes, ...options });
}

describe('Cursor', () => {
  it('attack 33: reads integers of any size whole, in the order it was told', () => {
    const big = cursorOver(bytes);
    assert.deepEqual(
      [big.u8('a'), big.u16('b'), big.u32('c'), big.u64('d')],
      [1, 0x0203, 0x04050607, 0x08090a0b0c0d0e0fn],
    );
    const little = cursorOver(bytes, { endianness: 'little' });
    assert.deepEqual(
      [little.u8('a'), little.u16('b'), little.u32('c'), little.u64('d')],
      [1, 0x0302, 0x07060504, 0x0f0e0d0c0b0a0908n],
    );
    assert.equal(big.remaining, 1);
    const greatest = cursorOver(new Uint8Array(12).fill(0xff));
    assert.deepEqual([greatest.u64('a'), greatest.u32('b')], [2n ** 64n - 1n, 2 ** 32 - 1]);
  });

  it('stays inside the view it was given', () => {
    const cursor = cursorOver(bytes.subarray(4, 6));
    assert.equal(cursor.u16('both'), 0x0506);
    assert.throws(() => cursor.u8('beyond'), { code: codes.truncated, at: 2 });
  });

  it('refuses every read that is one byte too long, and does not move', () => {
    const reads: readonly [number, (cursor: Cursor) => unknown][] = [
      [1, (c) => c.u8('x')],
      [2, (c) => c.u16('x')],
      [4, (c) => c.u32('x')],
      [8, (c) => c.u64('x')],
      [5, (c) => c.bytes(5, 'x')],
      [5, (c) => c.sub(5, 'x')],
    ];
    for (const [size, read] of reads) {
      const cursor = cursorOver(bytes.subarray(0, size - 1));
      assert.throws(() => read(cursor), { code: codes.truncated, at: 0 });
      assert.equal(cursor.position, 0);
    }
  });

  it('refuses lengths that are no lengths', () => {
    for (const length of [-1, 1.5, NaN, Infinity, 2 ** 53]) {
      assert.throws(() => cursorOver(bytes).bytes(length, 'x'), { code: codes.truncated });
    }
  });

  it('counts offsets from the outermost input, through nested cursors', () => {
    const outer = cursorOver(bytes, { baseOffset: 100 });
    outer.u16('head');
    const inner = outer.sub(4, 'body');
    inner.u8('first');
    assert.equal(inner.offset, 103);
    assert.equal(inner.position, 1);
    assert.equal(outer.offset, 106);
    assert.throws(() => inner.bytes(4, 'too much'), { code: codes.truncated, at: 103 });
  });

  it('gives a nested cursor codes of its own where asked', () => {
    const inner = cursorOver(bytes).sub(2, 'body', { trailing: 'ENCODING_CBOR_TRAILING' });
    assert.throws(() => inner.end('body'), { code: 'ENCODING_CBOR_TRAILING' });
    inner.rest();
    assert.throws(() => inner.u8('x'), { code: codes.truncated });
  });

  it('asserts that nothing is left', () => {
    const cursor = cursorOver(bytes);
    assert.throws(() => cursor.end('x'), { code: codes.trailing, at: 0 });
    assert.deepEqual(cursor.rest(), bytes);
    cursor.end('x');
    assert.deepEqual(cursor.rest(), new Uint8Array());
  });

  it('refuses a count before anything is allocated for it', () => {
    const cursor = cursorOver(bytes);
    cursor.checkCount(8, 2, 'pairs');
    cursor.checkCount(0, 100, 'nothing');
    assert.throws(() => cursor.checkCount(9, 2, 'pairs'), { code: codes.truncated });
    assert.throws(() => cursor.checkCount(0xffffffff, 1, 'items'), { code: codes.truncated, at: 0 });
  });
});
