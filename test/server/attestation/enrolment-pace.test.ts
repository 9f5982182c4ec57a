// How often one TPM may be bound, without a server.
import assert from 'node:assert/strict';
import { createEnrolmentPace } from '../../../src/server/attestation/enrolment-pace.ts';

describe('the pace of enrolments', () => {
  const after = (seconds: number) => new Date(Date.parse('2026-11-25T12:00:00Z') + seconds * 1000);
  const [one, other] = [Uint8Array.of(1), Uint8Array.of(2)];
  const tooOften = (seconds: number) => ({ code: 'ENROLLMENT_TOO_OFTEN', headers: { 'retry-after': String(seconds) } });

  it('lets a TPM be bound so often within any hour, and says when it may come again', () => {
    const pace = createEnrolmentPace(3);
    for (const at of [0, 600, 1200]) pace.take(one, after(at));
    assert.throws(() => pace.take(one, after(1200)), tooOften(2400));
    assert.throws(() => pace.take(one, after(3599)), tooOften(1));
    pace.take(one, after(3600));
    assert.throws(() => pace.take(one, after(3601)), tooOften(599));
    pace.take(one, after(4200));
    for (const at of [9000, 9000, 9000]) pace.take(one, after(at));
    assert.throws(() => pace.take(one, after(9000)), tooOften(3600));
  });

  it('counts each TPM by itself, and no refusal', () => {
    const pace = createEnrolmentPace(1);
    pace.take(one, after(0));
    for (let second = 1; second < 100; second += 1)
      assert.throws(() => pace.take(one, after(second)), tooOften(3600 - second));
    pace.take(other, after(100));
    pace.take(one, after(3600));
  });

  it('does not count what came to nothing', () => {
    const pace = createEnrolmentPace(2);
    pace.take(one, after(0));
    pace.take(one, after(1))();
    const giveBack = pace.take(one, after(2));
    assert.throws(() => pace.take(one, after(3)), tooOften(3597));
    giveBack();
    giveBack();
    pace.take(one, after(3));
    assert.throws(() => pace.take(one, after(4)), tooOften(3596));
  });
});
