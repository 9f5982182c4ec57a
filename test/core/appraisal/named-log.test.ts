import assert from 'node:assert/strict';
import { appraise, growLog, nameLog, nameOfLog } from '../../../src/core/appraisal/index.ts';
import { hashHex } from '../../../src/core/crypto/index.ts';
import { labEvidence, labGoldens, labPolicy, labTrust } from './lab.ts';

const log = Uint8Array.from([1, 2, 3, 4]);

describe('the name of a log', () => {
  it('is its SHA-256, and a log that has one keeps it', () => {
    const named = nameLog(log);
    assert.equal(nameOfLog(named), hashHex('sha256', log));
    assert.equal(nameLog(named), named);
    assert.deepEqual(named, log);
  });

  it('is never that of other bytes: part of a log, a copy, and what claims a name are hashed', () => {
    const part = nameLog(log).subarray(1);
    assert.equal(nameOfLog(part), hashHex('sha256', Uint8Array.from([2, 3, 4])));
    const copy = Uint8Array.from(nameLog(log)).fill(9);
    assert.equal(nameOfLog(copy), hashHex('sha256', Uint8Array.of(9, 9, 9, 9)));
    const liar = Object.assign(Uint8Array.of(7), { [Symbol('SHA-256')]: nameOfLog(log), sha256: nameOfLog(log) });
    assert.equal(nameOfLog(liar), hashHex('sha256', Uint8Array.of(7)));
  });

  it('is that of all of its bytes where a log goes on from another', () => {
    const grown = growLog(nameLog(log), Uint8Array.of(5));
    assert.deepEqual(Uint8Array.from(grown), Uint8Array.of(1, 2, 3, 4, 5));
    assert.equal(nameOfLog(grown), hashHex('sha256', Uint8Array.of(1, 2, 3, 4, 5)));
  });

  it('changes nothing of an appraisal', () => {
    const evidence = labEvidence('sb-on');
    const [trust, policy, at] = [labTrust('sb-on', labGoldens('sb-on')), labPolicy(), new Date('2026-11-25T12:00:00Z')];
    const plain = evidence.eventLog ?? assert.fail('the boot has a log');
    const named = appraise({ ...evidence, eventLog: nameLog(plain) }, trust, policy, at);
    assert.deepEqual(named, appraise(evidence, trust, policy, at));
    assert.equal(named.eventLogDigest, hashHex('sha256', plain));
  });
});
