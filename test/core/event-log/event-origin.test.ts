import assert from 'node:assert/strict';
import { concatBytes, encodeUnsigned, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import {
  annotateEventLog,
  encodeEventLog,
  encodeUtf16,
  eventTypes,
  guids,
  parseEventLog,
  type EventToEncode,
} from '../../../src/core/event-log/index.ts';
import { tags } from '../../../src/core/event-log/events/tagged-event.ts';
import { authority, file, grub, image, labLog, section, separator, variable, type LabRun } from './logs.ts';

function originsOf(events: readonly EventToEncode[]): readonly (string | undefined)[] {
  const log = parseEventLog(encodeEventLog(events, { banks: ['sha256'] }));
  return annotateEventLog(log).events.map(({ untrustedOrigin }) => untrustedOrigin);
}

function tagged(pcr: number, tag: number, text = 'x'): EventToEncode {
  const content = encodeUtf16(text);
  const data = concatBytes(...[tag, content.length].map((value) => encodeUnsigned(value, 4).reverse()), content);
  return { pcr, type: eventTypes.EV_EVENT_TAG, data, measured: encodeUtf8(`content of ${text}`) };
}

/** Origins of a captured boot, by PCR, without repetition. */
function labOrigins(run: LabRun): Readonly<Record<string, readonly string[] | undefined>> {
  const byPcr: Record<string, string[] | undefined> = {};
  for (const { pcr, untrustedOrigin = 'unknown' } of annotateEventLog(parseEventLog(labLog(run))).events) {
    const known = (byPcr[pcr] ??= []);
    if (known.at(-1) !== untrustedOrigin) known.push(untrustedOrigin);
  }
  return byPcr;
}

describe('who measured an event', () => {
  it('tells shim and GRUB from firmware, and both from the stub, in a captured boot by GRUB', () => {
    const origins = labOrigins('sb-on');
    for (const pcr of [0, 1, 2, 3, 5, 6]) assert.deepEqual(origins[pcr], ['firmware'], `PCR ${pcr}`);
    assert.deepEqual(origins[4], ['firmware', 'loader']);
    assert.deepEqual(origins[7]?.at(-1), 'loader');
    for (const pcr of [8, 14]) assert.deepEqual(origins[pcr], ['loader'], `PCR ${pcr}`);
  });

  it('tells the stub of a unified kernel, and systemd-boot before it', () => {
    assert.deepEqual(labOrigins('uki')[11], ['stub']);
    assert.deepEqual(labOrigins('uki')[9], ['stub']);
    const origins = labOrigins('sdboot-uki');
    assert.deepEqual(origins[4], ['firmware', 'loader']);
    assert.deepEqual(origins[12], ['loader']);
    assert.deepEqual(origins[11], ['stub']);
  });

  it('calls the first application one that firmware started, and the next one of the loader or of the stub', () => {
    const apps = [image(4, 'shim'), image(4, 'grub'), ...section('.linux', 'x'), image(4, 'inner kernel')];
    assert.deepEqual(originsOf(apps), ['firmware', 'loader', 'stub', 'stub', 'stub']);
  });

  it('tells what shim and systemd-boot measure into registers of firmware', () => {
    assert.deepEqual(
      originsOf([
        variable('SecureBoot', Uint8Array.of(1)),
        authority('db', encodeUtf8('certificate')),
        authority('SbatLevel', encodeUtf8('sbat,1'), guids.shimLock),
        separator(7),
        separator(5),
        tagged(5, tags.loaderConfiguration, 'loader.conf'),
        tagged(1, tags.smbiosSystem, 'smbios:type1'),
        tagged(1, 0x1234),
      ]),
      ['firmware', 'firmware', 'loader', 'firmware', 'firmware', 'loader', 'loader', 'firmware'],
    );
  });

  it('tells files of GRUB, initrds of the stub, credentials and system extensions', () => {
    assert.deepEqual(
      originsOf([
        grub('grub_cmd', 'linux /vmlinuz'),
        file('/boot/vmlinuz', 'kernel'),
        { pcr: 12, type: eventTypes.EV_IPL, data: encodeUtf16('quiet\0') },
        ...section('.linux', 'x'),
        { pcr: 12, type: eventTypes.EV_IPL, data: encodeUtf16('Credentials initrd\0'), measured: encodeUtf8('cpio') },
        { pcr: 13, type: eventTypes.EV_IPL, data: encodeUtf16('System extension initrd\0') },
        tagged(9, tags.linuxInitrd, 'Linux initrd'),
      ]),
      ['loader', 'loader', 'loader', 'stub', 'stub', 'stub', 'stub', 'stub'],
    );
  });

  it('tells what systemd measured by its digest, whatever log it stands in', () => {
    const phase: EventToEncode = {
      pcr: 11,
      type: eventTypes.EV_IPL,
      data: encodeUtf8('junk'),
      measured: encodeUtf8('ready'),
    };
    assert.deepEqual(originsOf([...section('.linux', 'x'), phase]), ['stub', 'stub', 'userspace']);
  });

  it('says nothing of registers that nobody is known to measure into', () => {
    const text = encodeUtf8('x');
    const events = [6, 10, 15, 16, 23].map((pcr) => ({ pcr, type: eventTypes.EV_IPL, data: text }));
    assert.deepEqual(originsOf(events), ['firmware', undefined, undefined, undefined, undefined]);
  });
});
