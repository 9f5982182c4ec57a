// `touchstone host conflicts`: who claimed a name or a TPM that belongs to another.
import type { Command } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { claimantText } from '../views/actor-text.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';

export function addHostConflictsCommand(host: Command, session: Session): void {
  const command = host
    .command('conflicts')
    .description(
      'List who claimed the name of another host, or came with the TPM of another: clones, mistakes, attacks.',
    )
    .action((options: ServerOptions) => answer(session, options, () => listConflicts(session, options)));
  withExamples(withServer(command), 'touchstone host conflicts', 'touchstone host conflicts --json');
}

async function listConflicts(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listIdentityConflicts', {});
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no identity was ever claimed twice']
        : formatTable(
            paper,
            ['name asked for', 'what was wrong', 'times', 'first', 'last', 'by', 'fingerprint of the TPM'],
            items.map(({ hostName, code, count, firstAt, lastAt, actor, actorName, ekDigest }) => [
              printable(hostName),
              code,
              String(count),
              firstAt.slice(0, 16),
              lastAt.slice(0, 16),
              claimantText(actor, actorName, hostName),
              ekDigest,
            ]),
          ),
  };
}
