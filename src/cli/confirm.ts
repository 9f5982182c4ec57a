// Asking the person at the terminal. Without one there is nobody to ask: the caller decides what that means.
import { createInterface } from 'node:readline/promises';
import process from 'node:process';
import type { Session } from './session.ts';

/** Asks on stderr and reads stdin; anything but y or yes is no. */
export async function confirm(session: Session, question: string): Promise<boolean> {
  session.stderr.write(`${question} [y/N] `);
  const lines = createInterface({ input: process.stdin, terminal: false });
  try {
    const answer = await new Promise<string>((resolve) => {
      lines.once('line', resolve);
      lines.once('close', () => resolve(''));
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
  }
}
