// `touchstone break-glass submit`, `list`, `show`, `end`: what operators admit together, as the server has it.
import type { ApiClient, JsonAnswerOf } from '../../api/index.ts';
import { printable, printableAgain } from '../../core/encoding/index.ts';
import { actorText } from '../views/actor-text.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { describeLeft } from '../views/ground-view.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { readId, shortId } from '../inputs/short-id.ts';
import { readBreakGlassFile, wireEnvelope } from '../inputs/signed-file.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

type Details = JsonAnswerOf<'getBreakGlass'>;
type Statement = Details['statement'];

export async function submitBreakGlass(session: Session, file: string, options: ServerOptions): Promise<Report> {
  const envelope = wireEnvelope(readBreakGlassFile(file));
  const details = await connect(session, options).call('submitBreakGlass', { body: { envelope } });
  return { data: { ...details }, lines: (paper) => formatDetails(paper, details, session.now()) };
}

export async function listBreakGlass(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listBreakGlass', {});
  return {
    data: { items },
    lines: (paper) => {
      if (items.length === 0) return ['no break-glass statement was ever submitted'];
      return formatTable(
        paper,
        ['id', 'state', 'hosts', 'until', 'ticket', 'reason'],
        items.map((one) => [
          shortId(one.id),
          formatState(paper, one.state),
          String(one.hosts),
          one.ended?.at ?? one.until,
          printable(one.ticket),
          printable(one.reason),
        ]),
      );
    },
  };
}

export async function showBreakGlass(session: Session, typed: string, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const id = await readStatementId(client, typed);
  const details = await client.call('getBreakGlass', { path: { breakGlassId: id } });
  return { data: { ...details }, lines: (paper) => formatDetails(paper, details, session.now()) };
}

export interface EndOptions extends ServerOptions {
  readonly reason: string;
}

export async function endBreakGlass(
  session: Session,
  typed: string,
  { reason, ...options }: EndOptions,
): Promise<Report> {
  const client = connect(session, options);
  const id = await readStatementId(client, typed);
  const details = await client.call('endBreakGlass', { path: { breakGlassId: id }, body: { reason } });
  return { data: { ...details }, lines: () => [`${id} is ended: its hosts are what their evidence says`] };
}

/** @throws CliError as `readId` */
async function readStatementId(client: ApiClient, typed: string): Promise<string> {
  return readId(typed, {
    what: 'break-glass statement',
    scheme: 'sha256:',
    listing: 'touchstone break-glass list',
    list: async () => (await client.call('listBreakGlass', {})).items.map(({ id }) => id),
  });
}

function formatState(paper: Paper, state: Statement['state']): string {
  return paper.tone(state === 'in-force' ? 'warn' : 'dim', state);
}

function formatDetails(paper: Paper, { statement, covers }: Details, now: Date): string[] {
  const {
    id,
    state,
    issuedAt,
    until,
    status,
    reason,
    ticket,
    excuses,
    signers,
    storedAt,
    storedBy,
    storedByName,
    ended,
  } = statement;
  return [
    ...formatFacts(paper, [
      ['statement', paper.tone('strong', id)],
      ['state', formatState(paper, state)],
      ['from', issuedAt],
      ['until', state === 'in-force' ? `${until} (${describeLeft(until, now)})` : until],
      ['because', `${printable(reason)} (${printable(ticket)})`],
      ['taken for', status],
      ['excuses', excuses.join(', ')],
      ['signed by', signers.map((name) => printable(name)).join(', ') || undefined],
      ['submitted', `${storedAt} by ${actorText(storedBy, storedByName)}`],
      ['ended', ended && `${ended.at} by ${actorText(ended.by, ended.byName)}: ${printableAgain(ended.reason)}`],
    ]),
    '',
    ...formatTable(
      paper,
      ['host', 'covered', 'why not'],
      covers.map(({ host, covered, obstacle }) => [
        printable(host),
        covered && state === 'in-force' ? 'yes' : 'no',
        printable(obstacle ?? (state === 'in-force' ? '-' : `the statement is ${state.replace('-', ' ')}`)),
      ]),
    ),
  ];
}
