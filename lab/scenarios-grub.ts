// Stories of a guest that boots by shim and GRUB.
import assert from 'node:assert/strict';
import { bootLayers } from '../src/core/event-log/index.ts';
import { knowsLinuxefi } from './grub-boot.ts';
import { fetchKernel } from './guest-packages.ts';
import { expectPredicted } from './prediction.ts';
import { expectRefused, expectTrusted, type Scenario } from './scenario.ts';

export const honestBoot: Scenario = {
  name: 'honest',
  about: 'what ran',
  title: 'an honest boot by shim and GRUB is trusted, once two operators approved what was predicted and captured',
  run: async (lab) => {
    const { before, after } = await lab.platform('grub');
    assert.equal(before.status, 'none');
    assert.deepEqual(
      before.findings.filter(({ severity }) => severity !== 'info').map(({ code, layer }) => [code, layer]),
      ['firmware', 'secure-boot', 'runtime'].map((layer) => ['LAYER_GOLDEN_NONE', layer]),
    );
    assert.deepEqual(Object.keys(after.layers).sort(), [...bootLayers, 'runtime'].sort());
    return expectTrusted(lab, after);
  },
};

export const changedCommandLine: Scenario = {
  name: 'command-line',
  about: 'boot',
  title: 'a changed kernel command line is refused',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    const boot = await lab.grubBoot('command-line', { words: ['init=/bin/sh'] });
    const verdict = await guest.during({ ...setup, boot: boot.disk }, (running) => running.attest());
    await expectPredicted(lab.site, guest.name, boot);
    return expectRefused(lab, verdict, ['KERNEL_COMMAND_LINE_DIVERGED']);
  },
};

export const changedInitrd: Scenario = {
  name: 'initrd',
  about: 'boot',
  title: 'one more file in the initrd is refused',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    const backdoor = { path: 'bin/backdoor', mode: 0o755, bytes: Buffer.from('#!/bin/busybox sh\n') };
    const boot = await lab.grubBoot('initrd', { moreInInitrd: [backdoor] });
    const verdict = await guest.during({ ...setup, boot: boot.disk }, (running) => running.attest());
    await expectPredicted(lab.site, guest.name, boot);
    return expectRefused(lab, verdict, ['INITRD_DIVERGED']);
  },
};

export const otherKernel: Scenario = {
  name: 'kernel',
  about: 'boot',
  title: 'another kernel, signed by the same distribution, is refused',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    const boot = await lab.grubBoot('kernel', { kernel: await fetchKernel(lab.parts.distribution, 'other') });
    const verdict = await guest.during({ ...setup, boot: boot.disk }, (running) => running.attest());
    await expectPredicted(lab.site, guest.name, boot);
    // Its drivers are other files, so that the initrd is another one too.
    return expectRefused(lab, verdict, ['KERNEL_DIVERGED', 'INITRD_DIVERGED']);
  },
};

export const secureBootSwitchedOff: Scenario = {
  name: 'secure-boot-off',
  about: 'boot',
  title: 'the same boot with Secure Boot switched off is refused',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    const verdict = await guest.during({ ...setup, keys: 'none' }, (running) => running.attest());
    // OVMF measures code that runs otherwise then, and shim does not measure what it no longer verifies.
    const consequences = ['FIRMWARE_DIVERGED', 'KERNEL_DIVERGED'];
    return expectRefused(lab, verdict, ['FACT_SECURE_BOOT_DISABLED', 'SECURE_BOOT_DIVERGED', ...consequences]);
  },
};

export const hiddenLog: Scenario = {
  name: 'hidden-log',
  about: 'boot',
  title: 'a boot that shows no log is refused',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('grub');
    const boot = await lab.grubBoot('hidden-log', { hidesLog: true });
    const verdict = await guest.during({ ...setup, keys: 'none', boot: boot.disk }, async (running) => {
      // GRUB 2.12 always hands the log on: then root hides it.
      if (!knowsLinuxefi(lab.parts.grub)) await running.command('umount /sys/kernel/security');
      return running.attest();
    });
    return expectRefused(lab, verdict, ['LOG_ABSENT']);
  },
};

export const withoutSecureBoot: Scenario = {
  name: 'no-secure-boot',
  about: 'boot',
  title: 'a host without Secure Boot is trusted where a policy of its own allows that',
  run: async (lab) => {
    const { before, after } = await lab.platform('no-secure-boot');
    assert.notEqual(before.status, 'affirming');
    return expectTrusted(lab, after);
  },
};
