// `touchstone trust-anchor`: the roots that TPM certificates must chain to.
import type { JsonAnswerOf } from '../../api/index.ts';
import { type Command, Option } from 'commander';
import { basename } from 'node:path';
import { encodePem, printable } from '../../core/encoding/index.ts';
import { withExamples, withServer } from '../command-line.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { readInput } from '../files.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import { readCertificates } from './inspect-certificate.ts';

interface ImportOptions extends ServerOptions {
  readonly scope: 'vendor' | 'virtual';
  readonly name?: string;
}

type Anchor = JsonAnswerOf<'createTrustAnchor'>;

export function addTrustAnchorCommands(program: Command, session: Session): void {
  const anchor = program
    .command('trust-anchor')
    .alias('trust-anchors')
    .description('roots of TPM makers that the server believes');
  withExamples(
    withServer(
      anchor
        .command('import')
        .alias('add')
        .description('Trust the certificates of these files as roots of endorsement keys.')
        .argument('<file...>', 'certificates: PEM, DER or PKCS#7; bundles are taken whole')
        .addOption(
          new Option('--scope <scope>', '`virtual` for roots of software TPMs: endorsed, but not hardware')
            .choices(['vendor', 'virtual'])
            .default('vendor'),
        )
        .option('--name <name>', 'name of the anchor; the file name unless told')
        .action((files: readonly string[], options: ImportOptions) =>
          answer(session, options, () => importAnchors(session, files, options)),
        ),
    ),
    'touchstone trust-anchor import certs/infineon/*.pem',
    'touchstone trust-anchor import swtpm-localca-rootca-cert.pem --scope virtual',
  );
  withExamples(
    withServer(
      anchor
        .command('list')
        .description('List the trust anchors.')
        .action((options: ServerOptions) => answer(session, options, () => listAnchors(session, options))),
    ),
    'touchstone trust-anchor list',
  );
}

async function importAnchors(session: Session, files: readonly string[], options: ImportOptions): Promise<Report> {
  const client = connect(session, options);
  const found = files.flatMap((file) =>
    readCertificates(readInput(file)).map((certificate) => ({ file, certificate })),
  );
  const items: Anchor[] = [];
  for (const { file, certificate } of found) {
    const name = options.name ?? basename(file);
    items.push(
      await client.call('createTrustAnchor', {
        body: { name, pem: encodePem('CERTIFICATE', certificate.der), scope: options.scope },
      }),
    );
  }
  return {
    data: { items },
    lines: (paper) => formatTable(paper, ['anchor', 'scope', 'subject'], items.map(anchorRow)),
  };
}

async function listAnchors(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listTrustAnchors', {});
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no trust anchor yet: no TPM can enrol until one is imported']
        : formatTable(paper, ['anchor', 'scope', 'subject'], items.map(anchorRow)),
  };
}

function anchorRow({ name, scope, subject }: Anchor): string[] {
  return [printable(name), scope, printable(subject)];
}
