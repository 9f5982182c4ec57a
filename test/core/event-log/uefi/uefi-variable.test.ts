import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatBytes } from '../../../../src/core/encoding/index.ts';
import { encodeUefiVariable, guids } from '../../../../src/core/event-log/index.ts';
import { parseUefiVariable } from '../../../../src/core/event-log/uefi/uefi-variable.ts';
import { refuses, survives } from '../logs.ts';

const bytes = encodeUefiVariable({ guid: guids.globalVariable, name: 'SecureBoot', data: Uint8Array.of(1) });

describe('parseUefiVariable', () => {
  it('reads what the encoder writes', () => {
    const { guid, name, data, trailing } = parseUefiVariable(bytes);
    assert.deepEqual([guid, name, [...data], trailing], [guids.globalVariable, 'SecureBoot', [1], 0]);
    assert.equal(bytes.length, 53);
  });

  it('refuses every truncation and says how many bytes follow', () => {
    for (let length = 0; length < bytes.length; length += 1) {
      refuses('EVENT_LOG_VARIABLE_INVALID', () => parseUefiVariable(bytes.subarray(0, length)));
    }
    assert.equal(parseUefiVariable(concatBytes(bytes, new Uint8Array(6))).trailing, 6);
  });

  it('refuses lengths that lie, without counting in floating point', () => {
    for (const [offset, values] of [
      [16, [255, 255, 255, 255, 255, 255, 255, 255]],
      [16, [1, 8, 0, 0, 0, 0, 0, 0]],
      [24, [0, 0, 0, 0, 0, 0, 0, 128]],
      [24, [2, 0, 0, 0, 0, 0, 0, 0]],
    ] as const) {
      const copy = bytes.slice();
      copy.set(values, offset);
      refuses('EVENT_LOG_VARIABLE_INVALID', () => parseUefiVariable(copy));
    }
  });

  it('survives arbitrary bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 80 }), (input) => survives(() => parseUefiVariable(input))));
  });
});
