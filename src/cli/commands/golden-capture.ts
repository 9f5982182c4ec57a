// `touchstone golden capture`: what a host booted, as statements that nobody has signed yet.
import { join } from 'node:path';
import type { components, JsonAnswerOf } from '../../api/index.ts';
import { decodeBase64, encodeBase64, printable, printableAgain } from '../../core/encoding/index.ts';
import {
  encodeGoldenStatement,
  documentIdOf,
  parseGoldenStatement,
  type AcceptedRevocation,
} from '../../core/golden/index.ts';
import { readAccepted, type AcceptRevokedOptions } from '../inputs/accept-revoked.ts';
import { describeBroughtBack, isRefusedRecurrence, refusedRecurrences } from '../views/brought-back-view.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { cliErrors, misuse } from '../errors.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import { readGoldenIds } from '../inputs/golden-id.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { shortId } from '../inputs/short-id.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface CaptureOptions extends ServerOptions, AcceptRevokedOptions {
  readonly out: string;
  readonly layers?: readonly string[];
  readonly all?: boolean;
}

type Captured = JsonAnswerOf<'createCapture'>['statements'][number];

/** Files are written as the server drafted them: exactly the bytes that operators will sign. What was revoked is not drafted
 * unless `--accept-revoked` says so, in the statement itself. */
export async function captureGoldens(session: Session, host: string, options: CaptureOptions): Promise<Report> {
  const client = connect(session, options);
  const named = readAccepted(options);
  const ids = await readGoldenIds(client, named.map(({ id }) => id)); // prettier-ignore
  const accepted = named.map(({ reason }, index) => ({ id: ids[index] ?? '', reason }));
  const layers = options.layers as RequestBody<'createCapture'>['layers'];
  const capture = await client.call('createCapture', {
    path: { hostId: host },
    body: layers === undefined ? {} : { layers },
  });
  const wanted = capture.statements
    .filter(({ isNew }) => isNew || options.all === true)
    .map((statement) => acceptIn(statement, accepted));
  checkAllUsed(accepted, wanted);
  const revoked = wanted.filter(({ bringsBack }) => isRefusedRecurrence(bringsBack));
  const drafts = wanted.filter((statement) => !revoked.includes(statement)).map((statement) => draftOf(statement, options.out)); // prettier-ignore
  drafts.forEach(({ statement: { file } }) => requireAbsent(file));
  drafts.forEach(({ statement: { file }, payload }) => writeOutput(file, payload));
  const statements = drafts.map(({ statement }) => statement);
  const rows = statements.map(({ layer, id, file }) => [layer, shortId(id), file]);
  const { gaps } = capture;
  const isUnproven = capture.statements.length === 0 && gaps.length > 0;
  const unseen = unseenIn(capture, options.layers);
  return {
    data: {
      host: capture.host,
      statements,
      leftOut: revoked.map(({ layer, bringsBack }) => ({ layer, bringsBack })),
      gaps,
    },
    lines: (paper) => [
      ...formatTable(paper, ['layer', 'id', 'file'], rows),
      ...statements.flatMap((statement) => describeNovelty(paper, statement)),
      ...wanted.flatMap((statement) => describeBroughtBack(paper, statement)),
      ...(capture.statements.length > 0 && wanted.length === 0
        ? [nothingNew]
        : rows.length === 0
          ? []
          : ['', whatNext]),
      ...gaps.map(({ layer, pcr, status }) =>
        paper.tone('warn', `${layer} was left out: ${gapReasons[status]} (PCR ${pcr})`),
      ),
      ...unseen.map((layer) => paper.tone('warn', `${layer} was left out: ${unseenReason(layer)}`)),
    ],
    refusal: isUnproven ? unproven(capture.host) : (refusalOf(revoked) ?? refusalOfUnseen(capture, unseen)),
  };
}

/** Layers that were asked for, and of which the evidence has nothing. */
function unseenIn(
  { statements, gaps }: JsonAnswerOf<'createCapture'>,
  layers: readonly string[] = [],
): readonly string[] {
  const found = new Set<string>([...statements, ...gaps].map(({ layer }) => layer));
  return layers.filter((layer) => !found.has(layer));
}

