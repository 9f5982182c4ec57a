import type { ErrorTable } from '../error-table.ts';

export const eventLogErrors = {
  EVENT_LOG_EMPTY: {
    cause: 'The boot log has no bytes. The kernel exposes none, or the agent could not read it.',
    remedy:
      'Check /sys/kernel/security/tpm0/binary_bios_measurements on the host. With GRUB, boot through EFI (`linuxefi`), so that the kernel receives the log.',
  },
  EVENT_LOG_BANK_MISSING: {
    cause: 'The log has no complete set of digests in the bank that is asked for.',
    remedy: 'Quote a bank that the firmware logs, SHA-256 as a rule, and name it in the policy.',
  },
} as const satisfies ErrorTable;
