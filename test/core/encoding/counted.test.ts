import assert from 'node:assert/strict';
import { counted } from '../../../src/core/encoding/index.ts';

describe('a count with its noun', () => {
  it('is in the singular for one, and for nothing else', () => {
    const hosts = [0, 1, 2, 21].map((count) => counted(count, 'host'));
    assert.deepEqual(hosts, ['0 hosts', '1 host', '2 hosts', '21 hosts']);
    const policies = [0, 1, 12].map((count) => counted(count, 'policy', 'policies'));
    assert.deepEqual(policies, ['0 policies', '1 policy', '12 policies']);
  });
});
