import assert from 'node:assert/strict';
import fc from 'fast-check';
import { concatBytes, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import {
  annotateEventLog,
  diffEventLogs,
  encodeEventLog,
  eventTypes,
  guids,
  parseEventLog,
  type BootChange,
  type EventToEncode,
} from '../../../../src/core/event-log/index.ts';
import {
  action,
  authority,
  file,
  grub,
  hashes,
  image,
  labLog,
  refuses,
  separator,
  variable,
  verifyLab,
  type LabRun,
} from '../logs.ts';

function read(events: readonly EventToEncode[]): ReturnType<typeof annotateEventLog> {
  return annotateEventLog(parseEventLog(encodeEventLog(events, { banks: ['sha256'] })));
}

function diff(before: readonly EventToEncode[], after: readonly EventToEncode[]): readonly BootChange[] {
  return diffEventLogs(read(before), read(after));
}

function lab(run: LabRun): ReturnType<typeof annotateEventLog> {
  return annotateEventLog(parseEventLog(labLog(run)));
}

function sentences(run: LabRun): string[] {
  return diffEventLogs(lab('sb-on'), lab(run)).map(({ sentence }) => sentence);
}

describe('diffEventLogs', () => {
  it('finds nothing between a boot and itself', () => {
    assert.deepEqual(diffEventLogs(lab('sb-on'), lab('sb-on')), []);
  });

  it('says what was tampered with in the lab, in words', () => {
    assert.deepEqual(sentences('cfg-tampered'), [
      'Boot loader command `menuentry` gained `lab.evil=1`',
      'Boot loader command `linux` gained `lab.evil=1`',
      'Command line gained `lab.evil=1`',
      'Boot loader configuration (hd0,gpt1)/EFI/debian/grub.cfg replaced',
    ]);
    assert.deepEqual(sentences('initrd-changed'), ['Initrd /boot/initrd.gz replaced']);
    assert.deepEqual(sentences('kernel-cloud').slice(0, 2), ['Kernel replaced', 'Kernel replaced']);
    assert.ok(sentences('sb-off').includes('Secure Boot was switched off'));
  });

  it('counts what a database gained and lost, and names its certificates', () => {
    const pk = verifyLab('sb-on').events.find(({ index }) => index === 5)?.decoded;
    assert.ok(pk?.kind === 'uefi-variable' && pk.name === 'PK');
    const db = (data: Uint8Array): EventToEncode[] => [variable('dbx', data, guids.imageSecurityDatabase)];
    const [change] = diff(db(hashes(3)), db(concatBytes(hashes(12, 2), pk.data)));
    assert.equal(change?.sentence, 'dbx gained 1 certificate and 11 hashes and lost 2 hashes');
    assert.equal(change.gained.length, 12);
    assert.match(change.gained[11] ?? '', /^x509 5fb05ed8[0-9a-f]{56} Debian UEFI Secure Boot \(PK\/KEK key\)$/);
  });

  it('says of variables of shim and firmware what they mean', () => {
    const said = (before: readonly EventToEncode[], after: readonly EventToEncode[]): string[] =>
      diff(before, after).map(({ sentence }) => sentence);
    const level = (text: string): EventToEncode => authority('SbatLevel', encodeUtf8(text), guids.shimLock);
    const keep = separator(7);
    assert.deepEqual(said([keep, level('sbat,1,2021030218\n')], [keep, level('sbat,1,2025021800\nshim,4\ngrub,5\n')]), [
      'SBAT level of shim changed from 2021030218 to 2025021800 (shim 4, grub 5)',
    ]);
    const digest = concatBytes(new Uint8Array(16), new Uint8Array(32).fill(0xab));
    const other = concatBytes(new Uint8Array(16), new Uint8Array(32).fill(0xcd));
    assert.deepEqual(said([keep], [keep, authority('db', digest)]), ['Authority newly used: abababababababab in db']);
    assert.deepEqual(said([keep, authority('db', digest)], [keep]), [
      'Authority no longer used: abababababababab in db',
    ]);
    assert.deepEqual(said([keep, authority('db', digest)], [keep, authority('db', other)]), [
      'Authority cdcdcdcdcdcdcdcd in db used instead of abababababababab in db',
    ]);
    const order = (...numbers: readonly number[]): EventToEncode => ({
      ...variable('BootOrder', Uint8Array.from(numbers.flatMap((number) => [number, 0]))),
      pcr: 1,
    });
    assert.deepEqual(said([order(1, 0)], [order(10)]), ['Boot order changed from 0001 0000 to 000A']);
  });

  it('puts claims of the log into its sentences without saying so each time', () => {
    const blob = (content: string): EventToEncode => ({
      pcr: 0,
      type: eventTypes.EV_EFI_PLATFORM_FIRMWARE_BLOB,
      data: Uint8Array.of(0, 0, 0x10, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0),
      measured: encodeUtf8(content),
    });
    const [change] = diff([blob('a')], [blob('b')]);
    assert.equal(change?.sentence, 'Firmware code replaced: volume at 0x100000, 512 bytes');
    assert.deepEqual(
      diffEventLogs(lab('uki'), lab('sdboot-uki')).map(({ sentence }) => sentence.slice(0, 24)),
      ['Boot loader added (Acpi(', 'Command line added: cons'],
    );
  });

  it('pairs what was replaced, and tells added, removed and moved events', () => {
    const [a, b, c] = [action(4, 'a'), action(4, 'b'), action(4, 'c')];
    const kinds = (changes: readonly BootChange[]): string[] => changes.map(({ kind }) => kind);
    assert.deepEqual(kinds(diff([a, b], [a, b, c])), ['event-added']);
    assert.deepEqual(kinds(diff([a, b, c], [a, c])), ['event-removed']);
    assert.deepEqual(kinds(diff([a, b], [a, c])), ['event-replaced']);
    assert.deepEqual(kinds(diff([a, b, c], [c, a, b])), ['event-moved']);
    assert.deepEqual(kinds(diff([image(4, 'x')], [image(4, 'y')])), ['image']);
    assert.deepEqual(kinds(diff([file('/a', 'x')], [file('/a', 'y')])), ['file']);
  });

  it('counts repeated words of a command line', () => {
    const [change] = diff(
      [grub('kernel_cmdline', '/v console=tty0')],
      [grub('kernel_cmdline', '/v console=tty0 debug debug')],
    );
    assert.deepEqual(change?.gained, ['debug', 'debug']);
    assert.equal(change.sentence, 'Command line gained `debug` `debug`');
  });

  it('does not take a text for changed that no digest covers', () => {
    const lie = { ...grub('kernel_cmdline', '/v debug'), measured: encodeUtf8('/v other') };
    const [change] = diff([grub('kernel_cmdline', '/v')], [lie]);
    assert.deepEqual(change?.gained, []);
    assert.deepEqual(change.lost, ['/v']);
  });

  it('says that the startup locality differs', () => {
    const other = annotateEventLog(
      parseEventLog(encodeEventLog([separator(0)], { banks: ['sha256'], startupLocality: 3 })),
    );
    assert.deepEqual(
      diffEventLogs(read([separator(0)]), other).map(({ kind }) => kind),
      ['startup-locality'],
    );
  });

  it('refuses to compare digests of different banks', () => {
    const sha1 = annotateEventLog(parseEventLog(labLog('uki')), 'sha1');
    refuses('EVENT_LOG_BANKS_DIFFER', () => diffEventLogs(sha1, lab('uki')));
  });

  it('accounts for every event that is not in both, whatever the logs', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 8 });
    fc.assert(
      fc.property(words, words, (before, after) => {
        const toEvents = (texts: readonly string[]): EventToEncode[] => [
          separator(0),
          ...texts.map((text) => action(4, text)),
        ];
        const changes = diff(toEvents(before), toEvents(after));
        assert.equal(changes.length === 0, before.join() === after.join());
        const count = (key: 'before' | 'after'): number => changes.filter((change) => change[key] !== undefined).length;
        assert.equal(count('after') - count('before'), after.length - before.length);
      }),
    );
  });

  it('keeps control characters of a log out of its sentences', () => {
    const [change] = diff([grub('kernel_cmdline', '/v')], [grub('kernel_cmdline', '/v \u001b[31mred')]);
    assert.ok(!change?.sentence.includes('\u001b'));
  });
});
