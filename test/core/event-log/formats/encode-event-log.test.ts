import assert from 'node:assert/strict';
import { hash } from '../../../../src/core/crypto/index.ts';
import { digestsOfEvent, encodeEventLog, eventTypes, parseEventLog } from '../../../../src/core/event-log/index.ts';
import { action, file, labLog } from '../logs.ts';

describe('encodeEventLog', () => {
  it('writes a lab log again, byte for byte', () => {
    const bytes = labLog('sb-on');
    const log = parseEventLog(bytes);
    const events = log.events.slice(1).map(({ pcr, untrustedType, untrustedData, digests }) => ({
      pcr,
      type: untrustedType,
      data: untrustedData,
      digests,
    }));
    assert.deepEqual(Buffer.from(encodeEventLog(events, { banks: log.banks })), Buffer.from(bytes));
  });

  it('measures the data unless it is told what was measured', () => {
    const digests = digestsOfEvent(file('/boot/initrd', 'content'), ['sha256']);
    assert.deepEqual(digests.get('sha256'), hash('sha256', Buffer.from('content')));
    assert.deepEqual(digestsOfEvent(action(4, 'x'), ['sha1']).get('sha1'), hash('sha1', Buffer.from('x')));
    const hint = { pcr: 0, type: eventTypes.EV_NO_ACTION, data: new Uint8Array(3) };
    assert.deepEqual(digestsOfEvent(hint, ['sha256']).get('sha256'), new Uint8Array(32));
  });
});
