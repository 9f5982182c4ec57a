import type { ErrorTable } from '../error-table.ts';

export const appraisalErrors = {} as const satisfies ErrorTable;
