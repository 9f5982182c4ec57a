import assert from 'node:assert/strict';
import { inOwnTurn } from '../../../../src/server/own-turn.ts';
import { NothingDone, openGroups } from '../../../../src/server/storage/sqlite/group-commit.ts';

/** Groups over steps that only say what they do; `sync` resolves when it is told to. */
function openWorld({ isAsked = false } = {}) {
  const steps: string[] = [];
  const syncs: { readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];
  let isUnderWay = true;
  const step = (name: string) => (): void => void steps.push(name);
  const groups = openGroups({
    begin: step('begin'),
    commit: step('commit'),
    rollback: step('rollback'),
    enter: step('enter'),
    keep: step('keep'),
    undo: step('undo'),
    isUnderWay: () => isUnderWay,
    isAsked: () => isAsked,
    sync: () => new Promise((resolve, reject) => syncs.push({ resolve, reject })),
  });
  /** Until no turn of the event loop brings anything more. */
  const settle = async () => {
    for (let count = 0; count < 4; count += 1) await turn();
  };
  return { steps, syncs, groups, settle, endWhole: () => (isUnderWay = false) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

const unasked = (): never => assert.fail('nothing long is under way');

describe('group commit', () => {
  it('answers nobody before the disk has it, and lets those who come meanwhile wait together', async () => {
    const { steps, syncs, groups, settle } = openWorld();
    const told: string[] = [];
    const ask = (name: string) =>
      groups.transact(() => Promise.resolve(steps.push(name))).then(() => void told.push(name));
    const all = [ask('a')];
    await settle();
    all.push(ask('b'), ask('c'));
    await settle();
    assert.deepEqual([steps, told], [['begin', 'enter', 'a', 'keep', 'commit'], []]);
    syncs[0]?.resolve();
    await settle();
    assert.deepEqual(told, ['a']);
    assert.deepEqual(steps.slice(5), ['begin', 'enter', 'b', 'keep', 'enter', 'c', 'keep', 'commit']);
    syncs[1]?.resolve();
    await Promise.all(all);
    assert.deepEqual([told, syncs.length], [['a', 'b', 'c'], 2]);
  });

  it('waits for whoever each turn of the event loop brings, but for no more than thirty-two', async () => {
    for (const [comers, first] of [
      [5, 5],
      [40, 32],
    ] as const) {
      const { steps, syncs, groups, settle } = openWorld();
      const all: Promise<unknown>[] = [];
      const come = (): void => {
        if (all.length === comers) return;
        inOwnTurn(come);
        all.push(groups.transact(() => Promise.resolve()));
      };
      come();
      for (let count = 0; count < 80; count += 1) await turn();
      assert.equal(steps.filter((step) => step === 'keep').length, first);
      assert.equal(syncs.length, 1);
      while (steps.filter((step) => step === 'keep').length < comers) {
        for (const { resolve } of syncs) resolve();
        await turn();
      }
      await settle();
      for (const { resolve } of syncs) resolve();
      await Promise.all(all);
    }
  });

  for (const [isAsked, most] of [
    [false, 4],
    [true, 1],
  ] as const) {
    const who = isAsked ? 'while somebody asks' : 'while nobody asks';
    it(`does ${most} of its parts and tells ${most} of its members in a turn of the event loop ${who}`, async () => {
      const { steps, syncs, groups } = openWorld({ isAsked });
      const told: number[] = [];
      const members = Array.from({ length: 9 }, (_, index) =>
        groups.transact(() => Promise.resolve()).then(() => void told.push(index)),
      );
      const [parts, tells] = [[0], [0]];
      for (let count = 0; count < 40; count += 1) {
        await turn();
        parts.push(steps.filter((step) => step === 'keep').length);
        tells.push(told.length);
        syncs[0]?.resolve();
      }
      await Promise.all(members);
      const mostOf = (counts: readonly number[]) =>
        Math.max(...counts.slice(1).map((count, before) => count - (counts[before] ?? 0)));
      assert.ok(mostOf(parts) <= most && mostOf(tells) === most, `${parts.join()} ${tells.join()}`);
      assert.deepEqual(told, [...members.keys()]);
    });
  }

  it('undoes the part of who fails, and of nobody else; everything where no part can be undone', async () => {
    for (const isWhole of [false, true]) {
      const { steps, syncs, groups, settle, endWhole } = openWorld();
      if (isWhole) endWhole();
      const bad = groups.transact(() => Promise.reject(new TypeError('bad')));
      bad.catch(() => undefined);
      // What cannot be undone by itself takes all of its group with it: nobody else is in this one.
      if (isWhole) await settle();
      const good = groups.transact(() => Promise.resolve('good'));
      const both = Promise.allSettled([bad, good]);
      await settle();
      for (const sync of syncs) sync.resolve();
      await settle();
      for (const sync of syncs) sync.resolve();
      const [first, second] = await both;
      assert.equal(first.status, 'rejected');
      assert.deepEqual(second, { status: 'fulfilled', value: 'good' });
      assert.equal(steps.includes('rollback'), isWhole);
      assert.equal(steps.includes('undo'), !isWhole);
    }
  });

  it('takes no savepoint for a plain part, of which nothing is done where its first statement fails', async () => {
    const { steps, syncs, groups, settle } = openWorld();
    const bad = groups.change(() => Promise.reject(new NothingDone(new TypeError('bad'))));
    const good = groups.change(() => Promise.resolve(steps.push('good')));
    const both = Promise.allSettled([bad, good]);
    await settle();
    syncs[0]?.resolve();
    const [first, second] = await both;
    assert.ok(first.status === 'rejected' && (first.reason as Error).message === 'bad');
    assert.equal(second.status, 'fulfilled');
    assert.deepEqual(steps, ['begin', 'good', 'commit']);
  });

  it('undoes the group of a plain part that failed in its middle, or whose transaction is over, and does it once more with savepoints', async () => {
    for (const error of [new TypeError('bad'), new NothingDone(new TypeError('bad'))]) {
      const { steps, syncs, groups, settle, endWhole } = openWorld();
      const good = groups.change(() => Promise.resolve(steps.push('good')));
      let times = 0;
      const bad = groups.change(() => {
        times += 1;
        if (times === 1 && error instanceof NothingDone) endWhole();
        return Promise.reject(error);
      });
      const both = Promise.allSettled([good, bad]);
      await settle();
      syncs[0]?.resolve();
      const [first, second] = await both;
      assert.ok(second.status === 'rejected' && (second.reason as Error).message === 'bad');
      const isOver = error instanceof NothingDone;
      // Where the transaction is over once more there is nothing left of anybody's part.
      assert.equal(first.status, isOver ? 'rejected' : 'fulfilled');
      const again = ['begin', 'enter', 'good', 'keep', 'enter', ...(isOver ? ['rollback'] : ['undo', 'commit'])];
      assert.deepEqual(steps, ['begin', 'good', 'rollback', ...again]);
    }
  });

  it('gives a long one a group by itself and no part of it, so that what fails there undoes all', async () => {
    const { steps, syncs, groups, settle } = openWorld();
    const ask = (name: string, isLong: boolean) => groups.transact(() => Promise.resolve(steps.push(name)), isLong);
    const all = [ask('a', false)];
    await settle();
    all.push(ask('b', false), ask('long', true), ask('c', false));
    const bad = groups.transact(() => Promise.reject(new TypeError('bad')), true).catch(() => steps.push('refused'));
    for (let group = 0; group < 4; group += 1) {
      await settle();
      syncs[group]?.resolve();
    }
    await Promise.all([...all, bad]);
    const groupsOf = steps
      .join(' ')
      .replaceAll('begin', '|')
      .replaceAll(/enter (\S+) keep/g, '($1)');
    assert.equal(groupsOf, '| (a) commit | (b) commit | long commit | (c) commit | rollback refused');
  });

  it('answers beside a long one, until it is committed', async () => {
    const { syncs, groups, settle } = openWorld();
    let finish: () => void = () => undefined;
    const long = groups.transact(() => new Promise<void>((resolve) => (finish = resolve)), true);
    await settle();
    const inside = () => Promise.resolve('inside');
    assert.equal(await groups.read(inside, () => Promise.resolve('beside')), 'beside');
    finish();
    await settle();
    const after = groups.read(inside, unasked);
    syncs[0]?.resolve();
    await long;
    assert.equal(await after, 'inside');
  });

  it('shows nobody what is not durable', async () => {
    const { syncs, groups, settle } = openWorld();
    const written = groups.transact(() => Promise.resolve());
    await settle();
    let seen: string | undefined;
    const reading = groups.read(() => Promise.resolve('row'), unasked).then((row) => (seen = row));
    await settle();
    assert.equal(seen, undefined);
    syncs[0]?.resolve();
    await Promise.all([written, reading]);
    assert.equal(seen, 'row');
  });

  it('refuses everything after the disk has failed once', async () => {
    const { steps, syncs, groups, settle } = openWorld();
    const written = groups.transact(() => Promise.resolve());
    const failed = assert.rejects(written, /EIO/);
    await settle();
    syncs[0]?.reject(new Error('EIO'));
    await failed;
    const before = steps.length;
    await assert.rejects(
      groups.transact(() => Promise.resolve()),
      /EIO/,
    );
    await assert.rejects(
      groups.read(() => Promise.resolve(), unasked),
      /EIO/,
    );
    assert.equal(steps.length, before);
  });
});
