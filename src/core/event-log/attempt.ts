// Reading data of which nobody knows whether it has a known form: that it has not is an answer there, and no failure.
import { MalformedError } from '../error.ts';

/** What `read` reads; undefined where the bytes are malformed. */
export function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
