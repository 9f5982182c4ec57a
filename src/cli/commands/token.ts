// `touchstone token`: who may call the server.
import { type Command, Option } from 'commander';
import type { JsonAnswerOf } from '../../api/index.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import { parseCount, parseDuration, withConsent, withExamples, withServer } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import { readWholeList } from '../inputs/whole-list.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';

type Token = JsonAnswerOf<'listTokens'>['items'][number];
const roles = ['joiner', 'orchestrator', 'operator', 'auditor', 'monitor'] as const;
type Role = (typeof roles)[number];

interface CreateOptions extends ServerOptions {
  readonly role: Role;
  readonly expiresIn?: number;
  readonly enrolments?: number;
  readonly out?: string;
}

interface ListOptions extends ServerOptions {
  readonly role?: Token['role'];
}

export function addTokenCommands(program: Command, session: Session): void {
  const token = program.command('token').description('access tokens: who may call the server, and as what');
  addCreate(token, session);
  addList(token, session);
  addRevoke(token, session);
}

function addCreate(token: Command, session: Session): void {
  withExamples(
    withServer(
      token
        .command('create')
        .description('Make an access token. Its secret is shown once, or written to a file that only you can read.')
        .argument('<name>', 'what or whom it is for')
        .addOption(new Option('--role <role>', 'what its bearer may do').choices(roles).makeOptionMandatory())
        .option('--expires-in <time>', 'how long it holds, e.g. 1d; without it, until it is revoked', parseDuration)
        .option(
          '--enrolments <n>',
          'how many hosts may enrol with it (role joiner); any number unless told',
          parseCount,
        )
        .option('--out <file>', 'write the secret to this file (mode 0600) instead of showing it')
        .action((name: string, options: CreateOptions) =>
          answer(session, options, () => createToken(session, name, options)),
        ),
    ),
    'touchstone token create rack3 --role joiner --enrolments 24 --expires-in 86400',
    'touchstone token create scheduler --role orchestrator --out scheduler.token',
    'touchstone token create prometheus --role monitor --out metrics.token',
  );
}

function addList(token: Command, session: Session): void {
  withExamples(
    withServer(
      token
        .command('list')
        .description('List the tokens, without their secrets, in the order in which they were made.')
        .addOption(new Option('--role <role>', 'those of this role only').choices([...roles, 'host']))
        .action((options: ListOptions) => answer(session, options, () => listTokens(session, options))),
    ),
    'touchstone token list',
    'touchstone token list --role operator',
  );
}

function addRevoke(token: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        token
          .command('revoke')
          .description('Revoke a token. It is refused from now on.')
          .argument('<id>', 'token id (tok_…), as create and list show it')
          .action((id: string, options: ServerOptions & ConsentOptions) =>
            answer(session, options, () => revokeToken(session, id, options)),
          ),
      ),
    ),
    'touchstone token revoke tok_bWzJSAuZ_YtJB4hP',
  );
}

async function createToken(session: Session, name: string, options: CreateOptions): Promise<Report> {
  const { role, expiresIn, enrolments, out } = options;
  // Before it is made: a secret that could not be written would be nobody's, and a right all the same.
  if (out !== undefined) requireAbsent(out);
  const made = await connect(session, options).call('createToken', {
    body: {
      name,
      role,
      ...(expiresIn === undefined ? {} : { expiresInSeconds: expiresIn }),
      ...(enrolments === undefined ? {} : { enrolments }),
    },
  });
  if (out === undefined) {
    return {
      data: { ...made },
      lines: (paper) => [made.token, paper.tone('dim', `id ${made.id}; this secret is shown once`)],
    };
  }
  writeOutput(out, `${made.token}\n`, { mode: 0o600 });
  return {
    data: { id: made.id, expiresAt: made.expiresAt, file: out },
    lines: () => [`token ${made.id} for ${printable(name)} is in ${printable(out)}`],
  };
}

async function listTokens(session: Session, options: ListOptions): Promise<Report> {
  const client = connect(session, options);
  const all = await readWholeList(session, options, 'tokens', (query) => client.call('listTokens', { query }));
  const { role } = options;
  const chosen = role === undefined ? [...all] : all.filter((token) => token.role === role);
  const items = chosen.sort((left, right) =>
    left.createdAt < right.createdAt ? -1 : Number(left.createdAt > right.createdAt),
  );
  const rows = items.map(({ id, name, role, expiresAt, revoked, enrolmentsLeft }) => [
    id,
    printable(name),
    role,
    revoked ? 'revoked' : (expiresAt ?? 'until revoked'),
    enrolmentsLeft === undefined ? '' : counted(enrolmentsLeft, 'host'),
  ]);
  return {
    data: { items },
    lines: (paper) => [
      ...formatTable(paper, ['id', 'name', 'role', 'holds', 'left'], rows),
      ...(all.length < manyTokens ? [] : ['', summaryOf(all)]),
    ],
  };
}

/** So few are counted by looking at them. */
const manyTokens = 10;

function summaryOf(tokens: readonly Token[]): string {
  const parts = [...roles, 'host'].flatMap((role) => {
    const count = tokens.filter((token) => token.role === role).length;
    return count === 0 ? [] : [`${count} ${role}`];
  });
  return `${counted(tokens.length, 'token')}: ${parts.join(', ')}. Those of one role: \`touchstone token list --role ROLE\``;
}

async function revokeToken(session: Session, id: string, options: ServerOptions & ConsentOptions): Promise<Report> {
  const client = connect(session, options);
  const effect = 'its bearer is refused from now on';
  await requireConsent(session, options, { lines: [effect], question: `revoke ${printable(id)}?` });
  await client.call('revokeToken', { path: { tokenId: id } });
  return { data: { id, revoked: true }, lines: () => [`${printable(id)} is revoked`] };
}
