import assert from 'node:assert/strict';
import { hash } from '../../../../src/core/crypto/index.ts';
import { encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { readFacts } from '../../../../src/core/event-log/index.ts';
import { action, section, verifyHonest, verifyLab, type LabRun } from '../logs.ts';

describe('loader facts', () => {
  it('reads the commands and files of GRUB', () => {
    const { grub } = readFacts(verifyLab('sb-on'));
    assert.equal(grub.commands.length, 12);
    assert.equal(grub.commands[0]?.value, '[ -z (hd0,gpt1)/EFI/debian -o ! -e (hd0,gpt1)/EFI/debian ]');
    assert.deepEqual(
      grub.files.map(({ value }) => value.untrustedPath),
      ['(hd0,gpt1)/EFI/debian/grub.cfg', '(hd0,gpt1)/boot/vmlinuz', '/boot/vmlinuz', '/boot/initrd.gz'],
    );
  });

  it('names the initrds, and who says that it loaded them', () => {
    const initrds = (run: LabRun) =>
      readFacts(verifyLab(run)).initrds.map(({ value }) => [value.untrustedSource, value.untrustedPath]);
    assert.deepEqual(initrds('sb-on'), [['boot-loader', '/boot/initrd.gz']]);
    assert.deepEqual(initrds('uki'), [
      ['kernel', ''],
      ['unified-kernel-image', '.initrd'],
    ]);
  });

  it('reads the sections of a unified kernel image', () => {
    const { unifiedKernelImage } = readFacts(verifyLab('uki'));
    assert.deepEqual(
      unifiedKernelImage.map(({ value }) => value.name),
      ['.linux', '.osrel', '.cmdline', '.initrd'],
    );
  });

  it('names sections and phases by digest, whatever the labels say', () => {
    const events = [...section('.cmdline', 'quiet'), action(11, 'ready')].map((event) => ({
      ...event,
      type: 0x99,
      data: new Uint8Array(1),
    }));
    const honest = [...section('.cmdline', 'quiet'), action(11, 'ready')];
    const relabelled = events.map((event, position) => ({
      ...event,
      measured: honest[position]?.measured ?? encodeUtf8('ready'),
    }));
    const facts = readFacts(verifyHonest(relabelled));
    assert.deepEqual(facts.unifiedKernelImage[0]?.value.digest.value, hash('sha256', encodeUtf8('quiet')));
    assert.deepEqual(
      facts.bootPhases.map(({ value }) => value),
      ['ready'],
    );
  });
});
