// One thing that the doctor looked at, and the ways to say how it was.
import { AttestationError } from '../../core/error.ts';
import { ServerError, serverErrors } from '../errors.ts';

export interface Check {
  readonly name: string;
  readonly ok: boolean;
  /** How bad it is when it is not ok. */
  readonly severity: 'error' | 'warning' | 'info';
  readonly message: string;
  readonly remedy: string;
}

/** A check that passes where `run` throws nothing. */
export async function attempt(name: string, message: string, run: () => unknown): Promise<Check> {
  try {
    await run();
    return passed(name, message);
  } catch (error) {
    return failure(name, error);
  }
}

export function passed(name: string, message: string): Check {
  return { name, ok: true, severity: 'error', message, remedy: '' };
}

/** What was refused, with its remedy. Anything without a code is a defect, and thrown on. */
export function failure(name: string, error: unknown): Check {
  if (!(error instanceof ServerError || error instanceof AttestationError)) throw error;
  const remedy = error instanceof ServerError ? serverErrors[error.code].remedy : 'Restore the file.';
  return { name, ok: false, severity: 'error', message: `${error.code}: ${error.message}`, remedy };
}
