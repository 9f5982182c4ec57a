import { join } from 'node:path';
import { decodeBase64, printable } from '../../core/encoding/index.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { formatTable } from '../table.ts';

export interface CaptureOptions extends ServerOptions {
  readonly out: string;
  readonly layers?: readonly string[];
  readonly all?: boolean;
}

/** Files are written as the server drafted them: exactly the bytes that operators will sign. */
export async function captureGoldens(session: Session, host: string, options: CaptureOptions): Promise<Report> {
  const layers = options.layers as RequestBody<'createCapture'>['layers'];
  const capture = await connect(session, options).call('createCapture', {
    path: { hostId: host },
    body: layers === undefined ? {} : { layers },
  });
  const wanted = capture.statements.filter(({ isNew }) => isNew || options.all === true);
  const statements = wanted.map(({ layer, goldenId, isNew, payload }) => {
    const file = join(options.out, `${layer}.statement.json`);
    writeOutput(file, decodeBase64(payload));
    return { layer, id: goldenId, isNew, file };
  });
  const rows = statements.map(({ layer, id, file }) => [layer, printable(id).slice(0, 23), file]);
  return {
    data: { host: capture.host, statements },
    lines: (paper) =>
      rows.length === 0
        ? ['every layer of this host matches an active golden measurement already (--all captures them again)']
        : [
            ...formatTable(paper, ['layer', 'id', 'file'], rows),
            '',
            'nothing is trusted yet: read them (`touchstone inspect golden FILE`), then `touchstone golden sign FILE --key KEY`',
          ],
  };
}
