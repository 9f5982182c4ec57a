import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import {
  annotateEventLog,
  encodeEventLog,
  eventTypes,
  parseEventLog,
  readFacts,
  type EventToEncode,
} from '../../../../src/core/event-log/index.ts';
import { readRegisters } from '../../../../src/core/event-log/facts/register-events.ts';
import { separator, variable, verifyHonest } from '../logs.ts';

describe('the events of a register', () => {
  it('are those of a host: the registers of a confidential guest are others, and have none', () => {
    const log = parseEventLog(encodeEventLog([separator(7)], { banks: ['sha256'] }));
    assert.equal(readRegisters(annotateEventLog(log))(7).all.length, 1);
    const guest = annotateEventLog({ ...log, registers: 'confidential-guest' });
    assert.equal(readRegisters(guest)(7).all.length, 0);
  });

  it('give the same facts whether the running system has ended the registers or not', () => {
    const ended = (pcr: number): EventToEncode => ({
      pcr,
      type: eventTypes.EV_EVENT_TAG,
      data: encodeUtf8('os-separator'),
    });
    const firmware = [variable('SecureBoot', Uint8Array.of(1)), ...[0, 1, 2, 4, 5, 6, 7].map((pcr) => separator(pcr))];
    const whole = verifyHonest([...firmware, ...[0, 1, 2, 3, 4, 5, 6, 7].map(ended)]);
    assert.deepEqual(readFacts(whole), readFacts(verifyHonest(firmware)));
  });
});
