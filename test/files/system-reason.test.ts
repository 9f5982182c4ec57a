import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { systemReason } from '../../src/files/index.ts';

describe('systemReason', () => {
  it("gives the system's word alone, not the path that stands beside it", () => {
    try {
      readFileSync('/nowhere/secret-name');
      assert.fail('it was read');
    } catch (cause) {
      assert.equal(systemReason(cause), 'ENOENT');
    }
  });

  it('has no word for what the system did not say', () => {
    for (const cause of [new TypeError('no'), 'ENOENT', { code: 'ENOENT' }, undefined])
      assert.equal(systemReason(cause), 'unknown reason');
  });
});
