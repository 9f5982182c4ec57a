// Failures of IMA lists.
import type { ErrorTable } from '../error-table.ts';

export const imaErrors = {
  IMA_LIST_EMPTY: {
    cause: 'The IMA measurement list has no entries.',
    remedy:
      'Check that the kernel was started with an IMA policy (`ima_policy=tcb`) and that the agent may read the list.',
  },
  IMA_LIST_TRUNCATED: {
    cause: 'The IMA list ends inside an entry, or an entry announces more bytes than follow.',
    remedy: 'Read binary_runtime_measurements again, to its end.',
  },
  IMA_LIST_TRAILING: {
    cause: 'Bytes follow the last complete entry of the IMA list.',
    remedy: 'Send the file as the kernel gives it, with nothing added and nothing cut.',
  },
  IMA_LIST_TOO_LARGE: {
    cause: 'The IMA list has more entries or more bytes than the bound allows.',
    remedy:
      'Let the IMA policy of the host measure less: each file it names stays on the list until the host boots again.',
  },
  IMA_ENTRY_MALFORMED: {
    cause: 'An IMA entry does not have the fields that its template names, or its path holds a NUL.',
    remedy: 'Read the list again; if the kernel uses a template of its own, report its format string.',
  },
  IMA_TEMPLATE_UNKNOWN: {
    cause: 'An IMA entry uses a template this version does not know.',
    remedy:
      'Use ima-ng, ima-sig, ima-modsig, ima-buf, ima-ngv2 or ima-sigv2 (`ima_template=`). A format of your own (`ima_template_fmt=`) has the digest first, the name second, and no field twice.',
  },
  IMA_TEXT_MALFORMED: {
    cause: 'A line of an ASCII IMA list is not `pcr digest template fields`.',
    remedy: 'Send binary_runtime_measurements instead of the ASCII form, or check that the file is an IMA list.',
  },
  IMA_TEMPLATE_DIGEST_MISMATCH: {
    cause:
      'The digest of an entry is not the digest of its own template data: the list was changed after the kernel wrote it.',
    remedy: 'Treat the host as compromised until explained.',
  },
  IMA_PCR_NOT_ATTESTED: {
    cause: 'The quote does not cover PCR 10 (or the PCR that the list extends).',
    remedy: 'Ask for PCR 10 in the challenge: add the layer `runtime` to the policy.',
  },
  IMA_REPLAY_MISMATCH: {
    cause: 'No prefix of the IMA list replays to the attested PCR.',
    remedy: 'Read the list after the quote; when it stays, an entry was removed, changed or never extended.',
  },
  IMA_BOOT_AGGREGATE_MISMATCH: {
    cause: 'The list does not start with a boot_aggregate over the attested firmware PCRs: it belongs to another boot.',
    remedy: 'Read quote and list on the same boot; include PCR 0 to 9 in the selection.',
  },
  IMA_SIGNATURE_MALFORMED: {
    cause: 'An IMA file signature is not a version 2 signature header with its length.',
    remedy: 'Sign files with `evmctl ima_sign`.',
  },
} as const satisfies ErrorTable;
