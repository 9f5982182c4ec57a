// `touchstone signer`: the operators whose signatures approve golden measurements.
import { type Command, Option } from 'commander';
import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import type { ApiClient } from '../../api/index.ts';
import { printable } from '../../core/encoding/index.ts';
import {
  collectList,
  gateQuery,
  withConsent,
  withDryRun,
  withExamples,
  withGate,
  withJson,
  withServer,
} from '../command-line.ts';
import { connect, type RequestBody, type ServerOptions } from '../connection.ts';
import { misuse } from '../errors.ts';
import { writeOutput } from '../files.ts';
import { followLines } from '../follow-lines.ts';
import { keyIdOf, readPublicPem } from '../changes/golden-signing.ts';
import { findSigner } from '../inputs/named-trust.ts';
import { askAfterChange } from '../changes/after-change.ts';
import { notFelt, tellWhenFelt, tellWhenGoldensFelt, type Felt } from '../changes/next-attestations.ts';
import { previewChange, requireConsentTo, type PreviewOptions } from '../changes/preview.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import { fetchGoldens } from './golden-record.ts';

interface CreateOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly algorithm: 'ecdsa-p256' | 'ecdsa-p384' | 'ed25519';
}

interface AddOptions extends ServerOptions {
  readonly layers?: readonly string[];
}

interface RemoveOptions extends ServerOptions, PreviewOptions {
  readonly reason: string;
}

export function addSignerCommands(program: Command, session: Session): void {
  const signer = program.command('signer').description('operators who may approve golden measurements, and their keys');
  addCreate(signer, session);
  addAdd(signer, session);
  addList(signer, session);
  addRemove(signer, session);
}

function addCreate(signer: Command, session: Session): void {
  withExamples(
    withJson(
      signer
        .command('create')
        .description('Make a signing key: NAME.key.pem (mode 0600, keep it) and NAME.pub.pem (give it to the server).')
        .argument('<name>', 'the person')
        .option('--out <dir>', 'folder for the two files', '.')
        .addOption(
          new Option('--algorithm <name>', 'kind of key')
            .choices(['ecdsa-p256', 'ecdsa-p384', 'ed25519'])
            .default('ecdsa-p256'),
        )
        .action((name: string, options: CreateOptions) => answer(session, options, () => createSigner(name, options))),
    ),
    'touchstone signer create ada --out ~/touchstone-keys',
  );
}

function addAdd(signer: Command, session: Session): void {
  withExamples(
    withServer(
      signer
        .command('add')
        .description('Authorise a signer on the server. Two keys of one name count as one signer.')
        .argument('<name>', 'the person')
        .argument('<file>', 'public key, PEM')
        .option('--layers <list>', 'layers this signer may approve; all unless told', collectList)
        .action((name: string, file: string, options: AddOptions) =>
          answer(session, options, () => addSigner(session, name, file, options)),
        ),
    ),
    'touchstone signer add ada ada.pub.pem',
    'touchstone signer add firmware-team fw.pub.pem --layers firmware,secure-boot',
  );
}

function addList(signer: Command, session: Session): void {
  withExamples(
    withServer(
      signer
        .command('list')
        .description('List the authorised signers.')
        .action((options: ServerOptions) => answer(session, options, () => listSigners(session, options))),
    ),
    'touchstone signer list',
  );
}

function addRemove(signer: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        withGate(
          withDryRun(
            signer
              .command('remove')
              .summary('take a key away: what it signed counts without it from now on')
              .description(
                'Take a key away, lost or stolen: what it signed counts without it from now on, and it is never authorised again. Golden ' +
                  'measurements that have too few signatures then are no longer in force; verdicts that rest on them run out at their ' +
                  'expiry. So that no host is refused meanwhile, have them signed by another key first. docs/golden-measurements.md',
              )
              .argument('<signer>', 'key id, or the name of a person who has one key, as `signer list` shows them')
              .requiredOption('--reason <text>', 'why, for the audit log')
              .action((typed: string, options: RemoveOptions) =>
                answer(session, options, () => removeSigner(session, typed, options)),
              ),
          ),
        ),
      ),
    ),
    'touchstone signer remove ada --reason "laptop stolen, ticket 4711" --dry-run',
    'touchstone signer remove ada --reason "laptop stolen, ticket 4711"',
    'touchstone signer remove Dk6EqonHtxgX8emq_I1ccdXv_fvdiOaupWjRtKUP6v0 --reason "new key" --max-flips 0',
  );
}

