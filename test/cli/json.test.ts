import assert from 'node:assert/strict';
import { toJson } from '../../src/cli/json.ts';

describe('toJson', () => {
  it('spells values of the core in JSON', () => {
    const value = {
      bytes: Uint8Array.of(1, 255),
      map: new Map([[7, Uint8Array.of(9)]]),
      set: new Set(['a']),
      big: 2n ** 60n,
      at: new Date('2026-11-25T00:00:00Z'),
      absent: undefined,
      nested: [{ deep: null }],
    };
    assert.deepEqual(toJson(value), {
      bytes: '01ff',
      map: { '7': '09' },
      set: ['a'],
      big: '1152921504606846976',
      at: '2026-11-25T00:00:00.000Z',
      nested: [{ deep: null }],
    });
  });

  it('has a word for numbers and dates that JSON has not', () => {
    assert.deepEqual(toJson([Number.NaN, Infinity, new Date(Number.NaN)]), [null, null, null]);
  });
});
