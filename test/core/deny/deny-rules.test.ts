// The lists in force as one set of rules.
import assert from 'node:assert/strict';
import { createDenyRules, denyRulesOf } from '../../../src/core/deny/index.ts';
import { noon } from '../golden/material.ts';
import { denyEntry, denyList, everyKind } from './material.ts';

describe('the rules of deny lists', () => {
  const [first, second] = everyKind;
  assert.ok(first && second);

  it('are none where no list has an entry, and those of all lists where one has', () => {
    assert.equal(denyRulesOf([]), undefined);
    assert.equal(denyRulesOf([denyList([]), denyList([], { name: 'vendor' })]), undefined);
    const lists = [denyList([]), denyList([denyEntry(first)], { name: 'vendor' })];
    assert.deepEqual(denyRulesOf(lists), createDenyRules(lists));
    assert.deepEqual(denyRulesOf(lists)?.measurements.map(({ list }) => list), ['vendor']); // prettier-ignore
  });

  it('tell every moment at which one of them ceases to deny', () => {
    const later = new Date(noon.getTime() + 1000);
    const entries = [denyEntry(first, { until: later }), denyEntry(second, { id: 'e-2' })];
    const lists = [denyList(entries), denyList([denyEntry(second, { until: noon })], { name: 'vendor' })];
    assert.deepEqual(createDenyRules(lists).ends, [later.getTime(), noon.getTime()]);
  });
});
