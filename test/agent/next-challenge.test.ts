import assert from 'node:assert/strict';
import { createNextChallenge } from '../../src/agent/index.ts';
import type { AttestationResult } from '../../src/api/index.ts';

const challenge = { challengeId: 'c', expiresAt: '2026-01-01T00:10:00.000Z' };
/** An answer of the server, by whose clock its challenge holds for ten minutes. */
const answer = { verdict: { issuedAt: '2026-01-01T00:00:00.000Z' }, nextChallenge: challenge } as AttestationResult;
const tenMinutes = 600_000;

describe('the challenge that is kept for the next attestation', () => {
  let now = 0;
  const host = { bootId: 'boot-1', logs: {}, pcrs: undefined };
  const kept = (result = answer) => {
    now = 5000;
    const next = createNextChallenge(() => now);
    next.keep(result, host);
    return next;
  };

  it('is given once', () => {
    const next = kept();
    assert.equal(next.take('boot-1')?.challenge.challengeId, 'c');
    assert.equal(next.take('boot-1'), undefined);
    assert.equal(createNextChallenge().take('boot-1'), undefined);
  });

  it('is tried for as long as the server said, by a clock that nobody sets', () => {
    for (const [wait, isTried] of [
      [tenMinutes - 1, true],
      [tenMinutes, false],
    ] as const) {
      const next = kept();
      now += wait;
      assert.equal(next.take('boot-1') !== undefined, isTried, `${wait} ms`);
    }
  });

  it('is not tried where nobody can tell for how long, nor in another boot', () => {
    const timeless = { ...answer, nextChallenge: { ...challenge, expiresAt: '' } } as AttestationResult;
    assert.equal(kept(timeless).take('boot-1'), undefined);
    const next = kept();
    assert.equal(next.take('boot-2'), undefined);
    assert.equal(next.take('boot-1'), undefined, 'nor after another one asked for it');
    assert.equal(kept().take(undefined), undefined);
  });

  it('is there again when it was put back, and stays what it is when an answer brings none', () => {
    const next = kept();
    const taken = next.take('boot-1');
    assert.ok(taken !== undefined);
    next.putBack(taken);
    const { verdict } = answer;
    next.keep({ verdict } as AttestationResult, host);
    assert.equal(next.take('boot-1'), taken);
    next.putBack(taken);
    now += tenMinutes;
    assert.equal(next.take('boot-1'), undefined, 'for as long as before');
  });
});
