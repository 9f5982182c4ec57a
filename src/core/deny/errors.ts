// Failures of deny lists.
import type { ErrorTable } from '../error-table.ts';

export const denyErrors = {
  DENY_LIST_INVALID: {
    cause:
      'A deny list is not the document this server knows, or one of its fields is missing, unknown or out of bounds.',
    remedy: 'Correct the field named in the message; docs/deny-lists.md shows a whole list.',
  },
  DENY_LIST_ENVELOPE_TYPE: {
    cause: 'The DSSE envelope carries another payload type than that of deny lists.',
    remedy: 'Sign the list with `touchstone deny sign FILE --key KEY`.',
  },
  DENY_LIST_QUORUM_NOT_REACHED: {
    cause:
      'Fewer distinct authorised signers than the quorum have validly signed the deny list. A signer who is authorised for single layers does not count: a deny list is about all of them.',
    remedy: 'Have further operators sign: `touchstone deny sign FILE --key KEY`.',
  },
} as const satisfies ErrorTable;
