// `touchstone lockout`: what is held because too many hosts lost trust at once, and its end.
import { counted } from '../../core/encoding/index.ts';
import type { Command } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';

type Lockout = JsonAnswerOf<'getLockout'>;

export function addLockoutCommands(program: Command, session: Session): void {
  const lockout = program
    .command('lockout')
    .description('protection against the loss of trust in a whole fleet at once');
  withExamples(
    withServer(
      lockout
        .command('show')
        .description('Show what begins a hold, and the one that there is.')
        .action((options: ServerOptions) => answer(session, options, () => show(session, options))),
    ),
    'touchstone lockout show',
  );
  withExamples(
    withServer(
      lockout
        .command('end')
        .description('End the hold at once: hosts are what their evidence says. Permits the next one.')
        .requiredOption('--reason <text>', 'why: it is kept in the audit log')
        .action((options: ServerOptions & { readonly reason: string }) =>
          answer(session, options, () => end(session, options)),
        ),
    ),
    'touchstone lockout end --reason "golden measurements are back, ticket 4711"',
  );
}

async function show(session: Session, options: ServerOptions): Promise<Report> {
  const lockout = await connect(session, options).call('getLockout', {});
  return { data: { lockout }, lines: (paper) => formatLockout(paper, lockout) };
}

async function end(
  session: Session,
  { reason, ...options }: ServerOptions & { readonly reason: string },
): Promise<Report> {
  const lockout = await connect(session, options).call('endLockout', { body: { reason } });
  return { data: { lockout }, lines: () => ['nothing is held any more'] };
}

function formatLockout(
  paper: Paper,
  { on, sharePercent, windowSeconds, holdSeconds, leastHosts, hold }: Lockout,
): string[] {
  const begins = `more than ${sharePercent} % of the hosts, and ${leastHosts} at least, within ${windowSeconds} s`;
  return formatFacts(paper, [
    ['protection', on ? 'on' : 'off'],
    ['begins with', on ? begins : undefined],
    ['lasts', on ? `${holdSeconds} s at most` : undefined],
    [
      'hold',
      hold && `${hold.id}, ${hold.inForce ? paper.tone('warn', 'in force') : 'over, and not ended by an operator'}`,
    ],
    ['from', hold && `${hold.since} to ${hold.until}`],
    ['because', hold && `${hold.flipped} of ${counted(hold.fleet, 'host')} had lost trust when it began`],
  ]);
}
