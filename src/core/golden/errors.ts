import type { ErrorTable } from '../error-table.ts';

export const goldenErrors = {} as const satisfies ErrorTable;
