// `touchstone golden list`, `show`, `retire`, `revoke`: the golden measurements of a server.
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { actorText } from '../views/actor-text.ts';
import { describeBroughtBack } from '../views/brought-back-view.ts';
import { gateQuery } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { followLines } from '../follow-lines.ts';
import { readGoldenId } from '../inputs/golden-id.ts';
import { fetchHeldGolden } from '../inputs/held-golden.ts';
import { toJson } from '../json.ts';
import { formatAlike, readAlike } from '../inputs/alike-goldens.ts';
import { tellWhenGoldensFelt } from '../changes/next-attestations.ts';
import { previewChange, requireConsentTo, type PreviewOptions } from '../changes/preview.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';
import { fetchGoldens, formatGoldens, shownState, type ShownState } from './golden-record.ts';
import { formatGolden } from './inspect-golden.ts';

export interface EndOptions extends ServerOptions, PreviewOptions {
  readonly reason: string;
  readonly cve?: string;
}

export interface ListOptions extends ServerOptions {
  readonly state?: ShownState;
}

export async function listGoldens(session: Session, options: ListOptions): Promise<Report> {
  const { state } = options;
  const at = session.now();
  const client = connect(session, options);
  const all = await fetchGoldens(client);
  const items = all.filter((golden) => state === undefined || shownState(golden, at) === state);
  const none =
    state === undefined ? 'no golden measurement: every host is denied until some are active' : `none is ${state}`;
  const alike = await readAlike(client, items);
  return {
    data: { items, alike },
    lines: (paper) =>
      items.length === 0 ? [none] : [...formatGoldens(paper, items, at), ...formatAlike(paper, alike)],
  };
}

export async function showGolden(session: Session, typed: string, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const goldenId = await readGoldenId(client, typed);
  const { golden, statement } = await fetchHeldGolden(client, goldenId);
  const { signatures, quorum, endReason, cve } = golden;
  return {
    data: { golden, statement: toJson(statement) },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['state', shownState(golden, session.now())],
        ['kept back by', golden.keptBack && `rollout ${printable(golden.keptBack.rollout)}, ${golden.keptBack.state}`],
        ['superseded by', golden.supersededBy],
        [
          'approved by',
          `${signatures.map(({ signer }) => printable(signer)).join(', ') || 'nobody'} (${quorum} needed)`,
        ],
        ['ended', endReason && printableAgain(endReason)],
        ['CVE', cve],
        ['ended by', golden.endedBy && actorText(golden.endedBy, golden.endedByName)],
      ]),
      ...formatGolden(paper, { id: golden.id, statement, keyids: signatures.map(({ keyid }) => keyid) }),
      ...describeBroughtBack(paper, golden),
    ],
  };
}

const effects = {
  retire: 'no further boot matches it; verdicts that rest on it hold until their hosts attest again, or run out',
  revoke: 'verdicts that rest on it end now, and their hosts are denied',
} as const;

export async function endGolden(
  session: Session,
  way: 'retire' | 'revoke',
  typed: string,
  options: EndOptions,
): Promise<Report> {
  const client = connect(session, options);
  const id = await readGoldenId(client, typed);
  const { reason, cve } = options;
  const target = { path: { goldenId: id }, query: gateQuery(options) };
  const change = way === 'retire' ? { retire: [id] } : { revoke: [id] };
  const named = { change, effect: effects[way], question: `${way} ${printable(id)}?`, options };
  if (options.dryRun === true) return previewChange(session, client, named);
  await requireConsentTo(session, client, named);
  const answering =
    way === 'retire'
      ? client.callLines('retireGoldenMeasurement', { ...target, body: { reason } })
      : client.callLines('revokeGoldenMeasurement', {
          ...target,
          body: cve === undefined ? { reason } : { reason, cve },
        });
  const before = await client.call('getGoldenMeasurement', { path: { goldenId: id } });
  const golden = await followLines(session, { json: options.json }, answering);
  const shown = (paper: Paper): string[] => formatGoldens(paper, [golden], session.now());
  if (way === 'revoke') {
    const ended = 'verdicts that rested on it have ended: their hosts are denied from now on';
    return { data: { golden }, lines: (paper) => [...shown(paper), ended] };
  }
  const felt = await tellWhenGoldensFelt(client, [before]);
  return { data: { golden, ...felt.data }, lines: (paper) => [...shown(paper), ...felt.lines] };
}
