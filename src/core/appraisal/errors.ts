import type { ErrorTable } from '../error-table.ts';

export const appraisalErrors = {
  APPRAISAL_POLICY_INVALID: {
    cause: 'A policy document has a field that is missing, unknown or out of bounds.',
    remedy: 'Correct the field named in the message.',
  },
} as const satisfies ErrorTable;
