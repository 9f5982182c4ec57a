import type { ErrorTable } from '../error-table.ts';

export const x509Errors = {} as const satisfies ErrorTable;
