import assert from 'node:assert/strict';
import type { Verdict } from '../../../src/core/verdict/index.ts';
import type { HeldVerdict } from '../../../src/server/attestation/host-verdict.ts';
import { sayHeldVerdict } from '../../../src/server/http/say-verdict.ts';

const verdict: Verdict = {
  host: 'hv-1',
  status: 'affirming',
  vector: {},
  findings: [],
  layers: {},
  evidenceDigest: '',
  challengedAt: '2026-01-01T00:00:00.000Z',
  issuedAt: '2026-01-01T00:00:00.000Z',
  expiresAt: '2026-01-01T01:00:00.000Z',
};
const held: HeldVerdict = { hostId: 'hv-1', state: 'fresh', status: 'affirming', reasons: [], verdict };
const json = { accept: 'application/json' };

describe('what is said of a verdict', () => {
  it('is the same object while nothing changes', () => {
    assert.equal(sayHeldVerdict(held, json), sayHeldVerdict({ ...held }, { ...json }));
  });

  it('is said anew when a ground comes, becomes another one, and goes', () => {
    const hold = { since: new Date(0), until: new Date(1), reason: 'many', status: 'affirming' } as const;
    const etags = [held, { ...held, hold }, { ...held, hold: { ...hold, until: new Date(2) } }, held].map(
      (said) => sayHeldVerdict(said, json).etag,
    );
    assert.equal(new Set(etags).size, 3);
    assert.equal(etags[3], etags[0]);
  });

  it('is said anew as soon as the verdict does not hold, is held, is in another state or is wished otherwise', () => {
    const first = sayHeldVerdict(held, json);
    const reasons = [{ code: 'VERDICT_EXPIRED', message: 'over' }] as const;
    const hold = { since: new Date(0), until: new Date(1), reason: 'many', status: 'affirming' } as const;
    const others: readonly HeldVerdict[] = [
      { ...held, status: 'none', reasons },
      { ...held, state: 'quarantined' },
      { ...held, hold },
      { ...held, verdict: { ...verdict } },
    ];
    for (const other of others) {
      const { body, etag } = sayHeldVerdict(other, json);
      assert.notEqual(body, first.body);
      assert.equal(body.status, other.status);
      if (other.verdict === verdict) assert.notEqual(etag, first.etag);
    }
    assert.notEqual(sayHeldVerdict(held, { ...json, audience: 'a' }).etag, first.etag);
    assert.equal(sayHeldVerdict({ ...held, verdict: undefined }, json).body.verdict, undefined);
  });
});
