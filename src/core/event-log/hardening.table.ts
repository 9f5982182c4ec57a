// Hardening of a hypervisor host as its kernel command line sets it, by names that a policy can require.
// [LINUX Documentation/admin-guide/kernel-parameters.txt]
//
// A parameter that weakens wins over one that strengthens, in whatever order they stand. Names are compared as the kernel
// does: `-` and `_` are the same.

interface HardeningRow {
  readonly what: string;
  /** `name` or `name=value`, with values compared item by item where the parameter takes a list. */
  readonly on: readonly string[];
  readonly off: readonly string[];
}

export const hardening = {
  iommu: {
    what: 'DMA of devices is restricted by the IOMMU.',
    on: [
      'intel_iommu=on',
      'amd_iommu=force_enable',
      'amd_iommu=force_isolation',
      'iommu=force',
      'iommu.strict=1',
      'arm-smmu.disable_bypass=1',
    ],
    off: ['intel_iommu=off', 'amd_iommu=off', 'iommu=off', 'iommu=soft'],
  },
  'iommu-strict': {
    what: 'Unmapped DMA is invalidated at once, and the host itself is translated.',
    on: ['iommu.strict=1', 'intel_iommu=strict', 'iommu.passthrough=0', 'iommu=nopt'],
    off: ['iommu.strict=0', 'iommu=pt', 'iommu.passthrough=1'],
  },
  lockdown: {
    what: 'The kernel protects itself from root.',
    on: ['lockdown=integrity', 'lockdown=confidentiality'],
    off: ['lockdown=none'],
  },
  'lockdown-confidentiality': {
    what: 'Root cannot read kernel memory either.',
    on: ['lockdown=confidentiality'],
    off: ['lockdown=none', 'lockdown=integrity'],
  },
  mitigations: {
    what: 'Mitigations of CPU vulnerabilities are not switched off.',
    on: ['mitigations=auto', 'mitigations=auto,nosmt'],
    off: [
      'mitigations=off',
      'nopti',
      'pti=off',
      'nospectre_v1',
      'nospectre_v2',
      'spectre_v2=off',
      'spectre_v2_user=off',
      'spectre_bhi=off',
      'spec_store_bypass_disable=off',
      'nospec_store_bypass_disable',
      'l1tf=off',
      'mds=off',
      'tsx_async_abort=off',
      'kvm.nx_huge_pages=off',
      'kvm.nx_huge_pages=never',
      'mmio_stale_data=off',
      'retbleed=off',
      'srbds=off',
      'gather_data_sampling=off',
      'reg_file_data_sampling=off',
      'spec_rstack_overflow=off',
      'indirect_target_selection=off',
      'vmscape=off',
      'tsa=off',
      'kvm-intel.vmentry_l1d_flush=never',
      'ssbd=force-off',
      'no_stf_barrier',
      'kpti=0',
      'nospectre_bhb',
    ],
  },
  'smt-disabled': {
    what: 'Sibling threads are off, so that guests share no core.',
    on: ['nosmt', 'nosmt=force', 'mitigations=auto,nosmt', 'l1tf=full,force', 'mds=full,nosmt'],
    off: [],
  },
  kaslr: { what: 'The kernel is loaded at a random address.', on: ['kaslr'], off: ['nokaslr'] },
  'module-signatures': {
    what: 'Only signed kernel modules load.',
    on: ['module.sig_enforce', 'module.sig_enforce=1', 'module.sig_enforce=y'],
    off: ['module.sig_enforce=0', 'module.sig_enforce=n'],
  },
  'kexec-disabled': {
    what: 'No other kernel can be started from the running one.',
    on: ['sysctl.kernel.kexec_load_disabled=1', 'kexec_load_disabled=1'],
    off: ['sysctl.kernel.kexec_load_disabled=0', 'crashkernel'],
  },
  'ima-policy': {
    what: 'IMA measures what runs.',
    on: ['ima_policy=tcb', 'ima_policy=critical_data', 'ima_policy=secure_boot', 'ima_policy=appraise_tcb', 'ima_tcb'],
    off: ['ima=off'],
  },
  'ima-hash': {
    what: 'IMA uses SHA-256 or stronger.',
    on: ['ima_hash=sha256', 'ima_hash=sha384', 'ima_hash=sha512'],
    off: ['ima_hash=sha1', 'ima_hash=md5'],
  },
  'ima-appraisal': {
    what: 'IMA refuses files without a valid signature or hash.',
    on: ['ima_appraise=enforce', 'ima_policy=appraise_tcb', 'ima_policy=secure_boot'],
    off: ['ima_appraise=off', 'ima_appraise=log', 'ima_appraise=fix'],
  },
  'mandatory-access-control': {
    what: 'SELinux or AppArmor is not switched off.',
    on: ['selinux=1', 'apparmor=1', 'enforcing=1', 'security=selinux', 'security=apparmor'],
    off: ['selinux=0', 'apparmor=0', 'enforcing=0', 'security=none'],
  },
  'integrity-of-memory': {
    what: 'Heap hardening: fresh and freed memory is cleared, slabs are not merged.',
    on: [
      'init_on_alloc=1',
      'init_on_free=1',
      'slab_nomerge',
      'page_alloc.shuffle=1',
      'randomize_kstack_offset=on',
      'randomize_kstack_offset=1',
    ],
    off: [
      'init_on_alloc=0',
      'init_on_free=0',
      'slab_merge',
      'randomize_kstack_offset=off',
      'randomize_kstack_offset=0',
      'hardened_usercopy=off',
    ],
  },
  'supervisor-protection': {
    what: 'SMEP, SMAP, CET and UMIP are not switched off.',
    on: [],
    off: ['nosmep', 'nosmap', 'ibt=off', 'nousershstk', 'clearcpuid', 'noexec=off', 'noexec32=off'],
  },
  'no-debugger': {
    what: 'No kernel debugger and no debug console waits for input.',
    on: ['debugfs=off', 'debugfs=no-mount'],
    off: [
      'kgdboc',
      'kgdbwait',
      'kdb',
      'sysrq_always_enabled',
      'debugfs=on',
      'earlyprintk=dbgp',
      'gdbstub',
      'slub_debug',
      'no_hash_pointers',
    ],
  },
  'ordinary-start': {
    what: 'The host starts its own init, not a shell or a rescue system.',
    on: [],
    off: [
      'init=/bin/sh',
      'init=/bin/bash',
      'init=/bin/dash',
      'rdinit=/bin/sh',
      'rdinit=/bin/bash',
      'single',
      's',
      '1',
      'emergency',
      'rescue',
      'rd.break',
      'break',
      'systemd.unit=rescue.target',
      'systemd.unit=emergency.target',
      'systemd.debug_shell',
      'systemd.debug-shell',
      'systemd.debug_shell=1',
      'rd.shell',
    ],
  },
  audit: { what: 'The audit system is on.', on: ['audit=1', 'audit=on'], off: ['audit=0', 'audit=off'] },
  'memory-encryption': {
    what: 'Memory of the host is encrypted by the CPU.',
    on: ['mem_encrypt=on'],
    off: ['mem_encrypt=off', 'kvm_amd.sev=0'],
  },
  'no-early-dma': {
    what: 'Bus mastering is off until the IOMMU works.',
    on: ['efi=disable_early_pci_dma'],
    off: ['efi=no_disable_early_pci_dma'],
  },
  vsyscall: {
    what: 'No page of code at a fixed address.',
    on: ['vsyscall=none'],
    off: ['vsyscall=emulate', 'vsyscall=native'],
  },
} as const satisfies Readonly<Record<string, HardeningRow>>;

export type HardeningName = keyof typeof hardening;
