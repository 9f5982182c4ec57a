// `touchstone crl import`: several lists go to the server together, so that it looks at the fleet once; each is taken or refused by itself.
import { ApiProblem, ApiUnreachable, type ApiClient, type components } from '../../api/index.ts';
import { counted, encodePem, printable } from '../../core/encoding/index.ts';
import { parseCrl } from '../../core/x509/index.ts';
import { isAttended, requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { misuse } from '../errors.ts';
import { readInput } from '../files.ts';
import { followLines } from '../follow-lines.ts';
import { toRefusal } from '../refusal.ts';
import type { Refusal, Report } from '../report.ts';
import type { Session } from '../session.ts';
import { createPaper, type Paper } from '../terminal.ts';
import { formatRevocationPreview, type RevocationPreview } from '../views/revocation-view.ts';
import { readCertificates } from './inspect-certificate.ts';

type Schemas = components['schemas'];

export interface ImportOptions extends ServerOptions, ConsentOptions {
  readonly issuer: string;
  readonly url?: string;
  readonly dryRun?: boolean;
}

interface NamedList {
  /** The file. */
  readonly name: string;
  readonly list: RequestBody<'importRevocationLists'>['lists'][number];
}

interface RefusedList extends Refusal {
  readonly name: string;
}

interface GivenLists {
  readonly lists: readonly NamedList[];
  /** Files that are no lists. */
  readonly refused: readonly RefusedList[];
}

/** What was answered for each list, by what it was sent for. */
interface Answers<Answer> {
  readonly items: readonly Answer[];
  readonly refused: readonly RefusedList[];
}

/** One of both. */
interface PerList<Answer> {
  readonly answer?: Answer | undefined;
  readonly problem?: Schemas['Problem'] | undefined;
}

type Send<Answer> = (lists: NamedList['list'][]) => Promise<readonly PerList<Answer>[]>;

interface Importing {
  readonly options: ImportOptions;
  readonly formatTaken: (paper: Paper, lists: readonly Schemas['RevocationList'][]) => string[];
}

export async function importLists(
  session: Session,
  files: readonly string[],
  { options, formatTaken }: Importing,
): Promise<Report> {
  if (options.url !== undefined && files.length > 1)
    throw misuse('--url is where the next list of one issuer is: give it with one file');
  const client = connect(session, options);
  const issuers = readCertificates(readInput(options.issuer))
    .map(({ der }) => encodePem('CERTIFICATE', der))
    .join('');
  const given = readLists(files, options.url);
  const asked = { session, client, options, issuers, given };
  if (options.dryRun === true) return previewLists(asked);
  await requireConsentToLists(asked);
  const answers = await sendTogether(given, async (lists) => {
    const lines = client.callLines('importRevocationLists', { body: { lists, issuers } });
    const { items } = await followLines(session, { json: options.json }, lines);
    return items.map(({ list, problem }) => ({ answer: list, problem }));
  });
  const { items } = answers;
  return reportOf({ ...answers }, 'taken', (paper) => (items.length === 0 ? [] : formatTaken(paper, items)));
}

interface Asked {
  readonly session: Session;
  readonly client: ApiClient;
  readonly options: ImportOptions;
  readonly issuers: string;
  readonly given: GivenLists;
}

/** @throws what is wrong with the file, where there is one alone */
function readLists(files: readonly string[], url: string | undefined): GivenLists {
  const lists: NamedList[] = [];
  const refused: RefusedList[] = [];
  for (const name of files) {
    try {
      const list = encodePem('X509 CRL', parseCrl(readInput(name)).der);
      lists.push({ name, list: url === undefined ? { list } : { list, url } });
    } catch (cause) {
      if (files.length === 1) throw cause;
      refused.push({ name, ...toRefusal(cause).refusal });
    }
  }
  return { lists, refused };
}

async function previewLists(asked: Asked): Promise<Report> {
  const { items, refused } = await askPreviews(asked);
  return reportOf({ done: false, items, refused }, 'fit to be taken', (paper) => [
    ...items.flatMap((one) => formatRevocationPreview(paper, one)),
    'nothing was changed',
  ]);
}

/** Where nobody can be asked the lists are taken: what a maker revoked is not believed any longer for want of an answer.
 * @throws CliError CLI_CONSENT_MISSING; what the server says of the one list */
async function requireConsentToLists(asked: Asked): Promise<void> {
  const { session, options } = asked;
  if (options.yes === true || !isAttended(session)) return;
  const { items, refused } = await askPreviews(asked);
  if (items.every(({ hosts }) => hosts === 0)) return;
  const paper = createPaper(session.stderr, session.env);
  const lines = [...items.flatMap((one) => formatRevocationPreview(paper, one)), ...formatRefused(paper, refused)];
  await requireConsent(session, options, { lines, question: `import ${counted(items.length, 'revocation list')}?` });
}

function askPreviews({ session, client, options, issuers, given }: Asked): Promise<Answers<RevocationPreview>> {
  return sendTogether(given, async (lists) => {
    const lines = client.callLines('previewRevocationLists', { body: { lists, issuers } });
    const { items } = await followLines(session, { json: options.json }, lines);
    return items.map(({ preview, problem }) => ({ answer: preview, problem }));
  });
}

/** @throws the refusal of a list that is alone */
async function sendTogether<Answer extends object>(
  { lists, refused: unread }: GivenLists,
  send: Send<Answer>,
): Promise<Answers<Answer>> {
  const answers = lists.length === 0 ? [] : await inRequests(lists, send);
  const items: Answer[] = [];
  const refused = [...unread];
  for (const [index, { name }] of lists.entries()) {
    const { answer, problem } = answers[index] ?? {};
    if (answer !== undefined) items.push(answer);
    else if (problem === undefined) throw new ApiUnreachable('API_ANSWER_UNREADABLE', `nothing is said of ${name}`);
    else if (lists.length + unread.length === 1) throw new ApiProblem(problem);
    else refused.push({ name, ...toRefusal(new ApiProblem(problem)).refusal });
  }
  return { items, refused };
}

/** In one request; where that is more than the server reads, in halves. */
async function inRequests<Answer>(
  lists: readonly NamedList[],
  send: Send<Answer>,
): Promise<readonly PerList<Answer>[]> {
  try {
    return await send(lists.map(({ list }) => list));
  } catch (cause) {
    if (!(cause instanceof ApiProblem)) throw cause;
    const { problem } = cause;
    if (lists.length === 1) return [{ problem }];
    if (problem.code !== 'REQUEST_BODY_TOO_LARGE') throw cause;
    const half = Math.ceil(lists.length / 2);
    return [...(await inRequests(lists.slice(0, half), send)), ...(await inRequests(lists.slice(half), send))];
  }
}

/** The first of those that were refused is why the command does not accept. */
function reportOf(
  data: Answers<object> & Readonly<Record<string, unknown>>,
  taken: string,
  lines: (paper: Paper) => readonly string[],
): Report {
  const { items, refused } = data;
  const [first, ...others] = refused;
  if (first === undefined) return { data, lines };
  const { name, message, ...refusal } = first;
  const were = items.length === 1 ? 'was' : 'were';
  return {
    data,
    refusal: {
      ...refusal,
      message: `${printable(name)}: ${message} (${items.length} of ${items.length + refused.length} ${were} ${taken})`,
    },
    lines: (paper) => [...lines(paper), ...formatRefused(paper, others)],
  };
}

function formatRefused(paper: Paper, refused: readonly RefusedList[]): string[] {
  return refused.map(
    ({ name, code, message }) => `${paper.tone('bad', 'refused')} ${printable(name)}: ${code}: ${message}`,
  );
}
