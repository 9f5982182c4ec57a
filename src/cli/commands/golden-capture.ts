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
  const { gaps } = capture;
  return {
    data: { host: capture.host, statements, gaps },
    lines: (paper) => [
      ...formatTable(paper, ['layer', 'id', 'file'], rows),
      ...(rows.length === 0 ? [nothingNew] : ['', whatNext]),
      ...gaps.map(({ layer, pcr, status }) =>
        paper.tone('warn', `${layer} was left out: ${gapReasons[status]} (PCR ${pcr})`),
      ),
    ],
  };
}

const nothingNew =
  'nothing new: each captured layer matches an active golden measurement already (--all captures them again)';
const whatNext =
  'nothing is trusted yet: read them (`touchstone inspect golden FILE`), then `touchstone golden sign FILE --key KEY`';
const gapReasons = {
  mismatch: 'the log does not lead to the attested value',
  unlogged: 'something was measured that no log tells of',
} as const;
