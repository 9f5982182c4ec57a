import assert from 'node:assert/strict';
import {
  hardening,
  parseCommandLine,
  readFacts,
  type BootFacts,
  type HardeningName,
} from '../../../../src/core/event-log/index.ts';
import { encodeUtf16 } from '../../../../src/core/event-log/events/text.ts';
import { grub, separator, verifyHonest, verifyLab } from '../logs.ts';

function read(commandLine: string): BootFacts['hardening'] {
  return readFacts(verifyHonest([{ pcr: 12, type: 0xd, data: encodeUtf16(`${commandLine}\0`) }])).hardening;
}

function named(facts: BootFacts['hardening'], value: string): string[] {
  return Object.entries(facts)
    .filter(([, fact]) => fact.value === value)
    .map(([name]) => name);
}

describe('hardening facts', () => {
  it('reads a hardened command line', () => {
    const facts = read(
      'root=/dev/sda intel_iommu=on,sm_on iommu.strict=1 lockdown=confidentiality mitigations=auto,nosmt module.sig_enforce ima_policy=tcb|critical_data ima_hash=sha256',
    );
    assert.deepEqual(named(facts, 'on'), [
      'iommu',
      'iommu-strict',
      'lockdown',
      'lockdown-confidentiality',
      'mitigations',
      'smt-disabled',
      'module-signatures',
      'ima-policy',
      'ima-hash',
    ]);
    assert.deepEqual(named(facts, 'off'), []);
    assert.equal(facts.kaslr.value, 'default');
  });

  it('reads a weakened command line', () => {
    const facts = read(
      'intel_iommu=off nokaslr mitigations=off module.sig-enforce=0 selinux=0 init=/bin/sh ima_hash=sha1 debugfs=on crashkernel=256M',
    );
    assert.deepEqual(named(facts, 'off'), [
      'iommu',
      'mitigations',
      'kaslr',
      'module-signatures',
      'kexec-disabled',
      'ima-hash',
      'mandatory-access-control',
      'no-debugger',
      'ordinary-start',
    ]);
  });

  it('lets a weakness win, in whatever order the words stand', () => {
    for (const words of ['lockdown=integrity lockdown=none', 'lockdown=none lockdown=integrity']) {
      assert.equal(read(words).lockdown.value, 'off');
    }
  });

  it('calls nothing on that the word does not bring about', () => {
    for (const words of [
      'iommu=force',
      'iommu.strict=0',
      'kexec_load_disabled=1',
      'module.sig_enforce=N',
      'debugfs=off',
    ]) {
      assert.deepEqual(named(read(words), 'on'), [], words);
    }
  });

  it('hears a weakness in any spelling that the kernel hears', () => {
    const weakened = (words: string): readonly string[] => named(read(words), 'off');
    assert.deepEqual(weakened('iommu.passthrough=Y'), ['iommu-strict']);
    assert.deepEqual(weakened('kvm.nx_huge_pages=off'), ['mitigations']);
    assert.deepEqual(weakened('mitigations=auto;no_guest_host'), ['mitigations']);
    assert.deepEqual(weakened('vfio_iommu_type1.allow_unsafe_interrupts=y'), ['iommu']);
    assert.deepEqual(weakened('lsm=landlock,yama,bpf'), [
      'lockdown',
      'lockdown-confidentiality',
      'mandatory-access-control',
    ]);
    assert.deepEqual(weakened('init=/bin/busybox'), ['ordinary-start']);
    assert.deepEqual(weakened('init=/usr/lib/systemd/systemd rd.shell=0 systemd.unit=multi-user.target'), []);
    assert.deepEqual(weakened('sysctl/kernel/kexec_load_disabled=0'), ['kexec-disabled']);
  });

  it('compares names as the kernel does, and stops at --', () => {
    assert.equal(read('module.sig-enforce')['module-signatures'].value, 'on');
    assert.equal(read('quiet -- lockdown=integrity').lockdown.value, 'default');
    const { value, word } = read('quiet -- systemd.unit=rescue.target')['ordinary-start'];
    assert.deepEqual([value, word], ['off', 'systemd.unit=rescue.target']);
    assert.equal(read('quiet -- single')['ordinary-start'].value, 'off');
    assert.equal(read('note="a lockdown=integrity b"').lockdown.value, 'default');
    assert.deepEqual(parseCommandLine('a="b c" d-e=1'), [
      { name: 'a', value: 'b c' },
      { name: 'd_e', value: '1' },
    ]);
  });

  it('T18: is never on where the command line is not known', () => {
    const facts = readFacts(verifyHonest([grub('kernel_cmdline', 'lockdown=integrity'), separator(0)])).hardening;
    assert.ok(Object.values(facts).every(({ value }) => value === 'unknown'));
    const twice = [
      grub('grub_cmd', 'linux /v nokaslr'),
      grub('grub_cmd', 'linux /v kaslr'),
      grub('kernel_cmdline', '/v kaslr'),
    ];
    assert.equal(readFacts(verifyHonest(twice)).hardening.kaslr.value, 'off');
  });

  it('has every name for every boot', () => {
    const names = Object.keys(hardening) as HardeningName[];
    for (const run of ['sb-on', 'uki'] as const) {
      assert.deepEqual(Object.keys(readFacts(verifyLab(run)).hardening), names);
    }
    assert.equal(readFacts(verifyLab('sb-on')).hardening['ima-policy'].value, 'on');
  });
});
