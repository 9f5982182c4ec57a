// Stories of unified kernel images, signed with a key of the host's owner.
import assert from 'node:assert/strict';
import { expectPredicted } from './prediction.ts';
import { expectRefused, expectTrusted, type Scenario } from './scenario.ts';

export const unifiedKernel: Scenario = {
  name: 'unified',
  about: 'boot',
  title: 'an honest unified kernel image, started by the firmware, is trusted',
  run: async (lab) => expectTrusted(lab, (await lab.platform('unified')).after),
};

export const changedUnifiedKernel: Scenario = {
  name: 'unified-changed',
  about: 'boot',
  title: 'a unified kernel image with another command line is refused, although its signature is good',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('unified');
    const boot = await lab.unifiedBoot('unified-changed', { words: ['init=/bin/sh'] });
    const verdict = await guest.during({ ...setup, boot: boot.disk }, (running) => running.attest());
    await expectPredicted(lab.site, guest.name, boot);
    return expectRefused(lab, verdict, ['KERNEL_COMMAND_LINE_DIVERGED', 'KERNEL_DIVERGED']);
  },
};

export const damagedUnifiedKernel: Scenario = {
  name: 'unified-damaged',
  about: 'boot',
  title: 'a unified kernel image with one bit changed is never started by the firmware',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('unified');
    const boot = await lab.unifiedBoot('unified-damaged', { damaged: true });
    const before = await lab.site.verdictOf(guest.name);
    await guest.machine.bootRefused({ ...setup, boot: boot.disk }, /Access Denied|Security Violation/);
    assert.deepEqual(await lab.site.verdictOf(guest.name), before, 'something attested');
    return { status: 'none', codes: [] };
  },
};

export const systemdBoot: Scenario = {
  name: 'systemd-boot',
  about: 'boot',
  title: 'an honest unified kernel image, started by systemd-boot, is trusted',
  run: async (lab) => expectTrusted(lab, (await lab.platform('systemd-boot')).after),
};

export const foreignLoader: Scenario = {
  name: 'other-loader',
  about: 'boot',
  title: 'a boot loader in front of an approved image is refused where none was approved',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('unified');
    const boot = await lab.unifiedBoot('other-loader', { systemdBoot: true });
    const verdict = await guest.during({ ...setup, boot: boot.disk }, (running) => running.attest());
    await expectPredicted(lab.site, guest.name, boot);
    // systemd-boot hands the command line on by itself, and measures it.
    return expectRefused(lab, verdict, ['BOOT_LOADER_DIVERGED', 'KERNEL_COMMAND_LINE_DIVERGED']);
  },
};
