/** The good kernel command line. IMA measures what root runs and reads, except on file systems that live in memory. */
export const commandLine = ['console=ttyS0,115200', 'ima_policy=tcb', 'ima_hash=sha256'];