function unseenReason(layer: string): string {
  if (layer === 'runtime') return 'the latest evidence has no list of files (IMA), or one without a file';
  return 'the latest attested boot measured nothing of it';
}

function refusalOfUnseen({ host }: JsonAnswerOf<'createCapture'>, unseen: readonly string[]): Report['refusal'] {
  if (unseen.length === 0) return undefined;
  const message = `not drafted, because the evidence of ${printable(host)} has nothing of it: ${unseen.map((layer) => printable(layer)).join(', ')}`;
  return { code: 'CLI_LAYER_UNSEEN', message, remedy: cliErrors.CLI_LAYER_UNSEEN.remedy };
}

/** The statement with the acceptance in it, where the capture brings back one of those that are accepted. */
function acceptIn(captured: Captured, accepted: readonly AcceptedRevocation[]): Captured {
  const refused = refusedRecurrences(captured.bringsBack);
  const meant = accepted.filter(({ id }) => refused.includes(id));
  if (meant.length === 0) return captured;
  const statement = { ...parseGoldenStatement(decodeBase64(captured.payload)), acceptsRevoked: meant };
  const payload = encodeGoldenStatement(statement);
  const bringsBack = captured.bringsBack?.map((each) => {
    const because = meant.find(({ id }) => id === each.golden.id)?.reason;
    return because === undefined ? each : { ...each, acceptedBecause: because };
  });
  return {
    ...captured,
    goldenId: documentIdOf(payload),
    payload: encodeBase64(payload),
    ...(bringsBack === undefined ? {} : { bringsBack }),
  };
}

/** @throws CliError CLI_USAGE_INVALID where the capture brings back nothing of one that was named */
function checkAllUsed(accepted: readonly AcceptedRevocation[], wanted: readonly Captured[]): void {
  const back = wanted.flatMap(({ bringsBack = [] }) => bringsBack.map(({ golden }) => golden.id));
  const unused = accepted.find(({ id }) => !back.includes(id));
  if (unused === undefined) return;
  throw misuse(`--accept-revoked: this boot brings back nothing of ${printable(unused.id)}`);
}

function draftOf({ layer, goldenId, isNew, payload, nearest, bringsBack }: Captured, folder: string) {
  const file = join(folder, `${layer}.statement.json`);
  const more = { ...(nearest === undefined ? {} : { nearest }), ...(bringsBack === undefined ? {} : { bringsBack }) };
  return { payload: decodeBase64(payload), statement: { layer, id: goldenId, isNew, file, ...more } };
}

/** Not even what is known already is among it. */
function unproven(host: string): Report['refusal'] {
  const message = `nothing was captured: of no layer the log of ${printable(host)} leads to what its TPM attested`;
  return { code: 'CLI_CAPTURE_UNPROVEN', message, remedy: cliErrors.CLI_CAPTURE_UNPROVEN.remedy };
}

function refusalOf(revoked: readonly Captured[]): Report['refusal'] {
  if (revoked.length === 0) return undefined;
  const layers = revoked.map(({ layer }) => layer).join(', ');
  const message = `not drafted, because this boot of it was revoked: ${layers}`;
  return { code: 'CLI_GOLDEN_REVOKED', message, remedy: cliErrors.CLI_GOLDEN_REVOKED.remedy };
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
    `${paper.tone('strong', layer)}: ${printable(explanation)} (against ${shortId(goldenId)})`,
    ...formatFacts(paper, [
      ['  was', expected && sideText(expected)],
      ['  is', observed && sideText(observed)],
    ]),
  ];
}

function sideText({ description, digest }: components['schemas']['DivergenceSide']): string {
  return `${printableAgain(description)} [${digest.slice(0, 16)}]`;
}

const nothingNew =
  'nothing new: each captured layer matches an active golden measurement already (--all captures them again)';
const whatNext =
  'nothing is trusted yet: read them (`touchstone inspect golden FILE`), then `touchstone golden sign FILE --key KEY`';
const gapReasons = {
  mismatch: 'the log does not lead to the attested value',
  unlogged: 'something was measured that no log tells of',
} as const;