function createSigner(name: string, { out, algorithm }: CreateOptions): Report {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$/.test(name)) {
    throw misuse('a name has letters, digits and . _ @ - only: it becomes a file name');
  }
  const { privateKey, publicKey } = generateKeys(algorithm);
  const files = { privateKey: join(out, `${name}.key.pem`), publicKey: join(out, `${name}.pub.pem`) };
  writeOutput(files.privateKey, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
  writeOutput(files.publicKey, publicKey.export({ type: 'spki', format: 'pem' }));
  const keyid = keyIdOf(publicKey);
  return {
    data: { name, keyid, ...files },
    lines: (paper) => [
      `${paper.tone('strong', files.privateKey)}  signs; keep it to yourself`,
      `${paper.tone('strong', files.publicKey)}  key id ${keyid}; authorise it with \`touchstone signer add ${name} ${printable(files.publicKey)}\``,
    ],
  };
}

function generateKeys(algorithm: CreateOptions['algorithm']) {
  if (algorithm === 'ed25519') return generateKeyPairSync('ed25519');
  return generateKeyPairSync('ec', { namedCurve: algorithm === 'ecdsa-p256' ? 'P-256' : 'P-384' });
}

async function addSigner(session: Session, name: string, file: string, options: AddOptions): Promise<Report> {
  const layers = options.layers as RequestBody<'createSigner'>['layers'];
  const signer = await connect(session, options).call('createSigner', {
    body: { name, publicKeyPem: readPublicPem(file), ...(layers === undefined ? {} : { layers }) },
  });
  return { data: { signer }, lines: () => [`${printable(signer.name)} may sign now (key id ${signer.keyid})`] };
}

async function listSigners(session: Session, options: ServerOptions): Promise<Report> {
  const { items } = await connect(session, options).call('listSigners', {});
  const rows = items.map(({ name, keyid, layers }) => [printable(name), keyid, layers?.join(' ') ?? 'all layers']);
  return { data: { items }, lines: (paper) => formatTable(paper, ['signer', 'key id', 'may approve'], rows) };
}

async function removeSigner(session: Session, typed: string, options: RemoveOptions): Promise<Report> {
  const client = connect(session, options);
  const { name, keyid } = await findSigner(client, typed);
  const named = {
    change: { removeSigners: [keyid] },
    effect:
      'what it signed counts without it from now on; verdicts that rest on what has too few signatures then run out at their expiry',
    question: `take the key ${keyid} of ${printable(name)} away?`,
    options,
  };
  if (options.dryRun === true) return previewChange(session, client, named);
  await requireConsentTo(session, client, named);
  const { reason } = options;
  const removal = await followLines(
    session,
    { json: options.json },
    client.callLines('removeSigner', { path: { keyid }, query: gateQuery(options), body: { reason } }),
  );
  const felt = removal.lapsed.length === 0 ? notFelt : await tellWhenLapseFelt(client, removal.lapsed);
  return {
    data: { ...removal, ...felt.data },
    lines: (paper) => [
      `the key ${keyid} of ${printable(name)} counts no more`,
      describeLapse(removal.lapsed.length),
      ...removal.lapsed.map((id) => `  ${id}`),
      ...(removal.lapsed.length === 0
        ? []
        : [paper.tone('dim', 'have them signed: `touchstone golden approve --proposed --key KEY`')]),
      ...felt.lines,
    ],
  };
}

async function tellWhenLapseFelt(client: ApiClient, lapsed: readonly string[]): Promise<Felt> {
  const goldens = await askAfterChange(fetchGoldens(client));
  return goldens === undefined
    ? tellWhenFelt(client)
    : tellWhenGoldensFelt(
        client,
        goldens.filter(({ id }) => lapsed.includes(id)),
      );
}

function describeLapse(count: number): string {
  if (count === 0) return 'every golden measurement in force has enough signatures without it';
  const subject = count === 1 ? '1 golden measurement has' : `${count} golden measurements have`;
  return `${subject} too few signatures now, and nothing matches them until others sign:`;
}
