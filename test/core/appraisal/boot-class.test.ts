import assert from 'node:assert/strict';
import { appraise, readBootClass, type NamedEvidence } from '../../../src/core/appraisal/index.ts';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { hash } from '../../../src/core/crypto/index.ts';
import { labEvidence, labGoldens, labPolicy, labTrust } from './lab.ts';

const at = new Date('2026-11-25T12:00:00Z');
const goldens = labGoldens('sb-on');
const runs = ['sb-on', 'sb-on-crb', 'kernel-cloud', 'cfg-tampered', 'sb-off', 'uki', 'initrd-changed', 'ima-evil'];

function named(run: string): NamedEvidence {
  const { attest, signature, pcrs, eventLog } = labEvidence(run);
  const log = eventLog && encodeHex(hash('sha256', eventLog));
  return { attest, signature, pcrs, eventLog: log, imaLog: undefined, userspaceLog: undefined };
}

const classOf = (run: string, change: Partial<NamedEvidence> = {}) =>
  readBootClass({ ...named(run), ...change }, labTrust(run, goldens));

describe('the class of a boot', () => {
  it('is one for boots whose appraisal is one, and another for every other boot of the lab', () => {
    const verdictOf = (run: string): string => {
      const { status, findings, layers } = appraise(labEvidence(run), labTrust(run, goldens), labPolicy(), at);
      return JSON.stringify([status, findings, layers]);
    };
    for (const left of runs) {
      for (const right of runs) {
        assert.ok(classOf(left) !== undefined);
        if (classOf(left) === classOf(right)) assert.equal(verdictOf(left), verdictOf(right), `${left}, ${right}`);
      }
    }
    assert.ok(new Set(runs.map((run) => classOf(run))).size >= runs.length - 1);
  });

  it('differs with each log, with who vouches for the TPM, and not with whose boot it is', () => {
    const plain = classOf('sb-on');
    for (const log of ['eventLog', 'imaLog', 'userspaceLog'] as const) {
      assert.notEqual(classOf('sb-on', { [log]: 'f'.repeat(64) }), plain);
    }
    const trust = labTrust('sb-on', goldens);
    assert.notEqual(readBootClass(named('sb-on'), { ...trust, endorsement: 'unverified' }), plain);
    assert.equal(readBootClass(named('sb-on'), { ...trust, host: { ...trust.host, id: 'other' } }), plain);
  });

  it('rejects when there is nothing to verify: a quote of another challenge, or values it does not cover', () => {
    assert.equal(classOf('sb-on', { attest: new Uint8Array() }), undefined);
    assert.equal(classOf('sb-on', { signature: named('uki').signature }), undefined);
    assert.equal(classOf('sb-on', { pcrs: named('uki').pcrs }), undefined);
    assert.equal(classOf('sb-on', { pcrs: new Map() }), undefined);
    assert.equal(readBootClass(named('sb-on'), labTrust('uki', goldens)), undefined);
  });
});
