// `touchstone deny hosts`: which hosts have what a deny list names, whether it is in force or not.
import { existsSync } from 'node:fs';
import { MalformedError } from '../../core/error.ts';
import { createOnward, type JsonAnswerOf } from '../../api/index.ts';
import { encodeDenyList, parseDenyList, type Denied } from '../../core/deny/index.ts';
import { counted, encodeBase64, encodeUtf8, nameSome, printable, printableAgain } from '../../core/encoding/index.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { readDenyFile } from '../inputs/signed-file.ts';
import { misuse } from '../errors.ts';
import { followLines } from '../follow-lines.ts';
import { readGoldenIds } from '../inputs/golden-id.ts';
import type { Report } from '../report.ts';
import type { Session } from '../session.ts';
import { formatFacts } from '../table.ts';
import type { Paper } from '../terminal.ts';

export interface HostsOptions extends ServerOptions {
  readonly digest?: readonly string[];
  readonly pcr?: number;
  readonly certificate?: readonly string[];
  readonly firmwareVersion?: readonly string[];
  readonly sbat?: readonly string[];
  readonly golden?: readonly string[];
}

type DeniedHosts = JsonAnswerOf<'findDeniedHosts'>;

/** Every page; the counts are over all of them. */
export async function findHosts(session: Session, named: string | undefined, options: HostsOptions): Promise<Report> {
  const client = connect(session, options);
  const golden = await readGoldenIds(client, options.golden ?? []);
  const question = readQuestion(named, { ...options, golden });
  const items: DeniedHosts['items'] = [];
  const onward = createOnward<string>();
  let answer: DeniedHosts;
  let after: string | undefined;
  do {
    const body = { ...question, limit: 1000, ...(after === undefined ? {} : { after }) };
    answer = await followLines(session, { json: options.json }, client.callLines('findDeniedHosts', { body }));
    items.push(...answer.items);
    after = onward(answer.next);
  } while (after !== undefined);
  const { at, hosts, denied, groups, furtherGroups, unread } = answer;
  const whole = { at, hosts, denied, groups, furtherGroups, items, unread };
  return { data: whole, lines: (paper) => formatHosts(paper, whole) };
}

/** @throws CliError CLI_USAGE_INVALID, and those of files; MalformedError DENY_LIST_INVALID */
function readQuestion(named: string | undefined, options: HostsOptions): { list: string } | { name: string } {
  const sought = readSought(options);
  if ((named === undefined) === (sought.length === 0)) {
    throw misuse('either a list is expected, or what is looked for');
  }
  if (named === undefined) return { list: encodeBase64(draftOf(sought)) };
  if (named !== '-' && !existsSync(named)) return { name: named };
  return { list: encodeBase64(readDenyFile(named).payload) };
}

/** What was typed, and the entry that it stands for. */
interface Sought {
  readonly typed: string;
  readonly denies: Partial<Record<Denied['kind'], unknown>>;
}

/** @throws CliError CLI_USAGE_INVALID */
function readSought({ digest, pcr, certificate, firmwareVersion, sbat, golden }: HostsOptions): readonly Sought[] {
  if (pcr !== undefined && digest === undefined) throw misuse('--pcr says where a --digest is looked for: give both');
  const each = (option: string, texts: readonly string[] = [], read: (text: string) => Sought['denies']) =>
    texts.map((text) => ({ typed: `${option} ${printable(text, 200)}`, denies: read(text) }));
  return [
    ...each('--digest', digest, (text) => {
      const [bank = '', value = ''] = text.split(/:(.*)/s);
      if (value === '')
        throw misuse(`--digest: a bank and a digest are expected, as sha256:3f2a…, not ${printable(text, 200)}`);
      return { measurement: { digests: { [bank]: value.toLowerCase() }, ...(pcr === undefined ? {} : { pcr }) } };
    }),
    ...each('--certificate', certificate, (text) => ({
      certificate: text
        .replace(/^sha256:/, '')
        .replaceAll(':', '')
        .toLowerCase(),
    })),
    ...each('--firmware-version', firmwareVersion, (text) => ({ 'firmware-version': text })),
    ...each('--sbat', sbat, (text) => {
      const [component = '', below = ''] = text.split(',');
      if (!/^\d+$/.test(below))
        throw misuse(`--sbat: a component and a generation are expected, as shim,4, not ${printable(text, 200)}`);
      return { sbat: { component, below: Number(below) } };
    }),
    ...each('--golden', golden, (id) => ({ golden: id })),
  ];
}

/** What is looked for, as a list that nobody signs. The parser says what is wrong with each, and that was typed here.
 * @throws CliError CLI_USAGE_INVALID */
function draftOf(sought: readonly Sought[]): Uint8Array {
  for (const one of sought) {
    try {
      listOf([one]);
    } catch (cause) {
      if (!(cause instanceof MalformedError)) throw cause;
      throw misuse(`${one.typed}: ${cause.message.replace(/^entries\[0\]\S* /, '')}`);
    }
  }
  return listOf(sought);
}

function listOf(sought: readonly Sought[]): Uint8Array {
  const entries = sought.map(({ denies }, index) => ({ id: `asked-${index + 1}`, reason: 'asked for', denies }));
  const issuedAt = new Date().toISOString();
  const document = { _type: 'https://touchstone.dev/deny-list/v1', name: 'asked', version: 1, issuedAt, entries };
  return encodeDenyList(parseDenyList(encodeUtf8(JSON.stringify(document))));
}

const shownHosts = 20;

function formatHosts(
  paper: Paper,
  { hosts, denied, groups, furtherGroups, items, unread }: Omit<DeniedHosts, 'next'>,
): string[] {
  const guarded = items.filter((item) => item.protected === true).map(({ host }) => host);
  return [
    denied === 0 ? `none of ${counted(hosts, 'host')}` : paper.tone('bad', `${denied} of ${counted(hosts, 'host')}`),
    ...(guarded.length === 0
      ? []
      : [
          paper.tone(
            'warn',
            `protected, so \`deny import\` wants --include-protected: ${nameSome(guarded, shownHosts)}`,
          ),
        ]),
    ...groups.flatMap(({ count, finding, hosts: members }) => [
      '',
      `${count}: ${printableAgain(finding.message)}`,
      ...formatFacts(paper, [
        ['  code', printable(finding.code)],
        ['  observed', finding.observed && printableAgain(finding.observed)],
        ['  hosts', nameSome(members, shownHosts, count)],
      ]),
    ]),
    ...(furtherGroups === 0 ? [] : ['', `and ${counted(furtherGroups, 'smaller group')}`]),
    ...unread.map(
      ({ code, count, hosts: members }) =>
        `${count} unknown (${printable(code)}): ${nameSome(members, shownHosts, count)}`,
    ),
  ];
}
