// How far a simulation is, on stderr while it runs.
import { counted, printable } from '../../core/encoding/index.ts';
import type { Session } from '../session.ts';
import { createStatusLine } from '../status-line.ts';
import { arrivals, type ArrivalName } from './arrivals.ts';
import { outcomes, type Tally } from './tally.ts';

export interface Progress {
  say(text: string): void;
  enrolled(of: number): (count: number) => void;
  phase(name: ArrivalName): (tally: Tally) => void;
  retired: (done: number, of: number, host: string) => void;
  /** Ends the line. */
  end(): void;
}

export function createProgress(session: Session, { quiet }: { readonly quiet: boolean }): Progress {
  const { tell, nowAndThen, end } = createStatusLine(session, { quiet });
  return {
    say: tell,
    enrolled: (of) => (count) => nowAndThen(() => `enrolling: ${count} of ${counted(of, 'host')}`),
    retired: (done, of, host) => nowAndThen(() => `retiring: ${done} of ${counted(of, 'host')} (${printable(host)})`),
    phase: (name) => {
      tell(`${name}: ${arrivals[name]}`);
      return (tally) =>
        nowAndThen(() => {
          const done = outcomes.reduce((sum, outcome) => sum + tally.outcomes[outcome], 0);
          return `${name}: ${counted(done, 'verdict')}, ${counted(tally.sentAway, 'time')} told to come back, ${counted(tally.errors, 'error')}`;
        });
    },
    end,
  };
}
