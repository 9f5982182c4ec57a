// `touchstone signing-key`: the keys that sign verdicts and decisions, and how one follows another.
import { Option, type Command } from 'commander';
import type { components } from '../../api/index.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { parseDuration, withConsent, withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { misuse } from '../errors.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';

type SigningKey = components['schemas']['SigningKey'];
type Algorithm = NonNullable<components['schemas']['SigningKeyRequest']['alg']>;

interface RotateOptions extends ServerOptions, ConsentOptions {
  readonly alg: Algorithm;
  readonly signsIn?: number;
  readonly compromised?: boolean;
  readonly reason: string;
}

export function addSigningKeyCommands(program: Command, session: Session): void {
  const group = program.command('signing-key').description('the keys that sign verdicts and decisions as tokens');
  addList(group, session);
  addRotate(group, session);
}

function addList(group: Command, session: Session): void {
  withExamples(
    withServer(
      group
        .command('list')
        .description('List the keys whose tokens may still hold, and the one that signs next.')
        .action((options: ServerOptions) => answer(session, options, () => listKeys(session, options))),
    ),
    'touchstone signing-key list',
  );
}

function addRotate(group: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        group
          .command('rotate')
          .description(
            'Make the key that signs next. It is published at once and signs a day later, so that relying parties know it by then; the ' +
              'keys before stay published until their last token has expired.',
          )
          .addOption(
            new Option('--alg <alg>', 'what relying parties can verify')
              .choices(['ES256', 'EdDSA', 'RS256'])
              .default('ES256'),
          )
          .option('--signs-in <time>', 'when it begins to sign, e.g. 2d; a day unless told, 30d at most', parseDuration)
          .option('--compromised', 'withdraw all keys before it, and all tokens of theirs, now')
          .requiredOption('--reason <text>', 'why: it is kept in the audit log')
          .action((options: RotateOptions) => answer(session, options, () => rotateKey(session, options))),
      ),
    ),
    'touchstone signing-key rotate --reason "yearly rotation"',
    'touchstone signing-key rotate --alg EdDSA --signs-in 3600 --reason "relying parties ask for EdDSA"',
    'touchstone signing-key rotate --compromised --reason "backup stolen, ticket 4711"',
  );
}

async function listKeys(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listSigningKeys', {});
  return {
    data: { items },
    lines: (paper) =>
      formatTable(
        paper,
        ['key', 'alg', 'state', 'signs from', 'signs until', 'published until'],
        items.map(({ kid, alg, state, signsFrom, signsUntil = '-', publishedUntil = '-' }) => {
          const since = signsFrom.startsWith('1970') ? 'the beginning' : signsFrom;
          return [kid, alg, paper.tone(state === 'signing' ? 'good' : 'dim', state), since, signsUntil, publishedUntil];
        }),
      ),
  };
}

async function rotateKey(session: Session, options: RotateOptions): Promise<Report> {
  const { alg, signsIn, compromised, reason } = options;
  if (compromised === true && signsIn !== undefined)
    throw misuse('--compromised makes a key that signs at once: --signs-in does not go with it');
  await requireConsent(session, options, {
    lines:
      compromised === true
        ? [
            'Every token that the keys so far have signed stops counting as soon as relying parties fetch the keys again.',
          ]
        : ['The keys so far stay published until their last token has expired.'],
    question: compromised === true ? 'withdraw all keys and sign with a new one now?' : 'make the key that signs next?',
  });
  const made = await connect(session, options).call('createSigningKey', {
    body: {
      alg,
      reason,
      ...(signsIn === undefined ? {} : { signsInSeconds: signsIn }),
      ...(compromised === true ? { withdrawOthers: true } : {}),
    },
  });
  return { data: { ...made }, lines: (paper) => describeKey(made).map((line) => paper.tone('good', line)) };
}

function describeKey({ kid, alg, state, signsFrom }: SigningKey): string[] {
  return [state === 'next' ? `${kid} (${alg}) is published, and signs from ${signsFrom}` : `${kid} (${alg}) signs now`];
}
