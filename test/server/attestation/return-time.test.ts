import assert from 'node:assert/strict';
import fc from 'fast-check';
import { nextAttestationSeconds } from '../../../src/server/attestation/return-time.ts';
import type { Verdict } from '../../../src/core/verdict/index.ts';

const issued = Date.parse('2026-11-25T12:00:00Z');
const verdict = (lifeSeconds: number, status: Verdict['status'] = 'affirming') =>
  ({
    status,
    issuedAt: new Date(issued).toISOString(),
    expiresAt: new Date(issued + lifeSeconds * 1000).toISOString(),
  }) as Verdict;
const never = () => new Uint8Array(2);
const always = () => new Uint8Array([255, 255]);

describe('when a host shall come back', () => {
  it('is at half of the life of its verdict, and later when the server is busy', () => {
    assert.equal(nextAttestationSeconds(verdict(600), { load: 0, random: never }), 300);
    assert.equal(nextAttestationSeconds(verdict(600), { load: 1, random: never }), 450);
    assert.equal(nextAttestationSeconds(verdict(600), { load: 0, random: always }), 270);
  });

  it('is soon for a host that is not trusted, whatever its verdict says', () => {
    assert.equal(nextAttestationSeconds(verdict(0, 'none'), { load: 0, random: never }), 30);
    assert.equal(nextAttestationSeconds(verdict(604_800, 'contraindicated'), { load: 0, random: never }), 300);
  });

  it('leaves time for a second attempt before the verdict ends, at any load and chance', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 604_800 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.uint8Array({ minLength: 2, maxLength: 2 }),
        (life, load, bytes) => {
          const seconds = nextAttestationSeconds(verdict(life), { load, random: () => bytes });
          assert.ok(Number.isInteger(seconds) && seconds >= 1 && seconds <= life * 0.75, `${seconds} of ${life}`);
        },
      ),
    );
  });

  it('keeps a host that answers what rides well within its verdicts: each counts from the appointment before', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 604_800 }),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.uint8Array({ minLength: 2, maxLength: 2 })), {
          minLength: 20,
          maxLength: 20,
        }),
        (life, rounds) => {
          let left = life;
          for (const [load, bytes] of rounds) {
            const seconds = nextAttestationSeconds(verdict(left), { load, random: () => bytes });
            assert.ok(left - seconds >= life / 16 - 1, `${left - seconds} s left of ${life}`);
            left = life - seconds;
          }
        },
      ),
    );
    let left = 3600;
    for (let round = 0; round < 12; round += 1) {
      left = 3600 - nextAttestationSeconds(verdict(left), { load: 0, random: never });
    }
    assert.ok(Math.abs(left - 2400) <= 2, 'on an idle server a third of the time passes');
  });

  it('spreads hosts that attested at one moment', () => {
    const times = Array.from({ length: 1000 }, (_, index) =>
      nextAttestationSeconds(verdict(3600), { load: 0, random: () => new Uint8Array([index % 256, index >> 2]) }),
    );
    assert.ok(new Set(times).size > 150, `${new Set(times).size} different seconds`);
    assert.ok(Math.min(...times) >= 1620 && Math.max(...times) <= 1800);
  });
});
