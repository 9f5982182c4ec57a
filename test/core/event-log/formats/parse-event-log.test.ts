import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { encodeEventLog, eventTypes, parseEventLog, verifyEventLog } from '../../../../src/core/event-log/index.ts';
import { attestReplay, labLog, labRuns, refuses, separator, survives } from '../logs.ts';

const small = encodeEventLog([separator(0), separator(7)], { banks: ['sha1', 'sha256'] });

describe('parseEventLog', () => {
  it('reads the lab logs with their three banks and no quirk', () => {
    for (const run of labRuns) {
      const log = parseEventLog(labLog(run));
      assert.deepEqual(log.banks, ['sha1', 'sha256', 'sha384'], run);
      assert.equal(log.format, 'crypto-agile');
      assert.equal(log.registers, 'tpm');
      assert.deepEqual(log.quirks, []);
    }
  });

  it('keeps its views apart from a Buffer that is given', () => {
    const log = parseEventLog(Buffer.from(small));
    assert.equal(log.events[1]?.untrustedData.constructor, Uint8Array);
  });

  it('T34: tells an empty, an oversized, an overlong and a measureless log apart', () => {
    refuses('EVENT_LOG_EMPTY', () => parseEventLog(new Uint8Array()), 0);
    refuses('EVENT_LOG_TOO_LARGE', () => parseEventLog(new Uint8Array(101), { maxBytes: 100 }), 100);
    refuses('EVENT_LOG_TOO_LARGE', () => parseEventLog(new Uint8Array(4 * 1024 * 1024 + 1)));
    refuses('EVENT_LOG_TOO_MANY_EVENTS', () => parseEventLog(small, { maxEvents: 2 }));
    const hints = encodeEventLog([{ pcr: 0, type: eventTypes.EV_NO_ACTION, data: encodeUtf8('SP800-155 Event\0') }], {
      banks: ['sha256'],
    });
    const log = parseEventLog(hints);
    refuses('EVENT_LOG_NO_MEASUREMENTS', () => verifyEventLog(log, attestReplay(log)));
  });

  it('leaves a bank out that some record lacks, and names the quirk', () => {
    const whole = encodeEventLog([separator(0)], { banks: ['sha1', 'sha256'] });
    const half = encodeEventLog([separator(1)], { banks: ['sha256'] });
    const record = half.subarray(32 + 33);
    const log = parseEventLog(concatBytes(whole, record));
    assert.deepEqual(log.announcedBanks, ['sha1', 'sha256']);
    assert.deepEqual(log.banks, ['sha256']);
    assert.deepEqual(
      log.quirks.map(({ id }) => id),
      ['incomplete-bank'],
    );
  });

  it('refuses a record that extends a register that does not exist', () => {
    const log = encodeEventLog([{ pcr: 24, type: eventTypes.EV_IPL, data: new Uint8Array(1) }], { banks: ['sha256'] });
    refuses('EVENT_LOG_REGISTER_INVALID', () => parseEventLog(log));
  });

  it('takes a log whose first record has the number 1 for that of a confidential guest, with its registers alone', () => {
    const logOf = (first: number, pcr: number) => {
      const bytes = encodeEventLog([{ pcr, type: eventTypes.EV_IPL, data: new Uint8Array(1) }], { banks: ['sha384'] });
      bytes[0] = first;
      return bytes;
    };
    assert.equal(parseEventLog(logOf(1, 4)).registers, 'confidential-guest');
    refuses('EVENT_LOG_REGISTER_INVALID', () => parseEventLog(logOf(1, 5)));
    assert.equal(parseEventLog(logOf(0, 23)).registers, 'tpm');
  });

  it('reads as many bytes as it was told, and says nothing of a hint that names a register', () => {
    const hint = { pcr: 23, type: eventTypes.EV_NO_ACTION, data: new Uint8Array(3) };
    const bytes = encodeEventLog([hint, separator(0)], { banks: ['sha256'] });
    assert.deepEqual(parseEventLog(bytes, { maxBytes: bytes.length }).quirks, []);
    refuses('EVENT_LOG_TOO_LARGE', () => parseEventLog(bytes, { maxBytes: bytes.length - 1 }));
  });

  it('takes any register number on a record that extends nothing', () => {
    const hint = { pcr: 0xffffffff, type: eventTypes.EV_NO_ACTION, data: new Uint8Array(3) };
    const log = parseEventLog(encodeEventLog([hint, separator(0)], { banks: ['sha256'] }));
    assert.equal(log.events[1]?.pcr, 0xffffffff);
    assert.deepEqual(
      log.quirks.map(({ id }) => id),
      ['informative-register'],
    );
  });

  it('survives arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        survives(() => parseEventLog(bytes));
      }),
    );
  });

  it('survives any change of a few bytes of a log', () => {
    const change = fc.tuple(fc.nat(small.length - 1), fc.integer({ min: 0, max: 255 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
        const bytes = small.slice();
        for (const [position, value] of changes) bytes[position] = value;
        survives(() => parseEventLog(bytes));
      }),
    );
  });
});
