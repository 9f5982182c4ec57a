import type { ErrorTable } from '../error-table.ts';

export const eventLogErrors = {} as const satisfies ErrorTable;
