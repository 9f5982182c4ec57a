import assert from 'node:assert/strict';
import { selectPolicy } from '../../../src/server/trust/select-policy.ts';
import type { HostSelector } from '../../../src/server/storage/index.ts';

describe('the policy of a host', () => {
  const host = { hostId: 'hv-1', labels: { zone: 'a', tier: 'gold' } };
  const select = (...hosts: [string, HostSelector][]): string | undefined =>
    selectPolicy(
      hosts.map(([id, selector]) => ({ id, hosts: selector, policy: undefined })),
      host,
    )?.id;

  it('is the most specific one: named, then by more labels, then for all', () => {
    const all: [string, HostSelector] = ['all', { all: true }];
    const one: [string, HostSelector] = ['one', { labels: { zone: 'a' } }];
    const two: [string, HostSelector] = ['two', { labels: { zone: 'a', tier: 'gold' } }];
    const named: [string, HostSelector] = ['named', { names: ['hv-1'] }];
    assert.equal(select(all, one, two, named), 'named');
    assert.equal(select(all, one, two), 'two');
    assert.equal(select(two, one, all), 'two');
    assert.equal(select(all, one), 'one');
    assert.equal(select(all), 'all');
  });

  it('is none when nothing selects the host', () => {
    assert.equal(select(), undefined);
    assert.equal(
      select(['x', { names: ['hv-2'] }], ['y', { labels: { zone: 'b' } }], ['z', { labels: {} }]),
      undefined,
    );
  });

  it('does not depend on the order of policies that select it equally', () => {
    const [a, b]: [string, HostSelector][] = [
      ['a', { labels: { zone: 'a' } }],
      ['b', { labels: { tier: 'gold' } }],
    ];
    assert.equal(select(a!, b!), 'a');
    assert.equal(select(b!, a!), 'a');
  });
});
