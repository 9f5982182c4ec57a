import assert from 'node:assert/strict';
import { nameActor } from '../../../src/core/encoding/index.ts';

describe('the name of an actor', () => {
  it('stands before what the audit log has, and alone is that', () => {
    assert.equal(nameActor('token tok_0123456789abcdef', 'ada'), 'ada (token tok_0123456789abcdef)');
    assert.equal(nameActor('signer ada', undefined), 'signer ada');
  });
});
