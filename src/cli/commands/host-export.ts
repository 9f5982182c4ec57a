// `touchstone host export`: everything behind the last verdict of a host, for whoever appraises it elsewhere.
import type { Command } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';

interface ExportOptions extends ServerOptions {
  readonly out?: string;
}

export function addHostExportCommand(host: Command, session: Session): void {
  const command = host
    .command('export')
    .description(
      'Write one file with everything behind the last verdict of a host: evidence, enrolment, what was trusted, the verdict. ' +
        'A tar archive of plain files, signed by the server, without secrets. `touchstone verify evidence` appraises it anywhere.',
    )
    .argument('<host>', 'host id')
    .option('--out <file>', 'the new file; HOST.evidence.tar unless told')
    .action((id: string, options: ExportOptions) => answer(session, options, () => exportHost(session, id, options)));
  withExamples(
    withServer(command),
    'touchstone host export hv-17.rack3',
    'touchstone host export hv-17.rack3 --out case-4711.tar && touchstone verify evidence case-4711.tar',
  );
}

async function exportHost(session: Session, hostId: string, options: ExportOptions): Promise<Report> {
  const file = options.out ?? `${hostId}.evidence.tar`;
  requireAbsent(file);
  const { body } = await connect(session, options).callRaw('exportHost', {
    path: { hostId },
    headers: { accept: 'application/x-tar' },
  });
  writeOutput(file, body);
  return {
    data: { host: hostId, file, bytes: body.length },
    lines: () => [`wrote ${printable(file)} (${body.length} bytes): touchstone verify evidence ${printable(file)}`],
  };
}
