// Failures of appraisals, and of policies.
import type { ErrorTable } from '../error-table.ts';

export const appraisalErrors = {
  APPRAISAL_POLICY_INVALID: {
    cause: 'A policy document has a field that is missing, unknown, of another type or out of bounds.',
    remedy: 'Correct the field named in the message.',
  },
  APPRAISAL_POLICY_EMPTY: {
    cause: 'A policy document demands no layer; every boot would satisfy it.',
    remedy: 'Name at least one layer: firmware, secure-boot, boot-loader, kernel, kernel-command-line, initrd.',
  },
  APPRAISAL_POLICY_BANK_REFUSED: {
    cause: 'A policy document asks for the SHA-1 bank, in which collisions are practical.',
    remedy: 'Set the bank to sha256 or sha384.',
  },
  APPRAISAL_CONDITION_INVALID: {
    cause: 'A condition of a policy is no CEL, has a type error, reads no fact, or costs more than it may.',
    remedy: 'Correct it as the message says: no regular expressions, no macro inside a macro, facts by their names.',
  },
} as const satisfies ErrorTable;
