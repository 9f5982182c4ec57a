// The readers of event data: each refuses truncation, lying lengths and nesting, and survives anything.
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatBytes, encodeUnsigned } from '../../../../src/core/encoding/index.ts';
import { parseLoadOption } from '../../../../src/core/event-log/uefi/boot-option.ts';
import { decodeEvent } from '../../../../src/core/event-log/events/decode-event.ts';
import { parseDevicePath } from '../../../../src/core/event-log/uefi/device-path.ts';
import { eventTypes } from '../../../../src/core/event-log/index.ts';
import { parseGpt } from '../../../../src/core/event-log/uefi/gpt.ts';
import { encodeGuid, formatGuid, guids } from '../../../../src/core/event-log/uefi/guid.ts';
import { parseSipa } from '../../../../src/core/event-log/events/sipa.ts';
import { readTaggedEvent } from '../../../../src/core/event-log/events/tagged-event.ts';
import { encodeUtf16 } from '../../../../src/core/event-log/events/text.ts';
import { labLog, labRuns, refuses, survives } from '../logs.ts';
import { parseEventLog } from '../../../../src/core/event-log/index.ts';

const end = Uint8Array.of(0x7f, 0xff, 4, 0);

function filePath(text: string): Uint8Array {
  const body = encodeUtf16(`${text}\0`);
  return concatBytes(Uint8Array.of(4, 4), encodeUnsigned(body.length + 4, 2).reverse(), body);
}

describe('parseDevicePath', () => {
  it('reads the path of an image the lab booted', () => {
    const event = parseEventLog(labLog('sb-on')).events[24];
    const decoded = event && decodeEvent(event);
    assert.ok(decoded?.kind === 'image');
    assert.match(
      decoded.devicePath,
      /HD\(0x1,aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee\)\/File\(\\EFI\\BOOT\\BOOTX64.EFI\)$/,
    );
  });

  it('refuses a node shorter than its header, which would never end', () => {
    for (const length of [0, 1, 3]) {
      refuses('EVENT_LOG_DEVICE_PATH_INVALID', () => parseDevicePath(Uint8Array.of(1, 1, length, 0)));
    }
  });

  it('refuses more nodes than any path has', () => {
    const many = concatBytes(...Array.from({ length: 65 }, () => filePath('a')), end);
    refuses('EVENT_LOG_DEVICE_PATH_INVALID', () => parseDevicePath(many));
  });

  it('refuses every truncation inside a node', () => {
    const path = concatBytes(filePath('\\EFI\\x'), end);
    const boundary = path.length - end.length;
    for (let length = 1; length < path.length; length += 1) {
      if (length === boundary) continue;
      refuses('EVENT_LOG_DEVICE_PATH_INVALID', () => parseDevicePath(path.subarray(0, length)));
    }
  });
});

describe('parseLoadOption', () => {
  const option = concatBytes(
    Uint8Array.of(1, 0, 0, 0, end.length, 0),
    encodeUtf16('Linux\0'),
    end,
    Uint8Array.of(1, 2, 3),
  );

  it('reads description and path', () => {
    for (const length of [option.length, option.length - 3])
      assert.deepEqual(parseLoadOption(option.subarray(0, length)), { description: 'Linux', devicePath: '' });
  });

  it('refuses a description without end and a path longer than the option', () => {
    for (let length = 0; length < option.length - 3; length += 1) {
      refuses('EVENT_LOG_LOAD_OPTION_INVALID', () => parseLoadOption(option.subarray(0, length)));
    }
    const lying = option.slice();
    lying[4] = 0xff;
    refuses('EVENT_LOG_LOAD_OPTION_INVALID', () => parseLoadOption(lying));
  });
});

describe('parseGpt', () => {
  const gpt = parseEventLog(labLog('sb-on')).events[23]?.untrustedData ?? new Uint8Array();

  it('reads the disk and its partitions', () => {
    const { diskGuid, partitions } = parseGpt(gpt);
    assert.equal(diskGuid, '11111111-2222-3333-4444-555555555555');
    assert.deepEqual(
      partitions.map(({ name }) => name),
      ['ESP'],
    );
  });

  it('refuses every truncation and a count beyond the data', () => {
    for (let length = 0; length < gpt.length; length += 1) {
      refuses('EVENT_LOG_GPT_INVALID', () => parseGpt(gpt.subarray(0, length)));
    }
    for (const count of [2, 255]) {
      const lying = gpt.slice();
      lying[92] = count;
      refuses('EVENT_LOG_GPT_INVALID', () => parseGpt(lying));
      lying[99] = 0xff;
      refuses('EVENT_LOG_GPT_INVALID', () => parseGpt(lying));
    }
  });
});

