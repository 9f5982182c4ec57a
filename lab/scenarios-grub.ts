// Stories of a guest that boots by shim and GRUB.
import assert from 'node:assert/strict';
import { bootLayers } from './boot-layers.ts';
import { expectRefused, expectTrusted, type Scenario } from './scenario.ts';

export const honestBoot: Scenario = {
  name: 'honest',
  title: 'an honest boot by shim and GRUB is trusted, once two operators approved what was predicted and captured',
  run: async (lab) => {
    const { before, after } = await lab.grub();
    assert.deepEqual(
      before.findings.map(({ code, layer }) => [code, layer]),
      ['firmware', 'secure-boot', 'runtime'].map((layer) => ['LAYER_GOLDEN_NONE', layer]),
    );
    assert.equal(before.status, 'none');
    assert.deepEqual(Object.keys(after.layers).sort(), [...bootLayers, 'runtime'].sort());
    return expectTrusted(lab, after);
  },
};

export const changedCommandLine: Scenario = {
  name: 'command-line',
  title: 'a changed kernel command line is refused',
  run: async (lab) => {
    const { guest, setup } = await lab.grub();
    const boot = await lab.grubBoot('command-line', { words: ['init=/bin/sh'] });
    const verdict = await guest.during({ ...setup, boot }, (running) => running.attest());
    return expectRefused(lab, verdict, ['KERNEL_COMMAND_LINE_DIVERGED']);
  },
};
