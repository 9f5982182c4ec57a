// How far it is, on stderr while it runs: one line that is rewritten on a terminal, a line now and then elsewhere.
import { createPaper } from '../terminal.ts';
import type { Session } from '../session.ts';
import { arrivals, type ArrivalName } from './arrivals.ts';
import { outcomes, type Tally } from './tally.ts';

export interface Progress {
  say(text: string): void;
  enrolled(of: number): (count: number) => void;
  phase(name: ArrivalName): (tally: Tally) => void;
  /** Ends the line. */
  end(): void;
}

const terminalMs = 200;
const fileMs = 5000;

export function createProgress({ env, stderr }: Session, { quiet }: { readonly quiet: boolean }): Progress {
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
  const nowAndThen = (makeText: () => string): void => {
    if (performance.now() - toldAt < everyMs) return;
    toldAt = performance.now();
    tell(makeText());
  };
  return {
    say: tell,
    enrolled: (of) => (count) => nowAndThen(() => `enrolling: ${count} of ${of} hosts`),
    phase: (name) => {
      tell(`${name}: ${arrivals[name]}`);
      return (tally) =>
        nowAndThen(() => {
          const done = outcomes.reduce((sum, outcome) => sum + tally.outcomes[outcome], 0);
          return `${name}: ${done} verdicts, ${tally.sentAway} times told to come back, ${tally.errors} errors`;
        });
    },
    end: () => {
      if (isOpen) stderr.write('\r\u001b[K');
      isOpen = false;
    },
  };
}
