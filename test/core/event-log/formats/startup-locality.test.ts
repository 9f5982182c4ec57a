import assert from 'node:assert/strict';
import { hash } from '../../../../src/core/crypto/index.ts';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import {
  encodeEventLog,
  eventTypes,
  parseEventLog,
  replayEventLog,
  type EventToEncode,
} from '../../../../src/core/event-log/index.ts';
import { action, separator } from '../logs.ts';

function claim(value: number, pcr = 0, tail: readonly number[] = []): EventToEncode {
  const data = concatBytes(encodeUtf8('StartupLocality\0'), Uint8Array.of(value, ...tail));
  return { pcr, type: eventTypes.EV_NO_ACTION, data };
}

function parse(events: readonly EventToEncode[]): ReturnType<typeof parseEventLog> {
  return parseEventLog(encodeEventLog(events, { banks: ['sha256'] }));
}

const plain = replayEventLog(parse([separator(0)]), 'sha256').get(0);

describe('startup locality', () => {
  it('starts PCR 0 from the locality of a legal record', () => {
    const log = parse([claim(3), separator(0)]);
    const start = new Uint8Array(32);
    start[31] = 3;
    assert.equal(log.startupLocality, 3);
    assert.deepEqual(replayEventLog(log, 'sha256').get(0), hash('sha256', start, hash('sha256', new Uint8Array(4))));
    assert.equal(
      Buffer.from(replayEventLog(log, 'sha256').get(0) ?? []).toString('hex'),
      '50bd7d88f0414b40608f8ffc56fd4f3201b5ed0644e36b8128d33624ebe0f053',
    );
  });

  it('starts PCR 0 from 4 after an H-CRTM, whatever the log claims', () => {
    const hcrtm: EventToEncode = { pcr: 0, type: eventTypes.EV_EFI_HCRTM_EVENT, data: encodeUtf8('HCRTM') };
    assert.equal(parse([hcrtm, separator(0)]).startupLocality, 4);
    assert.equal(parse([claim(3), hcrtm]).startupLocality, 4);
    assert.equal(parse([separator(0), hcrtm]).startupLocality, undefined);
  });

  it('T31: gives no other claim of an initial value any effect on the replay', () => {
    const illegal: readonly (readonly EventToEncode[])[] = [
      [separator(0), claim(3)],
      [claim(3, 1), separator(0)],
      [claim(2), separator(0)],
      [claim(255), separator(0)],
      [claim(3, 0, [0]), separator(0)],
      [claim(3, 0xffffffff), separator(0)],
    ];
    for (const events of illegal) {
      const log = parse(events);
      assert.equal(log.startupLocality, undefined);
      assert.deepEqual(replayEventLog(log, 'sha256').get(0), plain);
      assert.ok(log.quirks.some(({ id }) => id === 'startup-locality-ignored'));
    }
  });

  it('T31: hears the first of two records only', () => {
    const log = parse([claim(3), claim(0), separator(0)]);
    assert.equal(log.startupLocality, 3);
    assert.equal(log.quirks.length, 1);
  });

  it('T31: lets a record of any PCR but 0 start from zeros', () => {
    const log = parse([claim(3), action(4, 'x')]);
    assert.deepEqual(replayEventLog(log, 'sha256').get(4), replayEventLog(parse([action(4, 'x')]), 'sha256').get(4));
  });
});
