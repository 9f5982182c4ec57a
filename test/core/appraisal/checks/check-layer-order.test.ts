import assert from 'node:assert/strict';
import { appraise } from '../../../../src/core/appraisal/index.ts';
import type { EventToEncode } from '../../../../src/core/event-log/index.ts';
import type { Verdict } from '../../../../src/core/verdict/index.ts';
import { labPolicy } from '../lab.ts';
import { capturePaper, event, paperHost } from '../paper-host.ts';

const at = new Date('2026-11-25T12:00:00Z');
const separator = event(4, 'EV_SEPARATOR', new Uint8Array(4));
const shim = event(4, 'EV_EFI_BOOT_SERVICES_APPLICATION', 'shim', 'shim image');
const grub = event(4, 'EV_EFI_BOOT_SERVICES_APPLICATION', 'grub', 'grub image');
const command = event(8, 'EV_IPL', 'grub_cmd: linux /vmlinuz', 'linux /vmlinuz');
const kernel = event(4, 'EV_EFI_BOOT_SERVICES_APPLICATION', 'kernel', 'kernel image');
const good = [separator, shim, grub, command, kernel];
const goldens = capturePaper(good);
const policy = labPolicy({ layers: ['boot-loader', 'kernel', 'kernel-command-line'] });

function appraiseBoot(measured: readonly EventToEncode[], shown = measured): Verdict {
  const { evidence, trust } = paperHost(measured, goldens, shown);
  return appraise(evidence, trust, policy, at);
}

describe('the order of loaders and kernel', () => {
  it('accepts loaders first, then the kernel', () => {
    assert.equal(appraiseBoot(good).status, 'affirming');
  });

  it('T30: rejects a kernel that shim started directly, with the boot loader extended afterwards from the system', () => {
    const relabelled = event(4, 'EV_EFI_ACTION', 'grub', 'grub image');
    const measured = [separator, shim, kernel, grub, command];
    // The log an attacker would write: every layer whole and in order, the loader under a false type.
    const verdict = appraiseBoot(measured, [separator, shim, command, kernel, relabelled]);
    assert.deepEqual(Object.keys(verdict.layers), [...policy.layers]);
    assert.deepEqual(
      verdict.findings.map(({ code }) => code),
      ['LOG_LOADER_AFTER_KERNEL'],
    );
    assert.equal(verdict.status, 'contraindicated');
  });

  it('rejects the same boot under true labels', () => {
    assert.equal(appraiseBoot([separator, shim, kernel, grub, command]).status, 'contraindicated');
  });

  it('says nothing where the policy demands neither', () => {
    const { evidence, trust } = paperHost([separator, shim, kernel, grub, command], goldens);
    const other = appraise(evidence, trust, labPolicy({ layers: ['kernel-command-line'] }), at);
    assert.equal(other.status, 'affirming');
  });
});