describe('parseSipa', () => {
  function record(id: number, value: Uint8Array): Uint8Array {
    return concatBytes(encodeUnsigned(id, 4).reverse(), encodeUnsigned(value.length, 4).reverse(), value);
  }

  it('reads nested measurements', () => {
    const [boundary] = parseSipa(record(0x40010001, record(0x00050003, Uint8Array.of(1))));
    assert.ok(boundary);
    assert.equal(boundary.name, 'TrustBoundary');
    assert.deepEqual(
      boundary.nested?.map(({ name, value }) => [name, [...value]]),
      [['TestSigning', [1]]],
    );
  });

  it('refuses nesting beyond eight and more records than any boot has', () => {
    let nested = record(0x00050003, new Uint8Array(1));
    for (let depth = 0; depth < 9; depth += 1) nested = record(0x40010001, nested);
    refuses('EVENT_LOG_SIPA_INVALID', () => parseSipa(nested));
    refuses('EVENT_LOG_SIPA_INVALID', () => parseSipa(new Uint8Array(8 * 4097)));
  });

  it('refuses every truncation', () => {
    const whole = record(0x40010001, record(0x00050003, Uint8Array.of(1)));
    for (let length = 1; length < whole.length; length += 1) {
      refuses('EVENT_LOG_SIPA_INVALID', () => parseSipa(whole.subarray(0, length)));
    }
  });
});

describe('readTaggedEvent', () => {
  it('takes a tagged event only when its size is exact', () => {
    const event = Uint8Array.of(0xec, 0x22, 0x3b, 0x8f, 2, 0, 0, 0, 0x41, 0);
    assert.equal(readTaggedEvent(event)?.tag, 0x8f3b22ec);
    assert.equal(readTaggedEvent(event.subarray(0, 9)), undefined);
    assert.equal(readTaggedEvent(concatBytes(event, Uint8Array.of(0))), undefined);
    assert.equal(readTaggedEvent(event.subarray(0, 7)), undefined);
  });
});

describe('decodeEvent', () => {
  const decode = (untrustedType: number, ...data: readonly number[]) =>
    decodeEvent({ untrustedType, untrustedData: Uint8Array.from(data) });

  it('takes a separator for normal with zeros or ones alone, for an error with the number one, for the vendor’s else', () => {
    const separator = (...data: readonly number[]) => {
      const decoded = decode(eventTypes.EV_SEPARATOR, ...data);
      return decoded?.kind === 'separator' ? decoded.value : undefined;
    };
    for (const byte of [0, 0xff]) assert.equal(separator(byte, byte, byte, byte), 'normal');
    assert.equal(separator(1, 0, 0, 0), 'error');
    const others = [
      [],
      [0, 0, 0],
      [0xff, 0xff, 0xff],
      [1, 0, 0],
      [0, 0, 0, 1],
      [1, 0, 0, 1],
      [1, 1, 1, 1],
      [2, 0, 0, 0],
    ];
    for (const data of [...others, [0, 0, 0, 0, 0], [0xff, 0xff, 0xff, 0]]) assert.equal(separator(...data), 'vendor');
  });

  it('takes a version of firmware for a text, empty ones too, or a GUID', () => {
    const version = (...data: readonly number[]) => {
      const decoded = decode(eventTypes.EV_S_CRTM_VERSION, ...data);
      return decoded?.kind === 'firmware-version' ? decoded.text : undefined;
    };
    assert.equal(version(...encodeUtf16('1.2\0')), '1.2');
    assert.equal(version(0x31, 0x2e, 0x32, 0), '1.2');
    assert.equal(version(0, 0), '');
    assert.equal(version(...encodeGuid(guids.globalVariable)), guids.globalVariable);
    assert.equal(version(0x80, 0x81, 0x82), undefined);
  });
});

describe('formatGuid', () => {
  it('round-trips, and leaves the bytes alone even when they are a Buffer', () => {
    const bytes = Buffer.from(encodeGuid(guids.globalVariable));
    const before = bytes.toString('hex');
    assert.equal(formatGuid(bytes), guids.globalVariable);
    assert.equal(bytes.toString('hex'), before);
  });
});

describe('decodeEvent', () => {
  it('survives every truncation of every event of the lab, under every type', () => {
    const types = Object.values(eventTypes);
    for (const run of labRuns.slice(0, 6)) {
      for (const { untrustedData } of parseEventLog(labLog(run)).events) {
        const data = untrustedData.subarray(0, 300);
        for (let length = 0; length <= data.length; length += length < 60 ? 1 : 41) {
          for (const untrustedType of types) {
            survives(() => decodeEvent({ untrustedType, untrustedData: data.subarray(0, length) }));
          }
        }
      }
    }
  });

  it('survives arbitrary data under every type', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.values(eventTypes), 0x999),
        fc.uint8Array({ maxLength: 200 }),
        (untrustedType, untrustedData) => {
          survives(() => decodeEvent({ untrustedType, untrustedData }));
        },
      ),
    );
  });
});
