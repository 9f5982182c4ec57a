// `touchstone ek`: endorsement keys that operators vouch for themselves.
import type { Command } from 'commander';
import { readAllPages, type ApiClient, type JsonAnswerOf } from '../../api/index.ts';
import { encodeHex, parsePem, printable } from '../../core/encoding/index.ts';
import { publicKeyFromPem, spkiDigest, type PublicKey } from '../../core/crypto/index.ts';
import { withConsent, withExamples, withServer } from '../command-line.ts';
import { requireConsent, type ConsentOptions } from '../changes/confirm.ts';
import { connect, type ServerOptions } from '../connection.ts';
import { CliError, misuse } from '../errors.ts';
import { parseInput, readTextInput } from '../files.ts';
import { readRegistrationList, type Registration } from '../inputs/registration-list.ts';
import { sendOneByOne } from '../changes/one-by-one.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { readId } from '../inputs/short-id.ts';
import { formatTable } from '../table.ts';
import { readCertificates } from './inspect-certificate.ts';

interface RegisterOptions extends ServerOptions {
  readonly label?: string;
  readonly host?: string;
  readonly list?: string;
}

type RegisteredEk = JsonAnswerOf<'registerEk'>;

interface UnregisterOptions extends ServerOptions, ConsentOptions {
  readonly dryRun?: boolean;
}

export function addEkCommands(program: Command, session: Session): void {
  const ek = program.command('ek').description('endorsement keys that operators vouch for: TPMs without a certificate');
  addRegister(ek, session);
  addList(ek, session);
  addUnregister(ek, session);
}

function addRegister(ek: Command, session: Session): void {
  withExamples(
    withServer(
      ek
        .command('register')
        .description(
          'Vouch for TPMs by their endorsement keys, before their hosts enrol. A digest is the SHA-256 of the ' +
            "key's SubjectPublicKeyInfo; a refused `agent enrol` shows it.",
        )
        .argument('[key]', 'digest (64 hexadecimal digits), or a file with the public key (PEM) or EK certificate')
        .option('--label <label>', 'serial number or inventory label of the machine')
        .option('--host <host>', 'the only name this TPM may enrol under, and no other TPM may')
        .option('--list <file>', 'many at once: a file with `DIGEST,LABEL[,HOST]` a line')
        .action((key: string | undefined, options: RegisterOptions) =>
          answer(session, options, () => registerEks(session, key, options)),
        ),
    ),
    'touchstone ek register ek.pub.pem --label "rack 3, unit 12" --host hypervisor-01',
    'touchstone ek register --list delivery.csv',
  );
}

function addList(ek: Command, session: Session): void {
  withExamples(
    withServer(
      ek
        .command('list')
        .description('List the registered endorsement keys.')
        .action((options: ServerOptions) => answer(session, options, () => listEks(session, options))),
    ),
    'touchstone ek list',
  );
}

function addUnregister(ek: Command, session: Session): void {
  withExamples(
    withServer(
      withConsent(
        ek
          .command('unregister')
          .description('Stop vouching for a TPM. The verdict of its host ends now.')
          .argument('<digest>', 'digest, as list shows it')
          .option('--dry-run', 'only say which host has the TPM and whether its verdict would end, and change nothing')
          .action((digest: string, options: UnregisterOptions) =>
            answer(session, options, () => unregisterEk(session, digest, options)),
          ),
      ),
    ),
    'touchstone ek unregister 3f0a77c1',
  );
}

async function registerEks(session: Session, key: string | undefined, options: RegisterOptions): Promise<Report> {
  const wanted = registrationsOf(key, options);
  const client = connect(session, options);
  let done = 0;
  const keys = wanted.map((registration) => ({ name: registration.label, ...registration }));
  const { refusal, ...sent } = await sendOneByOne(keys, async ({ ekDigest, label, hostId }) => {
    const body = { label, ...(hostId === undefined ? {} : { hostId }) };
    const registered = await client.call('registerEk', { path: { ekDigest }, body });
    done += 1;
    if (wanted.length > 100 && done % 100 === 0) session.stderr.write(`${done} of ${wanted.length}\n`);
    return registered;
  });
  const count = sent.items.length;
  return {
    data: { ...sent },
    refusal,
    lines: () => [`${count === 1 ? 'one endorsement key is' : `${count} endorsement keys are`} registered`],
  };
}

