// A row that cannot be read is its own host's misfortune: questions about others are answered all the same.
import { ServerError } from '../errors.ts';
import type { Soon } from '../soon.ts';

export function isDamage(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'STORAGE_ROW_UNREADABLE';
}

/** What `read` gives; undefined where what is stored of the host is damaged. */
export async function unlessDamaged<T>(read: () => Soon<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}
