// Failures of break-glass statements.
import type { ErrorTable } from '../error-table.ts';

export const breakGlassErrors = {
  BREAK_GLASS_INVALID: {
    cause:
      'A break-glass statement is not the document this server knows, one of its fields is missing, unknown or out of bounds, or it would excuse a finding that nobody may excuse.',
    remedy: 'Draft it anew: `touchstone break-glass propose`. docs/break-glass.md shows a whole statement.',
  },
  BREAK_GLASS_ENVELOPE_TYPE: {
    cause: 'The DSSE envelope carries another payload type than that of break-glass statements.',
    remedy: 'Sign the statement with `touchstone break-glass sign FILE --key KEY`.',
  },
  BREAK_GLASS_QUORUM_NOT_REACHED: {
    cause:
      'Fewer distinct authorised signers than the quorum have validly signed the statement. A signer who is authorised for single layers does not count: a statement is about whole hosts.',
    remedy: 'Have further operators sign: `touchstone break-glass sign FILE --key KEY`.',
  },
} as const satisfies ErrorTable;
