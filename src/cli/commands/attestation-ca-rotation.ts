// `touchstone attestation-ca prepare`, `rotate`: another key for the CA, on the machine of the server.
import type { Command } from 'commander';
import { printable } from '../../core/encoding/index.ts';
import { withConsent, withExamples, withJson } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import type { Report } from '../report.ts';
import { inServerRoom, withData } from '../server-room.ts';
import { answer, type Session } from '../session.ts';

interface PrepareOptions {
  readonly json?: boolean;
  readonly data: string;
}

interface RotateOptions extends PrepareOptions, ConsentOptions {
  readonly to?: string;
}

export function addRotationCommands(authority: Command, session: Session): void {
  withExamples(
    withJson(
      withData(authority.command('prepare'))
        .summary('make the key that shall issue next, and publish it')
        .description(
          'Make a key that shall issue next. From the next start of the server its certificate is published, so that others ' +
            'can trust it in time; it does not issue yet. Run it as the user of the server.',
        )
        .action((options: PrepareOptions) => answer(session, options, () => prepare(session, options))),
    ),
    'touchstone attestation-ca prepare --data /var/lib/touchstone',
  );
  withExamples(
    withJson(
      withConsent(
        withData(authority.command('rotate'))
          .summary('let the prepared key issue')
          .description(
            'Let a published key issue from the next start of the server. The one before it stays published, and its ' +
              'revocation list with it. Run it as the user of the server.',
          )
          .option('--to <id>', 'which key, as `attestation-ca list` shows it; needed where more than one is published')
          .action((options: RotateOptions) => answer(session, options, () => rotate(session, options))),
      ),
    ),
    'touchstone attestation-ca rotate --data /var/lib/touchstone',
  );
}

async function prepare(session: Session, { data }: PrepareOptions): Promise<Report> {
  const made = await inServerRoom((room) => room.prepareAuthority(data, session.now()));
  return {
    data: { ...made },
    lines: (paper) => [
      `${paper.tone('good', 'made')} ${made.authorityId}`,
      'next: restart the server, let others fetch the chain (attestation-ca chain), and then attestation-ca rotate',
    ],
  };
}

async function rotate(session: Session, { data, to, yes }: RotateOptions): Promise<Report> {
  const lines = async (): Promise<readonly string[]> => {
    const { issuing, next } = await inServerRoom((room) => room.chooseAuthority(data, to));
    return [
      `From its next start the server of ${printable(data)} issues with another key of its attestation CA.`,
      `  now   ${issuing}`,
      `  then  ${next}`,
    ];
  };
  await requireConsent(session, yes === undefined ? {} : { yes }, { lines, question: 'Rotate the key?' });
  const rotated = await inServerRoom((room) => room.rotateAuthority(data, to));
  return {
    data: { ...rotated },
    lines: (paper) => [`${paper.tone('good', 'issues from the next start')} ${rotated.authorityId}`],
  };
}
