// Where secrets may be sent.
import assert from 'node:assert/strict';
import { isSafeAddress } from '../../src/api/index.ts';

describe('addresses for secrets', () => {
  it('are https, or this machine', () => {
    for (const safe of [
      'https://keystone.example/v3',
      'http://127.0.0.1:5000',
      'http://127.9.9.9',
      'http://[::1]:1',
      'http://localhost:5000/v3',
    ])
      // prettier-ignore
      assert.ok(isSafeAddress(safe), safe);
  });

  it('are no names that only begin like this machine', () => {
    for (const unsafe of [
      'http://127.example',
      'http://127.0.0.1.example',
      'http://localhost.example',
      'http://localhostile',
      'http://[::1].example',
      'http://keystone.example',
      'ftp://127.0.0.1',
      'keystone.example',
      '',
    ])
      // prettier-ignore
      assert.ok(!isSafeAddress(unsafe), unsafe);
  });
});
