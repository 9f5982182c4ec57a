/** The good kernel command line. IMA measures what root runs and reads, except on file systems that live in memory. */
export const commandLine = ['console=ttyS0,115200', 'ima_policy=tcb', 'ima_hash=sha256'];
/** What hypervisor-strict asks of it besides. */
export const lockedDown = ['lockdown=confidentiality', 'module.sig_enforce=1'];
