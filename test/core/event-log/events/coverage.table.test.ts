import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { hash } from '../../../../src/core/crypto/index.ts';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import {
  coverageTable,
  encodeUefiVariable,
  eventTypes,
  guids,
  type EventToEncode,
} from '../../../../src/core/event-log/index.ts';
import { encodeUtf16 } from '../../../../src/core/event-log/events/text.ts';
import { verifyHonest, verifyLab } from '../logs.ts';

function coverageOf(event: Omit<EventToEncode, 'pcr'>): string | undefined {
  return verifyHonest([{ pcr: 4, ...event }]).events[0]?.coverage;
}

describe('coverage of event data', () => {
  it('has one row for each type', () => {
    const named = coverageTable.flatMap(({ types }) => types);
    assert.deepEqual([...named].sort(), Object.keys(eventTypes).sort());
  });

  it('is written down in docs/event-types.md, type by type', () => {
    const text = readFileSync(new URL('../../../../docs/event-types.md', import.meta.url), 'utf8').replace(/ +/g, ' ');
    for (const { types, measures, trust } of coverageTable) {
      for (const type of types) assert.ok(text.includes(`| ${type} | ${measures} | ${trust} |`), type);
    }
  });

  it('finds what firmware, shim, GRUB and systemd measured in the lab', () => {
    const covered = (run: 'sb-on' | 'sdboot-uki', index: number): string | undefined =>
      verifyLab(run).events.find((event) => event.index === index)?.coverage;
    assert.deepEqual(
      [1, 4, 9, 10, 14, 22, 23, 24, 25, 31, 35, 46, 50].map((index) => covered('sb-on', index)),
      [
        'whole',
        'whole',
        'whole',
        'variable-data',
        'whole',
        'whole',
        'whole',
        undefined,
        undefined,
        'grub-text',
        undefined,
        'grub-text',
        'whole',
      ],
    );
    assert.deepEqual(
      [26, 27, 28].map((index) => covered('sdboot-uki', index)),
      ['whole', 'section-name', undefined],
    );
  });

  it('covers the value and not the name of a boot variable', () => {
    const data = encodeUefiVariable({ guid: guids.globalVariable, name: 'BootOrder', data: Uint8Array.of(1, 0) });
    const event = { type: eventTypes.EV_EFI_VARIABLE_BOOT, data, measured: Uint8Array.of(1, 0) };
    assert.equal(coverageOf(event), 'variable-data');
    assert.equal(coverageOf({ ...event, type: eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG }), undefined);
    assert.equal(coverageOf({ ...event, data: concatBytes(data, Uint8Array.of(0)) }), undefined);
  });

  it('covers all but the last byte in authority events of old shims only', () => {
    const data = encodeUtf8('something with a tail');
    const event = { data, measured: data.subarray(0, -1) };
    assert.equal(coverageOf({ ...event, type: eventTypes.EV_EFI_VARIABLE_AUTHORITY }), 'all-but-last-byte');
    assert.equal(coverageOf({ ...event, type: eventTypes.EV_EFI_VARIABLE_DRIVER_CONFIG }), undefined);
  });

  it('tells an error separator by its digest, whatever its data says', () => {
    const event = { type: eventTypes.EV_SEPARATOR, data: new Uint8Array(4), measured: Uint8Array.of(1, 0, 0, 0) };
    assert.equal(coverageOf(event), 'error-separator');
    assert.match(verifyHonest([{ pcr: 0, ...event }]).events[0]?.description ?? '', /error/);
  });

  it('covers texts with and without NUL, in ASCII and UTF-16', () => {
    const command = encodeUtf16('console=ttyS0');
    const nul = Uint8Array.of(0, 0);
    const type = eventTypes.EV_IPL;
    assert.equal(coverageOf({ type, data: concatBytes(command, nul), measured: command }), 'text');
    assert.equal(coverageOf({ type, data: command, measured: concatBytes(command, nul) }), 'text');
    assert.equal(
      coverageOf({ type, data: concatBytes(command, Uint8Array.of(0)), measured: concatBytes(command, nul) }),
      'text',
    );
    assert.equal(coverageOf({ type, data: encodeUtf8('grub_cmd: ls\0'), measured: encodeUtf8('ls\0') }), 'grub-text');
    assert.equal(
      coverageOf({ type, data: encodeUtf8('grub_cmd: ls\0'), measured: encodeUtf8('grub_cmd: ls\0') }),
      'whole',
    );
  });

  it('covers the content of a tagged event as systemd measures it', () => {
    const data = concatBytes(Uint8Array.of(0x2a, 0x58, 0xbc, 0xf5, 3, 0, 0, 0), encodeUtf8('abc'));
    assert.equal(coverageOf({ type: eventTypes.EV_EVENT_TAG, data, measured: encodeUtf8('abc') }), 'tag-content');
  });

  it('believes nothing of data whose digest is another', () => {
    for (const type of Object.values(eventTypes).filter((value) => value !== eventTypes.EV_NO_ACTION)) {
      const event = verifyHonest([
        { pcr: 4, type, data: encodeUtf8('text'), measured: hash('sha256', Uint8Array.of(9)) },
      ]).events[0];
      assert.ok(event);
      assert.equal(event.dataBound, false);
      assert.match(event.description, /^\(unverified\) /);
    }
  });
});
