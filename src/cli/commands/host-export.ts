// `touchstone host export`: everything behind the last verdict of a host, for whoever appraises it elsewhere.
import type { Command } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { parseDateOption, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';

interface ExportOptions extends ServerOptions {
  readonly out?: string;
  readonly verdict?: string;
  readonly at?: Date;
}

export function addHostExportCommand(host: Command, session: Session): void {
  const command = host
    .command('export')
    .description(
      'Write one file with everything behind a verdict of a host, the last unless told: evidence, enrolment, what was trusted, ' +
        'the verdict, and what the audit log says of it. ' +
        'A tar archive of plain files, signed by the server, without secrets. `touchstone verify evidence` appraises it anywhere.',
    )
    .argument('<host>', 'host id')
    .option('--verdict <digest>', 'an older verdict, by the beginning of its evidence digest (8 digits or more)')
    .option(
      '--at <time>',
      'an older verdict: the last that was given by then, e.g. 2026-11-25T12:00:00Z',
      parseDateOption,
    )
    .option('--out <file>', 'the new file; HOST.evidence.tar unless told')
    .action((id: string, options: ExportOptions) => answer(session, options, () => exportHost(session, id, options)));
  withExamples(
    withServer(command),
    'touchstone host export hv-17.rack3',
    'touchstone host export hv-17.rack3 --at 2026-11-25T03:00:00Z --out before.tar',
    'touchstone host export hv-17.rack3 --out case-4711.tar && touchstone verify evidence case-4711.tar',
  );
}

async function exportHost(session: Session, hostId: string, options: ExportOptions): Promise<Report> {
  const { verdict, at } = options;
  const file = options.out ?? `${hostId}.evidence.tar`;
  requireAbsent(file);
  const { body } = await connect(session, options).callRaw('exportHost', {
    path: { hostId },
    query: { ...(verdict && { verdict }), ...(at && { at: at.toISOString() }) },
    headers: { accept: 'application/x-tar' },
  });
  writeOutput(file, body);
  return {
    data: { host: hostId, file, bytes: body.length },
    lines: () => [`wrote ${printable(file)} (${body.length} bytes): touchstone verify evidence ${printable(file)}`],
  };
}