function registrationsOf(key: string | undefined, { label, host, list }: RegisterOptions): readonly Registration[] {
  const isListAlone = [key, label, host].every((each) => each === undefined);
  if (list !== undefined && isListAlone) return readRegistrationList(readTextInput(list), list);
  if (list !== undefined || key === undefined || label === undefined) {
    throw misuse('a key with --label (and --host), or --list FILE alone, is expected');
  }
  return [{ ekDigest: digestOf(key), label, hostId: host }];
}

/** The digest itself, or of the key in a file. */
function digestOf(key: string): string {
  if (/^[0-9a-f]{64}$/i.test(key)) return key.toLowerCase();
  const publicKey = parseInput(key, readKey);
  if (publicKey === undefined) throw new CliError('CLI_INPUT_UNRECOGNISED', `${printable(key)} holds no key of a TPM`);
  return encodeHex(spkiDigest(publicKey));
}

function readKey(bytes: Uint8Array): PublicKey | undefined {
  const text = new TextDecoder('latin1').decode(bytes);
  if (parsePem(text).some(({ label }) => label === 'PUBLIC KEY')) return publicKeyFromPem(text);
  return readCertificates(bytes)[0]?.publicKey;
}

async function listEks(session: Session, options: ServerOptions): Promise<Report> {
  const client = connect(session, options);
  const items = await readRegistered(client);
  const rows = items.map(({ ekDigest, label, hostId }) => [ekDigest, printable(label), printable(hostId ?? 'any')]);
  return {
    data: { items },
    lines: (paper) =>
      items.length === 0
        ? ['no endorsement key is registered: TPMs need a certificate that leads to a trust anchor']
        : formatTable(paper, ['endorsement key', 'label', 'host'], rows),
  };
}

async function readRegistered(client: ApiClient): Promise<readonly RegisteredEk[]> {
  return readAllPages((query) => client.call('listRegisteredEks', { query }));
}

async function unregisterEk(session: Session, typed: string, options: UnregisterOptions): Promise<Report> {
  const client = connect(session, options);
  const ekDigest = await readId(typed, {
    what: 'registered endorsement key',
    scheme: '',
    listing: 'touchstone ek list',
    list: async () => (await readRegistered(client)).map((registered) => registered.ekDigest),
  });
  if (options.dryRun === true) {
    const effect = await findEffect(client, ekDigest);
    return { data: { done: false, ekDigest, ...effect.data }, lines: () => [effect.line, 'nothing was changed'] };
  }
  const lines = async (): Promise<readonly string[]> => [(await findEffect(client, ekDigest)).line];
  await requireConsent(session, options, { lines, question: `unregister ${printable(ekDigest)}?` });
  const { hosts } = await client.call('unregisterEk', { path: { ekDigest } });
  return {
    data: { ekDigest, hosts },
    lines: () => [
      hosts === 0 ? 'unregistered; no host rested on it' : `unregistered; the verdict of its host is void from now on`,
    ],
  };
}

interface Effect {
  readonly line: string;
  readonly data: { readonly host?: string; readonly status?: string; readonly ekAnchor?: string };
}

const unbound: ReadonlySet<string> = new Set(['released', 'replacing', 'retired']);

/** A TPM is one host at most. Whether this registration vouches for it, or an anchor that came first, the host says itself. */
async function findEffect(client: ApiClient, ekDigest: string): Promise<Effect> {
  const { label } = (await readRegistered(client)).find((one) => one.ekDigest === ekDigest) ?? {};
  const { items, unreadable = [] } = await client.call('listHosts', { query: { ekDigest } });
  const [damaged] = unreadable;
  if (damaged !== undefined) {
    return {
      line: `${printable(damaged)} has this TPM, and cannot be read: it is denied already`,
      data: { host: damaged },
    };
  }
  const host = items.find((one) => one.ekDigest === ekDigest && !unbound.has(one.state));
  if (host === undefined) return { line: 'no host has this TPM: no verdict ends', data: {} };
  const { id, status, ekAnchor } = host;
  const data = { host: id, status, ...(ekAnchor === undefined ? {} : { ekAnchor }) };
  if (ekAnchor !== label) {
    const other = ekAnchor === undefined ? 'nobody vouches for it yet' : `${printable(ekAnchor)} vouches for it`;
    return { line: `${printable(id)} has this TPM, and ${other}: its verdict does not rest on the registration`, data };
  }
  return {
    line: `the verdict of ${printable(id)} ends now (it is ${status}), and it has another only if somebody else vouches for its TPM`,
    data,
  };
}
