import assert from 'node:assert/strict';
import { concatBytes, encodeUnsigned } from '../../../../src/core/encoding/index.ts';
import { encodeEventLog, parseEventLog, replayEventLog, typeNameOf } from '../../../../src/core/event-log/index.ts';
import { parseTcgLog } from '../../../../src/core/event-log/formats/parse-tcg-log.ts';
import { action, labLog, refuses, separator, survives } from '../logs.ts';
import { startStopwatch } from '../../../support/stopwatch.ts';

const events = [action(4, 'one'), separator(0), action(4, 'two')];
const log = encodeEventLog(events, { banks: ['sha1', 'sha256'] });
/** Ends of the records: the only places where a shorter log is whole. */
const ends = [1, 2, 3].map((count) => encodeEventLog(events.slice(0, count), { banks: ['sha1', 'sha256'] }).length);

function little(value: number, length = 4): Uint8Array {
  return encodeUnsigned(value, length).reverse();
}

function patched(offset: number, bytes: Uint8Array): Uint8Array {
  const copy = log.slice();
  copy.set(bytes, offset);
  return copy;
}

const specIdEnd = ends[0] === undefined ? 0 : encodeEventLog([], { banks: ['sha1', 'sha256'] }).length;

describe('parseTcgLog', () => {
  it('reads what the encoder writes', () => {
    const read = parseTcgLog(log, 100);
    assert.equal(read.format, 'crypto-agile');
    assert.deepEqual(
      read.events.map((event) => [event.pcr, typeNameOf(event)]),
      [
        [0, 'EV_NO_ACTION'],
        [4, 'EV_EFI_ACTION'],
        [0, 'EV_SEPARATOR'],
        [4, 'EV_EFI_ACTION'],
      ],
    );
    assert.equal(read.specId?.errata, 0);
  });

  it('refuses every truncation that is not at the end of a record', () => {
    for (let length = 1; length < log.length; length += 1) {
      const cut = log.subarray(0, length);
      if (length === specIdEnd || ends.includes(length)) {
        assert.ok(parseTcgLog(cut, 100).events.length <= events.length);
        continue;
      }
      try {
        const read = parseTcgLog(cut, 100);
        // What is left of the cut record is zeros: read as padding, and said so.
        assert.deepEqual(
          read.quirks.map(({ id }) => id),
          ['trailing-padding'],
          `cut at ${length}`,
        );
      } catch {
        refuses('EVENT_LOG_TRUNCATED', () => parseTcgLog(cut, 100));
      }
    }
  });

  it('never reads a truncated lab log as the whole one', () => {
    const whole = labLog('sb-on');
    const expected = replayEventLog(parseEventLog(whole), 'sha256').get(5);
    for (let length = 0; length < whole.length; length += 37) {
      survives(() => {
        const read = parseEventLog(whole.subarray(0, length));
        assert.notDeepEqual(replayEventLog(read, 'sha256').get(5), expected);
      });
    }
  });

  it('refuses one byte too many', () => {
    refuses('EVENT_LOG_TRUNCATED', () => parseTcgLog(concatBytes(log, Uint8Array.of(1)), 100));
  });

  it('takes padding of one value, and refuses padding with anything in it', () => {
    for (const fill of [0x00, 0xff]) {
      const padded = concatBytes(log, new Uint8Array(100).fill(fill));
      const read = parseTcgLog(padded, 100);
      assert.equal(read.events.length, 4);
      assert.deepEqual(
        read.quirks.map(({ id }) => id),
        ['trailing-padding'],
      );
    }
    const marked = concatBytes(log, new Uint8Array(50).fill(0xff), Uint8Array.of(1), new Uint8Array(50).fill(0xff));
    refuses('EVENT_LOG_TRAILING_BYTES', () => parseTcgLog(marked, 100), log.length);
  });

  it('refuses counts and sizes that lie', () => {
    const first = specIdEnd;
    refuses('EVENT_LOG_DIGESTS_INVALID', () => parseTcgLog(patched(first + 8, little(0)), 100));
    refuses('EVENT_LOG_DIGESTS_INVALID', () => parseTcgLog(patched(first + 8, little(3)), 100));
    refuses('EVENT_LOG_DIGESTS_INVALID', () => parseTcgLog(patched(first + 8, little(0xffffffff)), 100));
    refuses('EVENT_LOG_DIGESTS_INVALID', () => parseTcgLog(patched(first + 12, little(0x0c, 2)), 100));
    refuses('EVENT_LOG_DIGESTS_INVALID', () => parseTcgLog(patched(first + 12 + 22, little(0x04, 2)), 100));
    refuses('EVENT_LOG_TRUNCATED', () => parseTcgLog(patched(first + 68, little(0x7fffffff)), 100));
  });

  it('refuses event data beyond a mebibyte', () => {
    const size = 1024 * 1024 + 1;
    const large = encodeEventLog([{ pcr: 4, type: 0xd, data: new Uint8Array(size).fill(7) }], { banks: ['sha256'] });
    refuses('EVENT_LOG_EVENT_TOO_LARGE', () => parseTcgLog(large, 100));
  });

  it('reads a log without Spec ID record as SHA-1', () => {
    const record = concatBytes(little(0), little(4), new Uint8Array(20).fill(9), little(4), new Uint8Array(4));
    const read = parseTcgLog(concatBytes(record, record), 100);
    assert.equal(read.format, 'sha1');
    assert.equal(read.events.length, 2);
  });

  it('stays linear on zeros that nearly end the log', () => {
    const record = concatBytes(little(0), little(0), new Uint8Array(20), little(0));
    const records = new Uint8Array(record.length * 19_000);
    const elapsed = startStopwatch();
    survives(() => parseTcgLog(concatBytes(records, Uint8Array.of(1)), 20_000));
    assert.ok(elapsed() < 2000, `${elapsed()} ms`);
  });

  it('reads a Spec ID record whose size leaves out its vendor information, and says so', () => {
    const log = encodeEventLog([separator(4)], { banks: ['sha256'] });
    const size = new DataView(log.buffer, log.byteOffset).getUint32(28, true);
    const [specId, rest] = [log.slice(0, 32 + size), log.subarray(32 + size)];
    specId[specId.length - 1] = 4;
    const vendorInfo = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);
    const read = parseEventLog(concatBytes(specId, vendorInfo, rest));
    assert.deepEqual(read.specId?.vendorInfo, vendorInfo);
    assert.deepEqual(
      read.quirks.map(({ id }) => id),
      ['vendor-info-outside'],
    );
    assert.deepEqual(replayEventLog(read, 'sha256'), replayEventLog(parseEventLog(log), 'sha256'));
    refuses('EVENT_LOG_TRUNCATED', () => parseEventLog(concatBytes(specId, vendorInfo.subarray(1))));
  });
});
