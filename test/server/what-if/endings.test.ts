// Which golden measurements a change ends, and how. One that stays and holds is none of them, whatever else becomes of a host.
import assert from 'node:assert/strict';
import { readEndings } from '../../../src/server/what-if/endings.ts';
import { approve, expectEvent, statementOf } from '../../core/golden/material.ts';

const day = 86_400_000;
const from = new Date('2026-06-01T00:00:00Z');
const at = new Date(from.getTime() + day);
const goldenOf = (description: string, ends: { readonly notBefore?: Date; readonly notAfter?: Date } = {}) =>
  approve(statementOf('kernel', [expectEvent(4, description)], { description, ...ends }));

describe('what a change of golden measurements ends', () => {
  const [gone, stays] = [goldenOf('gone'), goldenOf('stays')];
  const endOf = (golden: typeof gone, question: Partial<Parameters<typeof readEndings>[0]> = {}) => {
    const before = { goldens: [stays, golden] };
    const endings = readEndings({ before, after: { goldens: [stays, golden], lapsed: [] }, revoked: [], from, at, ...question }); // prettier-ignore
    assert.equal(endings.get(stays.id), undefined);
    return endings.get(golden.id)?.end;
  };

  it('is what is taken away: revoked, or with too few signatures, or else retired', () => {
    const without = (...lapsed: string[]) => ({ after: { goldens: [stays], lapsed } });
    assert.equal(endOf(gone, without()), 'retired');
    assert.equal(endOf(gone, without(gone.id)), 'lapsed');
    assert.equal(endOf(gone, { ...without(), revoked: [gone.id] }), 'revoked');
    assert.equal(endOf(gone, { ...without(gone.id), revoked: [gone.id] }), 'revoked');
    assert.equal(endOf(gone), undefined);
  });

  it('is what holds when the trust in force is asked, and no more when the change is', () => {
    const around = (milliseconds: number, date: Date) => new Date(date.getTime() + milliseconds);
    assert.equal(endOf(goldenOf('ends between', { notAfter: around(-1, at) })), 'expired');
    assert.equal(endOf(goldenOf('ends later', { notAfter: around(1, at) })), undefined);
    assert.equal(endOf(goldenOf('had ended', { notAfter: around(-1, from) })), undefined);
    assert.equal(endOf(goldenOf('not begun', { notBefore: around(1, at) })), undefined);
    assert.equal(endOf(goldenOf('begins between', { notBefore: around(1, from) })), undefined);
  });

  it('is named by its layer and what it is of', () => {
    const endings = readEndings({ before: { goldens: [gone] }, after: { goldens: [], lapsed: [] }, revoked: [], from, at }); // prettier-ignore
    assert.deepEqual([...endings.values()], [{ layer: 'kernel', name: 'kernel image', end: 'retired' }]);
  });
});
