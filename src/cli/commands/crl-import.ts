// `touchstone crl import`: several lists go to the server together, so that it looks at the fleet once; each is taken or refused by itself.
import { ApiProblem, ApiUnreachable, type ApiClient, type components } from '../../api/index.ts';
import { counted, encodePem, nameSome, printable } from '../../core/encoding/index.ts';
import { parseCrl } from '../../core/x509/index.ts';
import { isAttended, requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { misuse } from '../errors.ts';
import { parseInput, readInput } from '../files.ts';
import { followLines } from '../follow-lines.ts';
import { toRefusal } from '../refusal.ts';
import type { Refusal, Report } from '../report.ts';
import type { Session } from '../session.ts';
import { createPaper, type Paper } from '../terminal.ts';
import {
  formatRevocationLists,
  formatRevocationPreview,
  type RevocationListView,
  type RevocationPreview,
  staleWarning,
} from '../views/revocation-view.ts';
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
  /** Where lists before were answered, and these were not. */
  readonly ended?: Ended | undefined;
}

interface Ended {
  readonly cause: Error;
  readonly unanswered: readonly string[];
}

/** One of both. */
interface PerList<Answer> {
  readonly answer?: Answer | undefined;
  readonly problem?: Schemas['Problem'] | undefined;
}

type Send<Answer> = (lists: NamedList['list'][]) => Promise<readonly PerList<Answer>[]>;

/** As many as the contract lets one request hold. */
const maximumListsPerRequest = 100;
const shownNames = 8;

export async function importLists(session: Session, files: readonly string[], options: ImportOptions): Promise<Report> {
  if (options.url !== undefined && files.length > 1)
    throw misuse('--url is where the next list of one issuer is: give it with one file');
  const client = connect(session, options);
  const issuers = parseInput(options.issuer, readCertificates)
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
  return reportOf(answers, 'taken', (paper) => formatTaken(paper, answers.items));
}

function formatTaken(paper: Paper, lists: readonly RevocationListView[]): string[] {
  if (lists.length === 0) return [];
  const hosts = lists.reduce((sum, list) => sum + (list.hosts ?? 0), 0);
  const ended = hosts === 1 ? 'the verdict of 1 host is void' : `the verdicts of ${hosts} hosts are void`;
  return [
    ...formatRevocationLists(paper, lists),
    ...lists
      .filter(({ stale }) => stale)
      .map(({ issuer }) => paper.tone('bad', `${printable(issuer)}: ${staleWarning}`)),
    hosts === 0 ? 'no host rests on what they revoke' : ended,
  ];
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
      const { der } = files.length === 1 ? parseInput(name, parseCrl) : parseCrl(readInput(name));
      const list = encodePem('X509 CRL', der);
      lists.push({ name, list: url === undefined ? { list } : { list, url } });
    } catch (cause) {
      if (files.length === 1) throw cause;
      refused.push({ name, ...toRefusal(cause).refusal });
    }
  }
  return { lists, refused };
}

async function previewLists(asked: Asked): Promise<Report> {
  const answers = await askPreviews(asked);
  const report = reportOf(answers, 'fit to be taken', (paper) => [
    ...answers.items.flatMap((one) => formatRevocationPreview(paper, one)),
    'nothing was changed',
  ]);
  return { ...report, data: { done: false, ...report.data } };
}

/** Where nobody can be asked the lists are taken: what a maker revoked is not believed any longer for want of an answer.
 * @throws CliError CLI_CONSENT_MISSING; what the server says of the one list */
async function requireConsentToLists(asked: Asked): Promise<void> {
  const { session, options } = asked;
  if (options.yes === true || !isAttended(session)) return;
  const { items, refused } = await askPreviews(asked);
  if (items.every(({ hosts, stale }) => hosts === 0 && !stale)) return;
  const paper = createPaper(session.stderr, session.env);
  const lines = [...items.flatMap((one) => formatRevocationPreview(paper, one)), ...formatRefused(paper, refused)];
  await requireConsent(session, options, { lines, question: `import ${counted(items.length, 'revocation list')}?` });
}

