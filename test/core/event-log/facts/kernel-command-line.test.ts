import assert from 'node:assert/strict';
import { encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import {
  encodeEventLog,
  eventTypes,
  parseEventLog,
  readFacts,
  verifyEventLog,
  type EventToEncode,
} from '../../../../src/core/event-log/index.ts';
import { encodeUtf16 } from '../../../../src/core/event-log/events/text.ts';
import { attest, attestReplay, grub, verifyHonest, verifyLab } from '../logs.ts';

function lineOf(events: readonly EventToEncode[]): string | undefined {
  return readFacts(verifyHonest(events)).kernelCommandLine?.value;
}

const good = '/vmlinuz root=/dev/vda lockdown=integrity';
const command = grub('grub_cmd', `linux ${good}`);
const passed = grub('kernel_cmdline', good);

describe('kernel command line', () => {
  it('is what GRUB handed over in the lab, and what systemd-boot did', () => {
    const tail = 'console=ttyS0,115200 ima_policy=tcb ima_hash=sha256 rootfstype=ramfs lab.bridge=1';
    assert.equal(readFacts(verifyLab('sb-on')).kernelCommandLine?.value, `/boot/vmlinuz ${tail}`);
    assert.equal(readFacts(verifyLab('sb-on-linuxefi')).kernelCommandLine?.value, `/boot/vmlinuz ${tail}`);
    assert.equal(readFacts(verifyLab('sdboot-uki')).kernelCommandLine?.value, tail);
    assert.match(readFacts(verifyLab('cfg-tampered')).kernelCommandLine?.value ?? '', /lab\.evil=1/);
  });

  it('is absent for a unified image alone: the log has its digest and not its text', () => {
    assert.equal(readFacts(verifyLab('uki')).kernelCommandLine, undefined);
  });

  it('T18: does not ask the prefix, which no digest covers', () => {
    const swapped = [grub('kernel_cmdline', `linux ${good}`), grub('module_cmdline', good)];
    assert.equal(lineOf([command, passed]), good);
    assert.equal(lineOf(swapped), good);
    assert.equal(lineOf([grub('kernel_cmdline', 'echo lockdown=integrity')]), undefined);
  });

  it('T18: is absent where two differ, or a command has no counterpart', () => {
    const evil = [grub('grub_cmd', 'linux /vmlinuz init=/bin/sh'), grub('kernel_cmdline', '/vmlinuz init=/bin/sh')];
    assert.equal(lineOf([...evil, command, passed]), undefined);
    assert.equal(lineOf([grub('grub_cmd', 'linux /vmlinuz init=/bin/sh'), command, passed]), undefined);
    assert.equal(lineOf([command]), undefined);
    assert.equal(lineOf([command, passed, grub('grub_cmd', 'chainloader /evil.efi')]), undefined);
  });

  it('T18: is absent beside an event of PCR 8 whose text is not covered', () => {
    const hidden = { ...grub('grub_cmd', 'x'), measured: encodeUtf8('linux /vmlinuz init=/bin/sh') };
    assert.equal(lineOf([hidden, command, passed]), undefined);
  });

  it('T18: is absent where the log does not account for both registers: another line may be in the other', () => {
    const later = { pcr: 12, type: eventTypes.EV_IPL, data: encodeUtf16('lockdown=integrity\0') };
    const evil = [grub('grub_cmd', 'linux /vmlinuz'), grub('kernel_cmdline', '/vmlinuz')];
    const read = (shown: readonly EventToEncode[], attested: ReturnType<typeof attestReplay>) => {
      const log = parseEventLog(encodeEventLog(shown, { banks: ['sha256'] }));
      return readFacts(verifyEventLog(log, attested)).kernelCommandLine?.value;
    };
    const attested = attestReplay(parseEventLog(encodeEventLog([...evil, later], { banks: ['sha256'] })));
    assert.equal(read([...evil, later], attested), undefined);
    assert.equal(read([later], attested), undefined);
    assert.equal(read([command, passed, later], attested), undefined);
    const unquoted = new Map([...(attested.banks.get('sha256') ?? [])].filter(([pcr]) => pcr !== 8));
    assert.equal(read([later], attest(new Map([['sha256', unquoted]]))), undefined);
  });

  it('T18: is absent beside an event of PCR 12 whose text is not covered, or is no text', () => {
    const passes = (value: string): EventToEncode => ({
      pcr: 12,
      type: eventTypes.EV_IPL,
      data: encodeUtf16(`${value}\0`),
    });
    const hidden = { ...passes('credentials'), measured: encodeUtf16('init=/bin/sh\0') };
    const ofWindows = { pcr: 12, type: eventTypes.EV_EVENT_TAG, data: Uint8Array.of(1, 0, 1, 0x40, 0xb0, 0, 0, 0) };
    assert.equal(lineOf([passes('quiet')]), 'quiet');
    assert.equal(lineOf([hidden, passes('quiet')]), undefined);
    assert.equal(lineOf([ofWindows, passes('quiet')]), undefined);
    assert.equal(lineOf([{ ...ofWindows, type: eventTypes.EV_IPL }]), undefined);
    assert.equal(lineOf([hidden, command, passed]), undefined);
  });

  it('folds the quoting that GRUB adds', () => {
    assert.equal(
      lineOf([grub('grub_cmd', 'linux /v dm=a b c'), grub('kernel_cmdline', '/v "dm=a b c"')]),
      '/v "dm=a b c"',
    );
  });

  it('reads UTF-16 texts of systemd-boot and systemd-stub, one or several alike', () => {
    const text = (value: string): EventToEncode => ({
      pcr: 12,
      type: eventTypes.EV_IPL,
      data: encodeUtf16(`${value}\0`),
    });
    assert.equal(lineOf([text('quiet'), text('quiet')]), 'quiet');
    assert.equal(lineOf([text('quiet'), text('quiet debug')]), undefined);
  });
});
