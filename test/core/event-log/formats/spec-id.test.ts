import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { isAgileSpecId, parseSpecId, readNoActionSignature } from '../../../../src/core/event-log/formats/spec-id.ts';
import { refuses } from '../logs.ts';

function specId(
  algorithms: readonly (readonly number[])[],
  tail: readonly number[] = [0],
  count = algorithms.length,
): Uint8Array {
  const head = [0, 0, 0, 0, 0, 2, 105, 2, count & 0xff, count >>> 8, 0, 0];
  return concatBytes(
    encodeUtf8('Spec ID Event03\0'),
    Uint8Array.from(head),
    ...algorithms.map(([id = 0, size = 0]) => Uint8Array.of(id & 0xff, id >> 8, size, 0)),
    Uint8Array.from(tail),
  );
}

describe('parseSpecId', () => {
  it('reads versions, algorithms and vendor data', () => {
    const read = parseSpecId(
      specId(
        [
          [4, 20],
          [0xb, 32],
          [0x12, 32],
        ],
        [2, 0xca, 0xfe],
      ),
      32,
    );
    assert.equal(read.errata, 105);
    assert.equal(read.uintnSize, 2);
    assert.deepEqual(read.algorithms.at(-1), { id: 0x12, digestSize: 32 });
    assert.deepEqual([...read.vendorInfo], [0xca, 0xfe]);
  });

  it('refuses a digest size that is not the algorithm’s own, and an unknown one beyond bounds', () => {
    refuses('EVENT_LOG_DIGEST_SIZE_WRONG', () => parseSpecId(specId([[0xb, 20]]), 0));
    refuses('EVENT_LOG_DIGEST_SIZE_WRONG', () => parseSpecId(specId([[0x99, 0]]), 0));
    refuses('EVENT_LOG_DIGEST_SIZE_WRONG', () => parseSpecId(specId([[0x99, 129]]), 0));
    for (const size of [1, 128]) assert.equal(parseSpecId(specId([[0x99, size]]), 0).algorithms.length, 1);
  });

  it('refuses no algorithm, too many, one twice, and bytes left over', () => {
    refuses('EVENT_LOG_SPEC_ID_INVALID', () => parseSpecId(specId([]), 0));
    refuses('EVENT_LOG_SPEC_ID_INVALID', () => parseSpecId(specId([[0xb, 32]], [0], 17), 0));
    refuses('EVENT_LOG_SPEC_ID_INVALID', () =>
      parseSpecId(
        specId([
          [0xb, 32],
          [0xb, 32],
        ]),
        0,
      ),
    );
    refuses('EVENT_LOG_SPEC_ID_INVALID', () => parseSpecId(specId([[0xb, 32]], [0, 1]), 0));
  });

  it('refuses every truncation', () => {
    const whole = specId(
      [
        [4, 20],
        [0xb, 32],
      ],
      [1, 7],
    );
    for (let length = 16; length < whole.length; length += 1) {
      refuses('EVENT_LOG_TRUNCATED', () => parseSpecId(whole.subarray(0, length), 0));
    }
  });

  it('tells a crypto-agile log by its signature alone', () => {
    assert.ok(isAgileSpecId(specId([[0xb, 32]])));
    assert.ok(!isAgileSpecId(encodeUtf8('Spec ID Event02\0')));
    assert.ok(!isAgileSpecId(encodeUtf8('Spec ID Event03')));
    assert.equal(readNoActionSignature(Uint8Array.of(0x41, 0)), 'A');
  });
});
