import assert from 'node:assert/strict';
import { inOwnTurn, inTurns, isQuestioned, noteQuestion, ownTurn } from '../../src/server/own-turn.ts';

/** Resolves when all that waits for this turn of the event loop has run. */
const oneTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('heavy work', () => {
  it('has a turn of the event loop for each piece, first come, first served, whoever asks', async () => {
    const done: string[] = [];
    inOwnTurn(() => void done.push('a'));
    const second = ownTurn().then(() => done.push('b'));
    inOwnTurn(() => {
      done.push('c');
      inOwnTurn(() => void done.push('e'));
    });
    inOwnTurn(() => void done.push('d'));
    const counts: number[] = [];
    for (let turn = 0; turn < 6; turn += 1) {
      await oneTurn();
      counts.push(done.length);
    }
    await second;
    assert.deepEqual(done, ['a', 'b', 'c', 'd', 'e']);
    assert.ok(
      counts.every((count, turn) => count - (counts[turn - 1] ?? 0) <= 1),
      counts.join(),
    );
  });

  it('is done at once up to a megabyte, and beyond that in pieces with turns of others between them', async () => {
    const atOnce = (): string => 'at once';
    const inPieces = (_: unknown, pause: () => Promise<void>): Promise<string> => pause().then(() => 'in pieces');
    assert.equal(inTurns({ length: 1_048_576 }, atOnce, inPieces), 'at once');
    assert.equal(await inTurns({ length: 1_048_577 }, atOnce, inPieces), 'in pieces');
  });

  it('is cut into smaller pieces for ten seconds after somebody asked where a workload may run', () => {
    noteQuestion(1000);
    assert.deepEqual([isQuestioned(1000), isQuestioned(10_999), isQuestioned(11_000)], [true, true, false]);
    noteQuestion();
    assert.equal(isQuestioned(), true);
  });
});
