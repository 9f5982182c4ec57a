import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { encodeHex } from '../../../src/core/encoding/index.ts';
import { parseEventLog } from '../../../src/core/event-log/index.ts';
import { describeLog, landmarkOf } from '../../../src/core/golden/index.ts';

/** Of each layer of a captured boot, in words. */
function landmarks(boot: string): string[] {
  const log = parseEventLog(readFileSync(`test/fixtures/lab/boot/${boot}/binary_bios_measurements`));
  return describeLog(log, ['sha256']).layers.map(({ layer, events }) => {
    const found = landmarkOf({ layer, events, pcrs: [] });
    assert.ok(found);
    return `${layer}: ${found.pcr} ${encodeHex(found.digest).slice(0, 8)} ${found.description}`;
  });
}

describe('what people tell golden measurements of one layer apart by', () => {
  it('is the image, the line, the list and the file of a boot by GRUB', () => {
    assert.deepEqual(landmarks('sb-on'), [
      'firmware: 0 a644ed20 (unverified) firmware volume at 0x900000, 12582912 bytes',
      'secure-boot: 7 1963d580 dbx = 1 hash',
      'boot-loader: 4 a68f6d71 (unverified) image File(\\\\EFI\\\\BOOT\\\\grubx64.efi)',
      'kernel: 9 26f2e57c (unverified) (hd0,gpt1)/boot/vmlinuz',
      'kernel-command-line: 8 8162539b kernel_cmdline: /boot/vmlinuz console=ttyS0,115200 ima_policy=tcb ima_hash=sha256 rootfstype=ramfs lab.bridge=1',
      'initrd: 9 a4de42c6 (unverified) /boot/initrd.gz',
    ]);
  });

  it('is the unified kernel image, which has its version in its name, and what the kernel was given', () => {
    assert.deepEqual(landmarks('sdboot-uki').slice(3), [
      'kernel: 4 a842d3aa (unverified) image Acpi(0xa0341d0,0x0)/Pci(1,0)/HD(0x1,aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee)/File(\\\\EFI\\\\Linux\\\\lab-6.1.efi)',
      'kernel-command-line: 12 626d3a19 console=ttyS0,115200 ima_policy=tcb ima_hash=sha256 rootfstype=ramfs lab.bridge=1',
      'initrd: 9 a4de42c6 (unverified) initrd, as the kernel loaded it',
    ]);
  });

  it('is another where the layer is another, in each pair of captured boots that differ in it', () => {
    for (const [layer, one, other] of [
      ['kernel', 'sb-on', 'kernel-cloud'],
      ['initrd', 'sb-on', 'initrd-changed'],
      ['kernel-command-line', 'sb-on', 'cfg-tampered'],
      ['kernel', 'uki', 'uki-evil'],
    ] as const) {
      const of = (boot: string) => landmarks(boot).find((line) => line.startsWith(`${layer}: `));
      assert.notEqual(of(one), of(other), `${layer} of ${one} and ${other}`);
    }
  });

  it('is of files how many, whose signatures are accepted, and where nobody looks; with the digest of all that', () => {
    const [digest, other] = ['1', '2'].map((digit) => `sha256:${digit.repeat(64)}`);
    assert.ok(digest !== undefined && other !== undefined);
    const of = (digests: readonly string[], excludedPaths: readonly string[] = []) => {
      const ima = { digests: digests.map((each) => ({ digest: each })), signers: [], excludedPaths };
      return landmarkOf({ layer: 'runtime', events: [], pcrs: [], ima });
    };
    assert.deepEqual([of([digest])?.pcr, of([digest])?.description], [10, '1 file']);
    assert.equal(of([digest, other], ['/var/log/'])?.description, '2 files, not looked at: 1 path');
    assert.notDeepEqual(of([digest])?.digest, of([other])?.digest);
    const named = { digests: [{ digest, path: '/bin/a' }], signers: [], excludedPaths: [] };
    assert.deepEqual(landmarkOf({ layer: 'runtime', events: [], pcrs: [], ima: named }), of([digest]));
  });

  it('is the register where no event is expected, and nothing where nothing is', () => {
    const digests = new Map([['sha256', new Uint8Array(32)]] as const);
    const register = landmarkOf({ layer: 'firmware', events: [], pcrs: [{ pcr: 0, digests }] });
    assert.deepEqual([register?.pcr, register?.description], [0, 'value of PCR 0']);
    const separator = { pcr: 0, digests, description: 'separator' };
    assert.equal(landmarkOf({ layer: 'firmware', events: [separator], pcrs: [] }), undefined);
    assert.equal(landmarkOf({ layer: 'runtime', events: [], pcrs: [] }), undefined);
  });
});
