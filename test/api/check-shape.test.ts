// An answer of another form than the contract promises is found, wherever it is; what is new is passed over.
import assert from 'node:assert/strict';
import { findMisshape, type Shape } from '../../src/api/check-shape.ts';

const named: Readonly<Record<string, Shape>> = {
  Name: 'text',
  Tree: { members: { name: '#Name', 'below?': ['#Tree'] } },
  Counts: { members: {}, others: 'number' },
};

describe('the form of an answer', () => {
  const find = (value: unknown, shape: Shape): string | undefined => findMisshape(value, shape, named);

  it('is that of every member there must be, and of those there may be', () => {
    const shape: Shape = { members: { id: '#Name', 'count?': 'number', 'all?': 'boolean' } };
    assert.equal(find({ id: 'a', count: 1, later: {} }, shape), undefined);
    assert.equal(find({}, shape), 'id');
    assert.equal(find({ id: 1 }, shape), 'id');
    assert.equal(find({ id: 'a', all: 'yes' }, shape), 'all');
    for (const value of [null, [], 'text', 1, undefined]) assert.equal(find(value, shape), 'the whole');
  });

  it('is looked at in lists, in what has any names, and as deep as it goes', () => {
    assert.equal(find({ name: 'a', below: [{ name: 'b' }, { name: 2 }] }, '#Tree'), 'below[1].name');
    assert.equal(find({ a: 1, b: 'x' }, '#Counts'), '.*');
    let deep: unknown = { name: 'a' };
    for (let level = 0; level < 100; level += 1) deep = { name: 'a', below: [deep] };
    assert.match(find(deep, '#Tree') ?? '', /^below/);
  });

  it('is one of several, or all of several', () => {
    const shape: Shape = { one: ['null', '#Counts'] };
    assert.deepEqual([find(null, shape), find({ a: 1 }, shape), find('x', shape)], [undefined, undefined, 'the whole']);
    const both: Shape = { all: ['#Tree', { members: { more: 'any' } }] };
    assert.deepEqual([find({ name: 'a', more: [] }, both), find({ name: 'a' }, both)], [undefined, 'more']);
  });

  it('is no member that is inherited, and nothing of a form that has no name', () => {
    assert.equal(find({}, { members: { toString: 'any' } }), 'toString');
    assert.equal(find('x', '#Unknown'), 'the whole');
  });
});