/** @throws also where not all were answered */
async function askPreviews(asked: Asked): Promise<Answers<RevocationPreview>> {
  const { session, client, options, issuers, given } = asked;
  const answers = await sendTogether(given, async (lists) => {
    const lines = client.callLines('previewRevocationLists', { body: { lists, issuers } });
    const { items } = await followLines(session, { json: options.json }, lines);
    return items.map(({ preview, problem }) => ({ answer: preview, problem }));
  });
  if (answers.ended !== undefined) throw answers.ended.cause;
  return answers;
}

/** @throws the refusal of a list that is alone; why there is no answer, where no list has one */
async function sendTogether<Answer extends object>(
  { lists, refused: unread }: GivenLists,
  send: Send<Answer>,
): Promise<Answers<Answer>> {
  const { answers, cause } = await inRequests(lists, send);
  const items: Answer[] = [];
  const refused = [...unread];
  const unanswered: string[] = [];
  for (const [index, { name }] of lists.entries()) {
    const { answer, problem } = answers[index] ?? {};
    if (answer !== undefined) items.push(answer);
    else if (problem === undefined) unanswered.push(name);
    else if (lists.length + unread.length === 1) throw new ApiProblem(problem);
    else refused.push({ name, ...toRefusal(new ApiProblem(problem)).refusal });
  }
  if (cause !== undefined && answers.length === 0) throw cause;
  return { items, refused, ended: cause === undefined ? undefined : { cause, unanswered } };
}

/** In one request; where that is more than the server reads, in halves. The first that fails is the last: `cause` says why. */
async function inRequests<Answer>(
  lists: readonly NamedList[],
  send: Send<Answer>,
): Promise<{ readonly answers: readonly PerList<Answer>[]; readonly cause?: Error }> {
  const answers: PerList<Answer>[] = [];
  let size = maximumListsPerRequest;
  while (answers.length < lists.length) {
    const part = lists.slice(answers.length, answers.length + size);
    try {
      answers.push(...allAnswered(part, await send(part.map(({ list }) => list))));
    } catch (cause) {
      if (!(cause instanceof Error)) throw cause;
      const problem = cause instanceof ApiProblem ? cause.problem : undefined;
      if (problem !== undefined && part.length === 1) answers.push({ problem });
      else if (problem?.code === 'REQUEST_BODY_TOO_LARGE') size = Math.ceil(part.length / 2);
      else return { answers, cause };
    }
  }
  return { answers };
}

/** @throws ApiUnreachable API_ANSWER_UNREADABLE */
function allAnswered<Answer>(
  lists: readonly NamedList[],
  answers: readonly PerList<Answer>[],
): readonly PerList<Answer>[] {
  for (const [index, { name }] of lists.entries()) {
    const { answer, problem } = answers[index] ?? {};
    if (answer === undefined && problem === undefined)
      throw new ApiUnreachable('API_ANSWER_UNREADABLE', `nothing is said of ${name}`);
  }
  return answers.slice(0, lists.length);
}

function reportOf(answers: Answers<object>, taken: string, lines: (paper: Paper) => readonly string[]): Report {
  const { items, refused, ended } = answers;
  const { unanswered = [] } = ended ?? {};
  const data = { items, refused, ...(ended !== undefined && { unanswered }) };
  const were = items.length === 1 ? 'was' : 'were';
  const count = `${items.length} of ${items.length + refused.length + unanswered.length} ${were} ${taken}`;
  // Without an end the first of those that were refused stands in the refusal itself.
  const others = ended === undefined ? refused.slice(1) : refused;
  return {
    data,
    refusal: refusalOf(answers, count),
    lines: (paper) => [...lines(paper), ...formatRefused(paper, others)],
  };
}

/** Why the command does not accept: what ended it, or else the first list that was refused. */
function refusalOf({ refused: [first], ended }: Answers<object>, count: string): Refusal | undefined {
  if (ended !== undefined) {
    const { refusal } = toRefusal(ended.cause);
    const names = nameSome(ended.unanswered, shownNames);
    const again = `no answer for ${names}: import again, which does no harm to what was taken`;
    return { ...refusal, message: `${refusal.message} (${count}; ${again})` };
  }
  if (first === undefined) return undefined;
  const { name, message, ...refusal } = first;
  return { ...refusal, message: `${printable(name)}: ${message} (${count})` };
}

function formatRefused(paper: Paper, refused: readonly RefusedList[]): string[] {
  return refused.map(
    ({ name, code, message }) => `${paper.tone('bad', 'refused')} ${printable(name)}: ${code}: ${message}`,
  );
}
