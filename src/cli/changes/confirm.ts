// Consent: what changes whom the server trusts is never done on nobody's word. A person at the terminal says yes, or the command
// line says --yes; without both nothing is done, and the exit status says that the command was not complete.
import { createInterface } from 'node:readline/promises';
import { CliError } from '../errors.ts';
import type { Session } from '../session.ts';

export interface ConsentOptions {
  readonly yes?: boolean;
}

/** Shows `lines` and asks `question` on stderr; anything but y or yes is no. Lines that have to be fetched are, where somebody reads them.
 * @throws CliError CLI_CONSENT_MISSING */
export async function requireConsent(
  session: Session,
  { yes }: ConsentOptions,
  {
    lines,
    question,
  }: { readonly lines: readonly string[] | (() => Promise<readonly string[]>); readonly question: string },
): Promise<void> {
  if (yes === true) return;
  if (!isAttended(session)) {
    const message = `nobody can be asked (${question}): this is no terminal, and --yes was not given`;
    throw new CliError('CLI_CONSENT_MISSING', message, { misuse: true });
  }
  const shown = typeof lines === 'function' ? await lines() : lines;
  session.stderr.write(`${[...shown, question].join('\n')} [y/N] `);
  if (/^y(es)?$/i.test((await readLine(session)).trim())) return;
  throw new CliError('CLI_CONSENT_MISSING', `the answer was no (${question}): nothing was done`, { misuse: true });
}

/** The same of what can be taken back: where nobody can be asked it is done. [decision 52]
 * @throws CliError CLI_CONSENT_MISSING */
export async function askAtTerminal(
  session: Session,
  options: ConsentOptions,
  asked: Parameters<typeof requireConsent>[2],
): Promise<void> {
  if (isAttended(session)) await requireConsent(session, options, asked);
}

/** Somebody sits there who can be asked. */
export function isAttended({ stdin, stderr }: Session): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/** One line of stdin; empty where it ends before one. */
async function readLine({ stdin }: Session): Promise<string> {
  const reader = createInterface({ input: stdin, terminal: false });
  try {
    return await new Promise<string>((resolve) => {
      reader.once('line', resolve);
      reader.once('close', () => resolve(''));
    });
  } finally {
    reader.close();
  }
}
