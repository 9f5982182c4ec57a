import assert from 'node:assert/strict';
import { systemRandom } from '../../../src/server/keys/random.ts';

describe('the random bytes of the server', () => {
  it('are as many as were asked for, and never the same twice', () => {
    const seen = new Set<string>();
    for (let round = 0; round < 1000; round += 1) {
      for (const length of [16, 31, 32]) {
        const bytes = systemRandom(length);
        assert.equal(bytes.length, length);
        seen.add(Buffer.from(bytes).toString('hex'));
      }
    }
    assert.equal(seen.size, 3000);
    assert.equal(systemRandom(0).length, 0);
    for (const length of [4096, 10_000]) assert.ok(new Set(systemRandom(length)).size > 250);
  });

  it('belong to whoever got them: what is written into them is seen by nobody else', () => {
    const first = systemRandom(32);
    const copy = Uint8Array.from(first);
    systemRandom(32).fill(0);
    assert.deepEqual(first, copy);
    assert.equal(first.buffer.byteLength, 32);
  });
});
