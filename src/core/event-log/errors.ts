import type { ErrorTable } from '../error-table.ts';

export const eventLogErrors = {
  EVENT_LOG_EMPTY: {
    cause: 'The boot log has no bytes. The kernel exposes none, or the agent could not read it.',
    remedy:
      'Check /sys/kernel/security/tpm0/binary_bios_measurements on the host. With GRUB, boot through EFI (`linuxefi`), so that the kernel receives the log.',
  },
  EVENT_LOG_TOO_LARGE: {
    cause: 'The boot log has more bytes than the server reads.',
    remedy: 'A log of firmware has 30 to 200 KiB. Check that the right file was sent.',
  },
  EVENT_LOG_TOO_MANY_EVENTS: {
    cause: 'The boot log has more records than the server reads.',
    remedy: 'A boot writes some hundred records. Check that the right file was sent.',
  },
  EVENT_LOG_EVENT_TOO_LARGE: {
    cause: 'One record announces more data than any firmware writes (1 MiB).',
    remedy: 'Check that the right file was sent and that it was not cut or joined.',
  },
  EVENT_LOG_TRUNCATED: {
    cause: 'The boot log ends in the middle of a record, or a record announces more bytes than there are.',
    remedy: 'Read the log again, whole. If the firmware ran out of space for it, only a firmware update helps.',
  },
  EVENT_LOG_TRAILING_BYTES: {
    cause: 'Bytes that are no padding follow the record that ends the boot log.',
    remedy: 'Send the log as the kernel exposes it.',
  },
  EVENT_LOG_SPEC_ID_INVALID: {
    cause:
      'The Spec ID record that opens the boot log is malformed: no algorithms, too many, one twice, or bytes left over.',
    remedy: 'Read the log again; if it persists, the firmware is faulty: report it to the vendor.',
  },
  EVENT_LOG_DIGEST_SIZE_WRONG: {
    cause: 'The Spec ID record announces a digest size that is not that of the algorithm.',
    remedy: 'Read the log again; if it persists, the firmware is faulty: report it to the vendor.',
  },
  EVENT_LOG_DIGESTS_INVALID: {
    cause: 'A record has no digest, too many, one algorithm twice, or one that the Spec ID record does not announce.',
    remedy: 'Read the log again; if it persists, the firmware is faulty: report it to the vendor.',
  },
  EVENT_LOG_REGISTER_INVALID: {
    cause: 'A record extends a register that does not exist.',
    remedy: 'Read the log again; if it persists, the firmware is faulty: report it to the vendor.',
  },
  EVENT_LOG_BANK_MISSING: {
    cause: 'The boot log has no complete set of digests in any bank that the quote covers.',
    remedy: 'Quote a bank that the firmware logs, SHA-256 as a rule, and name it in the policy.',
  },
} as const satisfies ErrorTable;
