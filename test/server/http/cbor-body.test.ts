import assert from 'node:assert/strict';
import type { CborValue } from '../../../src/core/encoding/index.ts';
import { jsonOfCbor } from '../../../src/server/http/cbor-body.ts';

describe('a body in CBOR', () => {
  const refuses = (value: CborValue) => assert.throws(() => jsonOfCbor(value), { code: 'REQUEST_INVALID' });
  const map = (key: string | number, value: CborValue): CborValue => new Map([[key, value]]);

  it('has no key that means something to JavaScript, and no number for a name but below pcrs', () => {
    refuses(map('__proto__', map('role', 'operator')));
    refuses(map('pcrs', map('__proto__', 1)));
    refuses(map(0, 'x'));
    refuses(map('pcrs', map(0, 'x')));
    assert.deepEqual(jsonOfCbor(map('pcrs', map('sha256', map(0, Uint8Array.of(0xab))))), {
      pcrs: { sha256: { 0: 'ab' } },
    });
  });

  it('has whole numbers that JSON can say, and says bytes in base64', () => {
    assert.equal(jsonOfCbor(2 ** 53 - 1), Number.MAX_SAFE_INTEGER);
    refuses(2n ** 53n);
    refuses(-(2n ** 53n));
    assert.deepEqual(jsonOfCbor(map('attest', Uint8Array.of(0xab))), { attest: 'qw==' });
  });
});
