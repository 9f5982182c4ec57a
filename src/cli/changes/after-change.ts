// What a command asks once its change is made. Nothing of it makes a change fail that was made.
import { ApiProblem, ApiUnreachable } from '../../api/index.ts';

/** Undefined where the server cannot say, is of an earlier release, or is gone by now. */
export async function askAfterChange<Answer>(asking: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asking;
  } catch (error) {
    if (error instanceof ApiProblem || error instanceof ApiUnreachable) return undefined;
    throw error;
  }
}
