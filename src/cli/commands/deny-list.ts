// `touchstone deny import`, `list`, `show`, `remove`: the deny lists of a server.
import { readAllPages, type JsonAnswerOf } from '../../api/index.ts';
import { counted, encodeBase64, printable, printableAgain } from '../../core/encoding/index.ts';
import { actorText } from '../views/actor-text.ts';
import { gateQuery } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { followLines } from '../follow-lines.ts';
import { notFelt, tellWhenFelt } from '../changes/next-attestations.ts';
import { sendOneByOne } from '../changes/one-by-one.ts';
import { askAtTerminal, isAttended, type ConsentOptions } from '../changes/confirm.ts';
import { askAboutChange, previewChange, type PreviewOptions } from '../changes/preview.ts';
import { refuseNeverSigned, refuseUnfit } from '../changes/refuse-unfit-list.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { readDenyFile, wireEnvelope } from '../inputs/signed-file.ts';
import { formatFacts, formatTable } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface RemoveOptions extends ServerOptions, ConsentOptions {
  readonly reason: string;
}

export interface ImportOptions extends ServerOptions, PreviewOptions {}

type List = JsonAnswerOf<'importDenyList'>;

/** One after another: where one is refused, the report says which are in force already. */
export async function importLists(session: Session, files: readonly string[], options: ImportOptions): Promise<Report> {
  const client = connect(session, options);
  const lists = files.map((file) => ({ name: file, ...readDenyFile(file) }));
  refuseNeverSigned(lists);
  // Of what is only shown or asked about; where it is sent, the server says it of each.
  if (options.dryRun === true || (options.yes !== true && isAttended(session))) await refuseUnfit(client, lists);
  const named = {
    change: { deny: lists.map(({ payload }) => encodeBase64(payload)) },
    effect: 'verdicts of hosts that are denied by it end at once',
    question: `put ${lists.length === 1 ? 'this deny list' : `these ${lists.length} deny lists`} into force?`,
    options,
  };
  if (options.dryRun === true) return previewChange(session, client, named);
  await askAboutChange(session, client, named);
  const query = gateQuery(options);
  const { refusal, ...sent } = await sendOneByOne(lists, (list) => {
    const body = { envelope: wireEnvelope(list) };
    const show = { json: options.json, name: lists.length === 1 ? undefined : list.name };
    return followLines(session, show, client.callLines('importDenyList', { query, body }));
  });
  const felt = sent.items.length === 0 ? notFelt : await tellWhenFelt(client);
  return {
    data: { ...sent, ...felt.data },
    lines: () => [...formatImported(sent.items), ...felt.lines],
    refusal,
  };
}

function formatImported(items: readonly List[]): string[] {
  return items.map(({ name, version, entries, hosts = 0 }) => {
    const ended = hosts === 1 ? 'the verdict of 1 host is void now' : `the verdicts of ${hosts} hosts are void now`;
    return `${name} version ${version} is in force: ${counted(entries, 'entry', 'entries')}; ${hosts === 0 ? 'no verdict ended' : ended}`;
  });
}

export async function listLists(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listDenyLists', {});
  return {
    data: { items },
    lines: (paper) => (items.length === 0 ? ['nothing is denied'] : formatLists(paper, items)),
  };
}

function formatLists(paper: Paper, items: readonly List[]): string[] {
  return formatTable(
    paper,
    ['name', 'version', 'state', 'entries', 'issued', 'next issue'],
    items.map(({ name, version, state, entries, issuedAt, nextIssue, overdue }) => [
      name,
      String(version),
      paper.tone(state === 'in-force' ? 'good' : 'dim', state),
      String(entries),
      issuedAt.slice(0, 10),
      overdue ? paper.tone('warn', `${nextIssue?.slice(0, 10) ?? ''} (overdue)`) : (nextIssue?.slice(0, 10) ?? '-'),
    ]),
  );
}

export async function showList(session: Session, name: string, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const path = { denyListName: name };
  const entries = await readAllPages((query) => client.call('getDenyList', { path, query }));
  const { list } = await client.call('getDenyList', { path, query: { limit: 1 } });
  return {
    data: { list, entries },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['list', paper.tone('strong', list.name)],
        ['version', String(list.version)],
        ['digest', list.digest],
        ['state', list.state],
        ['issued', list.issuedAt],
        ['next issue', list.nextIssue && `${list.nextIssue}${list.overdue ? ' (overdue: it goes on denying)' : ''}`],
        ['imported', `${list.storedAt} by ${actorText(list.storedBy, list.storedByName)}`],
        [
          'removed',
          list.removed &&
            `${list.removed.at} by ${actorText(list.removed.by, list.removed.byName)}: ${printableAgain(list.removed.reason)}`,
        ],
      ]),
      '',
      ...formatTable(
        paper,
        ['entry', 'denies', 'what', 'cves', 'reason'],
        entries.map(({ id, kind, what, cves, reason }) => [
          id,
          kind,
          printable(what),
          cves.join(' ') || '-',
          printable(reason),
        ]),
      ),
    ],
  };
}

export async function removeList(session: Session, name: string, options: RemoveOptions): Promise<Report> {
  const { reason } = options;
  const client = connect(session, options);
  await askAtTerminal(session, options, {
    lines: ['what it denied is denied no more; hosts are trusted again by their next attestation'],
    question: `remove the deny list ${printable(name)}?`,
  });
  const list = await client.call('removeDenyList', { path: { denyListName: name }, body: { reason } });
  const felt = await tellWhenFelt(client);
  return {
    data: { list, ...felt.data },
    lines: () => [`${name} denies nothing any more`, ...felt.lines],
  };
}
