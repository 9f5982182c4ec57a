// Failures of boot logs.
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
  EVENT_LOG_CEL_INVALID: {
    cause:
      'A canonical event log (JSON, CBOR or TLV) has a record without register, digests or content, or with impossible ones.',
    remedy: 'Write the log again, or send the log of the firmware as the kernel exposes it.',
  },
  EVENT_LOG_REGISTER_INVALID: {
    cause: 'A record extends a register that does not exist.',
    remedy: 'Read the log again; if it persists, the firmware is faulty: report it to the vendor.',
  },
  EVENT_LOG_BANK_MISSING: {
    cause: 'The boot log has no complete set of digests in any bank that the quote covers.',
    remedy: 'Quote a bank that the firmware logs, SHA-256 as a rule, and name it in the policy.',
  },
  EVENT_LOG_BANKS_DIFFER: {
    cause: 'Two boot logs were compared, and each was read in another PCR bank.',
    remedy: 'Read both in the same bank (`--bank`).',
  },
  EVENT_LOG_NO_MEASUREMENTS: {
    cause:
      'Every record of the boot log is informative (EV_NO_ACTION): none extends a register, so there is nothing to verify.',
    remedy: 'Check that the firmware measures (TPM enabled, PCR bank active) and that the whole log was read.',
  },
  EVENT_LOG_REGISTERS_FOREIGN: {
    cause:
      'The boot log is of the measurement registers of a confidential guest (CCEL), and PCR values were sent with it.',
    remedy: 'Send the log of the TPM; the log of a confidential guest belongs to its hardware report.',
  },
  EVENT_LOG_USERSPACE_EMPTY: {
    cause: 'The userspace measurement log has no bytes.',
    remedy: 'Check /run/log/systemd/tpm2-measure.log on the host; send no userspace log where there is none.',
  },
  EVENT_LOG_USERSPACE_TOO_LARGE: {
    cause: 'The userspace measurement log has more bytes or records than the server reads, or a record is too long.',
    remedy: 'A boot writes some dozen records of some hundred bytes. Check that the right file was sent.',
  },
  EVENT_LOG_USERSPACE_TRUNCATED: {
    cause: 'The userspace measurement log ends in the middle of a record.',
    remedy: 'Read the log again, whole, under a shared lock (flock) as systemd takes it.',
  },
  EVENT_LOG_USERSPACE_INVALID: {
    cause: 'A record of the userspace measurement log is not as systemd writes it.',
    remedy: 'Send /run/log/systemd/tpm2-measure.log as it stands; find out which other program writes to it.',
  },
  EVENT_LOG_VARIABLE_INVALID: {
    cause: 'Event data that should be a UEFI variable is malformed. The event is shown as bytes and proves no fact.',
    remedy: 'Report the firmware to its vendor; match the layer by digests.',
  },
  EVENT_LOG_REVOCATION_LIST_INVALID: {
    cause:
      'A list of revoked images is neither text, nor JSON, nor signature lists, or it revokes no image by its SHA-256.',
    remedy:
      'Name a file with one SHA-256 a line, DBXUpdate.bin, or the JSON that Microsoft publishes. See docs/policy.md.',
  },
  EVENT_LOG_SIGNATURE_LIST_INVALID: {
    cause:
      'A Secure Boot database (PK, KEK, db, dbx) is not a sequence of well-formed signature lists. It is treated as unknown.',
    remedy: 'Write the variable anew; match the layer by digests.',
  },
  EVENT_LOG_DEVICE_PATH_INVALID: {
    cause: 'A device path is malformed. It is not shown; nothing rests on it.',
    remedy: 'None needed. Report the firmware to its vendor.',
  },
  EVENT_LOG_LOAD_OPTION_INVALID: {
    cause: 'A boot option (Boot####) is malformed. It is not shown.',
    remedy: 'Write the boot option anew.',
  },
  EVENT_LOG_GPT_INVALID: {
    cause: 'Event data that should be a partition table is malformed. It is shown as bytes.',
    remedy: 'None needed. Report the firmware to its vendor.',
  },
  EVENT_LOG_SIPA_INVALID: {
    cause: 'Measurements of Windows are malformed or nested too deep. They are shown as bytes.',
    remedy: 'None needed on hypervisor hosts.',
  },
  EVENT_LOG_DATA_INVALID: {
    cause: 'Event data does not have the shape of its type. It is shown as bytes.',
    remedy: 'None needed. Report the firmware to its vendor.',
  },
} as const satisfies ErrorTable;
