// Failures of golden measurements.
import type { ErrorTable } from '../error-table.ts';

export const goldenErrors = {
  GOLDEN_STATEMENT_INVALID: {
    cause:
      'A golden measurement is not an in-toto statement of the predicate this server knows, or one of its fields is missing, unknown or out of bounds.',
    remedy: 'Correct the field named in the message; `touchstone inspect golden FILE` shows what was read.',
  },
  GOLDEN_STATEMENT_EMPTY: {
    cause: 'A golden measurement expects nothing: it lists no event and no PCR value, so every host would satisfy it.',
    remedy: 'Capture or predict the layer again; a golden measurement has at least one expectation.',
  },
  GOLDEN_PCR_REFUSED: {
    cause:
      'A golden measurement expects something of PCR 16 or 23, which any program on the host can reset and extend again, or of a PCR its layer cannot be measured into.',
    remedy: 'Remove that PCR from the statement.',
  },
  GOLDEN_PCR_TWICE: {
    cause:
      'A golden measurement says two different things about one PCR: an exact value twice, or an exact value and events.',
    remedy: 'Keep one expectation for each PCR.',
  },
  GOLDEN_IMA_MISPLACED: {
    cause: 'A golden measurement lists files (`ima`) for a layer of the boot; only the layer `runtime` is measured so.',
    remedy: 'List files in a statement about the layer `runtime`, and boot events in one about a layer of the boot.',
  },
  GOLDEN_ENVELOPE_TYPE: {
    cause: 'The DSSE envelope carries another payload type than application/vnd.in-toto+json.',
    remedy: 'Sign the in-toto statement under its own payload type.',
  },
  GOLDEN_QUORUM_INVALID: {
    cause: 'The required number of signers is not a whole number of at least one.',
    remedy: 'Set the quorum to 1 or more; production uses 2.',
  },
  GOLDEN_SIGNERS_EMPTY: {
    cause: 'No authorised signer is configured, so no signature can count.',
    remedy: 'Authorise the operators who may sign: `touchstone signer add NAME FILE`.',
  },
  GOLDEN_QUORUM_NOT_REACHED: {
    cause:
      'Fewer distinct authorised signers than the quorum have validly signed. Unknown keys, a second signature by one key, a second key of one operator, and signers not authorised for the layer do not count.',
    remedy: 'Have further operators sign: `touchstone golden sign FILE --key FILE`.',
  },
  GOLDEN_NOT_YET_VALID: {
    cause: 'The golden measurement starts to hold at a later time.',
    remedy: 'Wait for its start, or issue it again with an earlier one.',
  },
  GOLDEN_EXPIRED: {
    cause: 'The golden measurement held until an earlier time.',
    remedy: 'Sign a statement with a later end, or supersede it with a new measurement.',
  },
} as const satisfies ErrorTable;
