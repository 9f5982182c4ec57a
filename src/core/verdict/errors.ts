import type { ErrorTable } from '../error-table.ts';

export const verdictErrors = {} as const satisfies ErrorTable;
