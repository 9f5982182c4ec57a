// How far something is, on stderr while it runs: one line that is rewritten on a terminal, a line now and then elsewhere.
import type { CommonOptions, Session } from './session.ts';
import { createPaper } from './terminal.ts';

export interface StatusLine {
  readonly tell: (text: string) => void;
  /** Makes the text only when it is time for one. */
  readonly nowAndThen: (makeText: () => string) => void;
  /** Ends the line. */
  readonly end: () => void;
}

const terminalMs = 200;
const fileMs = 5000;

/** What `work` does, with a line for people, not beside `--json`; the line ends with it, however it ends. */
export async function withStatusLine<Result>(
  session: Session,
  { json }: CommonOptions,
  work: (status: StatusLine) => Promise<Result>,
): Promise<Result> {
  const status = createStatusLine(session, { quiet: json === true });
  try {
    return await work(status);
  } finally {
    status.end();
  }
}

export function createStatusLine(
  { env, stderr }: Pick<Session, 'env' | 'stderr'>,
  { quiet }: { readonly quiet: boolean },
): StatusLine {
  const isTerminal = stderr.isTTY === true;
  const paper = createPaper(stderr, env);
  const everyMs = isTerminal ? terminalMs : fileMs;
  let toldAt = -Infinity;
  let isOpen = false;
  const tell = (text: string): void => {
    if (quiet) return;
    const line = paper.tone('dim', text.slice(0, Math.max(20, paper.columns - 1)));
    stderr.write(isTerminal ? `\r\u001b[K${line}` : `${line}\n`);
    isOpen = isTerminal;
  };
  return {
    tell,
    nowAndThen: (makeText) => {
      if (performance.now() - toldAt < everyMs) return;
      toldAt = performance.now();
      tell(makeText());
    },
    end: () => {
      if (isOpen) stderr.write('\r\u001b[K');
      isOpen = false;
    },
  };
}
