// Hardening of a hypervisor host as its kernel command line sets it, by names that a policy can require.
// [LINUX Documentation/admin-guide/kernel-parameters.txt]
//
// A parameter that weakens wins over one that strengthens, in whatever order they stand. Names are compared as the kernel
// does: `-` and `_` are the same. `hardening-pattern.ts` says how patterns are read. What is `on` must be true of any
// machine that boots with the word; what weakens may be guessed generously.

interface HardeningRow {
  readonly what: string;
  readonly on: readonly string[];
  readonly off: readonly string[];
}

export const hardening = {
  iommu: {
    what: 'DMA of devices is restricted by the IOMMU.',
    on: ['intel_iommu=on', 'amd_iommu=force_enable', 'amd_iommu=force_isolation'],
    off: [
      'intel_iommu=off*',
      'amd_iommu=off*',
      'iommu=off*',
      'iommu=soft*',
      'intremap=off*',
      'intremap=nosid*',
      'arm-smmu.disable_bypass=<no>',
      'vfio.enable_unsafe_noiommu_mode=<yes>',
      'vfio_iommu_type1.allow_unsafe_interrupts=<yes>',
      'pcie_acs_override',
    ],
  },
  'iommu-strict': {
    what: 'Unmapped DMA is invalidated at once, and the host itself is translated.',
    on: ['iommu.strict=<yes>', 'intel_iommu=strict', 'amd_iommu=fullflush'],
    off: ['iommu.strict=<no>', 'iommu=pt*', 'iommu.passthrough=<yes>'],
  },
  lockdown: {
    what: 'The kernel protects itself from root.',
    on: ['lockdown=integrity', 'lockdown=confidentiality'],
    off: ['lockdown=none', 'lsm=<without lockdown>'],
  },
  'lockdown-confidentiality': {
    what: 'Root cannot read kernel memory either.',
    on: ['lockdown=confidentiality'],
    off: ['lockdown=none', 'lockdown=integrity', 'lsm=<without lockdown>'],
  },
  mitigations: {
    what: 'Mitigations of CPU vulnerabilities are not switched off.',
    on: ['mitigations=auto'],
    off: [
      'mitigations=off',
      'mitigations=no_user_kernel',
      'mitigations=no_user_user',
      'mitigations=no_guest_host',
      'mitigations=no_guest_guest',
      'mitigations=no_cross_thread',
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
      'kvm.nx_huge_pages=<no>',
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
      'no_entry_flush',
      'no_uaccess_flush',
      'no_rfi_flush',
      'kpti=<no>',
      'nospectre_bhb',
    ],
  },
  'smt-disabled': {
    what: 'Sibling threads are off, at least where a vulnerability of the CPU needs it, so that guests share no core.',
    on: [
      'nosmt',
      'nosmt=force',
      'mitigations=nosmt',
      'l1tf=full,force',
      'mds=nosmt',
      'tsx_async_abort=nosmt',
      'mmio_stale_data=nosmt',
      'retbleed=nosmt',
    ],
    off: [],
  },
  kaslr: { what: 'The random load address of the kernel is not switched off.', on: [], off: ['nokaslr'] },
  'module-signatures': {
    what: 'Only signed kernel modules load.',
    on: ['module.sig_enforce', 'module.sig_enforce=<yes>'],
    off: ['module.sig_enforce=<no>'],
  },
  'kexec-disabled': {
    what: 'No other kernel can be started from the running one.',
    on: ['sysctl.kernel.kexec_load_disabled=1'],
    off: ['sysctl.kernel.kexec_load_disabled=<no>', 'crashkernel'],
  },
  'ima-policy': {
    what: 'IMA measures what runs.',
    on: ['ima_policy=tcb', 'ima_policy=critical_data', 'ima_policy=secure_boot', 'ima_policy=appraise_tcb', 'ima_tcb'],
    off: ['ima=off'],
  },
  'ima-hash': {
    what: 'IMA uses SHA-256 or stronger.',
    on: ['ima_hash=sha256', 'ima_hash=sha384', 'ima_hash=sha512'],
    off: ['ima_hash=sha1', 'ima_hash=md5', 'ima_hash=rmd160'],
  },
  'ima-appraisal': {
    what: 'IMA refuses files without a valid signature or hash.',
    on: ['ima_appraise=enforce', 'ima_policy=appraise_tcb', 'ima_policy=secure_boot'],
    off: ['ima_appraise=off', 'ima_appraise=log', 'ima_appraise=fix', 'evm=fix'],
  },
  'mandatory-access-control': {
    what: 'SELinux or AppArmor is not switched off.',
    on: ['selinux=1', 'apparmor=1', 'enforcing=1', 'security=selinux', 'security=apparmor'],
    off: [
      'selinux=<no>',
      'apparmor=<no>',
      'enforcing=<no>',
      'security=none',
      'lsm=<without selinux|apparmor|smack|tomoyo>',
    ],
  },
  'integrity-of-memory': {
    what: 'Hardening of kernel memory is not switched off: cleared pages, slabs apart, random stacks, checked copies.',
    on: [],
    off: [
      'init_on_alloc=<no>',
      'init_on_free=<no>',
      'slab_merge',
      'slub_merge',
      'page_alloc.shuffle=<no>',
      'randomize_kstack_offset=<no>',
      'hardened_usercopy=<no>',
      'norandmaps',
      'rodata=off',
    ],
  },
  'supervisor-protection': {
    what: 'SMEP, SMAP, CET and UMIP are not switched off.',
    on: [],
    off: ['nosmep', 'nosmap', 'ibt=off', 'nousershstk', 'clearcpuid', 'noexec=off', 'noexec32=off'],
  },
  'no-debugger': {
    what: 'No kernel debugger and no debug console waits for input, and no kernel address is printed.',
    on: [],
    off: [
      'kgdboc',
      'kgdbwait',
      'kdb',
      'sysrq_always_enabled',
      'debugfs=on',
      'earlyprintk=dbgp',
      'gdbstub',
      'slub_debug',
      'slab_debug',
      'no_hash_pointers',
    ],
  },
  'ordinary-start': {
    what: 'The host starts its own init, not a shell or a rescue system.',
    on: [],
    off: [
      'init=<not /sbin/init|/usr/sbin/init|/lib/systemd/systemd|/usr/lib/systemd/systemd>',
      'rdinit=<not /init|/sbin/init>',
      'single',
      's',
      'S',
      '-s',
      '1',
      '-b',
      'emergency',
      'rescue',
      'rd.break',
      'break',
      'rd.shell=<not 0|no|off>',
      'systemd.unit=<not default.target|multi-user.target|graphical.target>',
      'rd.systemd.unit=<not initrd.target|default.target>',
      'systemd.debug_shell=<not 0|no|off|n|f|false>',
      'rd.systemd.debug_shell=<not 0|no|off|n|f|false>',
      'systemd.run',
    ],
  },
  audit: { what: 'The audit system is on.', on: ['audit=1', 'audit=on'], off: ['audit=0', 'audit=off'] },
  'memory-encryption': {
    what: 'Memory of the host is encrypted by the CPU.',
    on: ['mem_encrypt=on'],
    off: ['mem_encrypt=off', 'kvm_amd.sev=<no>'],
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
