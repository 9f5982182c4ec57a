import type { ErrorTable } from '../error-table.ts';

export const tpmErrors = {} as const satisfies ErrorTable;
