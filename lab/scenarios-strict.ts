// Stories of a guest that is held to hypervisor-strict, as it comes with Touchstone.
import assert from 'node:assert/strict';
import type { WireVerdict } from '../src/api/index.ts';
import { bootLayers } from '../src/core/event-log/index.ts';
import { predict } from './prediction.ts';
import { expectRefused, expectTrusted, type Scenario } from './scenario.ts';

export const strictBoot: Scenario = {
  name: 'strict',
  about: 'boot',
  title: 'a boot with current revocations and a kernel locked down is trusted by hypervisor-strict',
  run: async (lab) => {
    const { before, after } = await lab.platform('strict');
    // Every fact was there from the first attestation on. What was missing are golden measurements: all of them, or what other guests' do not cover.
    const missing = refusals(before);
    assert.ok(missing.length > 0);
    assert.deepEqual(
      missing.filter((code) => !['LAYER_GOLDEN_NONE', 'SECURE_BOOT_DIVERGED'].includes(code)),
      [],
    );
    assert.deepEqual(
      after.findings.filter(({ severity }) => severity !== 'info'),
      [],
    );
    assert.deepEqual(Object.keys(after.layers).sort(), [...bootLayers].sort());
    return expectTrusted(lab, after);
  },
};

/** What operators may sign by mistake. Nothing in the lab's initial RAM disk reads them. */
const weakening = [
  ...[
    'iommu=off',
    'mitigations=off',
    'nokaslr',
    'module.sig_enforce=0',
    'init=/bin/sh',
    'kvm.enable_vmware_backdoor=1',
  ],
  ...['--', 'rescue'],
];

export const weakenedBoot: Scenario = {
  name: 'strict-weakened',
  about: 'boot',
  title: 'a boot that weakens what hypervisor-strict demands is refused fact by fact, although operators signed it',
  run: async (lab) => {
    const { guest, setup } = await lab.platform('strict');
    const boot = await lab.grubBoot('strict-weakened', { words: weakening });
    const verdict = await guest.during({ ...setup, keys: 'microsoft', boot: boot.disk }, async (running) => {
      await running.attest();
      await lab.site.approve(await predict(boot));
      await lab.site.approve(await lab.site.capture(guest.name, ['secure-boot']));
      return running.attest();
    });
    const facts = verdict.findings.flatMap(({ code, message }) =>
      code === 'FACT_REFUSED' ? [/fact ([\w.-]+)/.exec(message)?.[1]] : [],
    );
    const hardening = ['iommu', 'mitigations', 'kaslr', 'lockdown', 'module-signatures', 'ordinary-start'];
    assert.deepEqual(facts.sort(), ['dbx', ...hardening.map((name) => `hardening.${name}`)].sort());
    assert.equal(refusals(verdict).filter((code) => code === 'FACT_CONDITION_REFUSED').length, 2);
    return expectRefused(lab, verdict, ['FACT_CONDITION_REFUSED', 'FACT_REFUSED']);
  },
};

function refusals({ findings }: WireVerdict): readonly string[] {
  return findings.filter(({ severity }) => severity === 'error').map(({ code }) => code);
}
