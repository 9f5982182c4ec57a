import type { ErrorTable } from '../error-table.ts';

export const imaErrors = {} as const satisfies ErrorTable;
