import assert from 'node:assert/strict';
import type { HashAlgorithm } from '../../../src/core/crypto/index.ts';
import {
  annotateEventLog,
  encodeEventLog,
  parseEventLog,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';
import { authority, refuses, separator, variable } from './logs.ts';

const annotate = (events: readonly EventToEncode[], banks: readonly HashAlgorithm[], bank?: HashAlgorithm) =>
  annotateEventLog(parseEventLog(encodeEventLog(events, { banks })), bank);

describe('annotateEventLog', () => {
  it('reads the strongest bank unless told which', () => {
    assert.equal(annotate([separator(7)], ['sha1', 'sha384', 'sha256']).bank, 'sha384');
    assert.equal(annotate([separator(7)], ['sha1', 'sha384', 'sha256'], 'sha1').bank, 'sha1');
  });

  it('refuses a bank that the log does not have, and says which it has', () => {
    assert.throws(() => annotate([separator(7)], ['sha1', 'sha256'], 'sha384'), {
      code: 'EVENT_LOG_BANK_MISSING',
      message: /sha1, sha256/,
    });
  });

  it('rejects when there is nothing to verify: no event that was measured', () => {
    refuses('EVENT_LOG_NO_MEASUREMENTS', () => annotate([], ['sha256']));
  });

  it('tells by name how many authorities an old shim measured without their last byte, and nothing of the like elsewhere', () => {
    const whole = authority('db', Uint8Array.of(1, 2, 3));
    const cut = { ...whole, measured: whole.data.subarray(0, -1) };
    const other = variable('SecureBoot', Uint8Array.of(1));
    const quirks = (...events: EventToEncode[]) => annotate(events, ['sha256']).quirks;
    assert.deepEqual(quirks(whole, { ...other, measured: other.data.subarray(0, -1) }), []);
    assert.deepEqual(quirks(whole, cut, separator(7), cut), [
      { id: 'shim-authority-tail', detail: '2 authority events of an old shim', event: 2 },
    ]);
  });
});
