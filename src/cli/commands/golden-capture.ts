import { join } from 'node:path';
import type { components } from '../../api/index.ts';
import { decodeBase64, printable } from '../../core/encoding/index.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

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
  const drafts = wanted.map(({ layer, goldenId, isNew, payload, nearest }) => {
    const file = join(options.out, `${layer}.statement.json`);
    return { payload, statement: { layer, id: goldenId, isNew, file, ...(nearest === undefined ? {} : { nearest }) } };
  });
  drafts.forEach(({ statement: { file } }) => requireAbsent(file));
  drafts.forEach(({ statement: { file }, payload }) => writeOutput(file, decodeBase64(payload)));
  const statements = drafts.map(({ statement }) => statement);
  const rows = statements.map(({ layer, id, file }) => [layer, printable(id).slice(0, 23), file]);
  const { gaps } = capture;
  return {
    data: { host: capture.host, statements, gaps },
    lines: (paper) => [
      ...formatTable(paper, ['layer', 'id', 'file'], rows),
      ...statements.flatMap((statement) => describeNovelty(paper, statement)),
      ...(rows.length === 0 ? [nothingNew] : ['', whatNext]),
      ...gaps.map(({ layer, pcr, status }) =>
        paper.tone('warn', `${layer} was left out: ${gapReasons[status]} (PCR ${pcr})`),
      ),
    ],
  };
}

interface Novelty {
  readonly layer: string;
  readonly nearest?: components['schemas']['Nearest'];
}

/** What is new about a layer, against the golden measurement that it is nearest to. */
function describeNovelty(paper: Paper, { layer, nearest }: Novelty): string[] {
  if (nearest === undefined) return [];
  const { goldenId, explanation, expected, observed } = nearest;
  return [
    '',
    `${paper.tone('strong', layer)}: ${printable(explanation)} (against ${goldenId.slice(0, 19)})`,
    ...formatFacts(paper, [
      ['  was', expected && sideText(expected)],
      ['  is', observed && sideText(observed)],
    ]),
  ];
}

function sideText({ description, digest }: components['schemas']['DivergenceSide']): string {
  return `${printable(description)} [${digest.slice(0, 16)}]`;
}

const nothingNew =
  'nothing new: each captured layer matches an active golden measurement already (--all captures them again)';
const whatNext =
  'nothing is trusted yet: read them (`touchstone inspect golden FILE`), then `touchstone golden sign FILE --key KEY`';
const gapReasons = {
  mismatch: 'the log does not lead to the attested value',
  unlogged: 'something was measured that no log tells of',
} as const;
