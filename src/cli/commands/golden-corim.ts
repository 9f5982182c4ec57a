// `touchstone golden import` and `export`: reference values as others write and read them. Offline.
import { createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import type { Command } from 'commander';
import { exportCorim, importCorim, parseCorim, signCorim, verifyCorim } from '../../core/corim/index.ts';
import {
  algorithmFor,
  parseJwk,
  publicKeyFromHandle,
  publicKeyFromPem,
  thumbprintOf,
  type VerificationKey,
} from '../../core/crypto/index.ts';
import { decodeUtf8, parseJsonStrict, printable } from '../../core/encoding/index.ts';
import { encodeGoldenStatement, goldenIdOf } from '../../core/golden/index.ts';
import { collectFile, withExamples, withJson } from '../command-line.ts';
import { CliError } from '../errors.ts';
import { readInput, requireAbsent, writeOutput } from '../files.ts';
import { keyIdOf, readSigningKey } from '../golden-signing.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { formatTable } from '../table.ts';
import { readGoldenFile } from './inspect-golden.ts';

interface ImportOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly signer?: readonly string[];
  readonly unverified?: boolean;
}

interface ExportOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly key?: string;
  readonly name?: string;
}

export function addCorimCommands(golden: Command, session: Session): void {
  const imports = golden
    .command('import')
    .description(
      'Draft golden statements from a CoRIM (PCR reference values), one file per layer. Nothing is trusted by it.\n' +
        'A signed one is verified with the key of its maker; what no statement can express refuses the whole.',
    )
    .argument('<file>', 'CoRIM, signed (COSE_Sign1) or unsigned')
    .requiredOption('--out <dir>', 'folder for the statements')
    .option('--signer <file>', 'public key of its maker, PEM or JWK (may be repeated)', collectFile)
    .option('--unverified', 'take it without a signature, or without looking at the one it has')
    .action((file: string, options: ImportOptions) =>
      answer(session, options, () => importGoldens(session, file, options)),
    );
  withExamples(
    withJson(imports),
    'touchstone golden import vendor-fw-1.7.corim --signer vendor.pub.pem --out drafts/',
    'touchstone golden import unsigned.corim --unverified --out drafts/',
  );
  const exports = golden
    .command('export')
    .description(
      'Write golden measurements as a CoRIM: PCR values for any verifier, events and files in our own profile.',
    )
    .argument('<file...>', 'statements or envelopes')
    .requiredOption('--out <file>', 'CoRIM to write')
    .option('--key <file>', 'sign it with this private key, PEM')
    .option('--name <text>', 'what the signer is called')
    .action((files: readonly string[], options: ExportOptions) =>
      answer(session, options, () => exportGoldens(files, options)),
    );
  withExamples(
    withJson(exports),
    'touchstone golden export golden/*.dsse.json --out fleet.corim',
    'touchstone golden export golden/kernel.dsse.json --out kernel.corim --key ada.key.pem --name "Ada, example.org"',
  );
}

/** @throws CliError CLI_FILE_*, CLI_USAGE_INVALID, CLI_INPUT_UNRECOGNISED; what the core refuses of a CoRIM */
function importGoldens(session: Session, file: string, options: ImportOptions): Report {
  const at = session.now();
  const corim = parseCorim(readInput(file));
  const { signer: files = [], unverified } = options;
  if (files.length > 0 === (unverified === true)) {
    throw misuse('either --signer with the key of its maker, or --unverified');
  }
  const signer = unverified === true ? undefined : verifyCorim(corim, { keys: files.map(readKey), at });
  const { statements, leftOut } = importCorim(corim, at);
  const drafts = statements.map((statement, index) => {
    const payload = encodeGoldenStatement(statement);
    const { layer } = statement;
    const isOnly = statements.filter((each) => each.layer === layer).length === 1;
    const name = isOnly ? layer : `${layer}-${index + 1}`;
    return { payload, layer, id: goldenIdOf(payload), file: join(options.out, `${name}.statement.json`) };
  });
  drafts.forEach((draft) => requireAbsent(draft.file));
  drafts.forEach((draft) => writeOutput(draft.file, draft.payload));
  const shown = drafts.map(({ layer, id, file: path }) => ({ layer, id, file: path }));
  return {
    data: {
      corim: corim.id,
      profile: corim.profile ?? null,
      signedBy: signer?.kid ?? null,
      statements: shown,
      leftOut,
    },
    lines: (paper) => [
      `CoRIM ${printable(corim.id, 128)}, ${signer === undefined ? paper.tone('warn', 'nobody vouches for it') : `signed by ${printable(signer.kid, 64)}`}`,
      ...formatTable(
        paper,
        ['layer', 'id', 'file'],
        shown.map(({ layer, id, file: path }) => [layer, id.slice(0, 23), printable(path)]),
      ),
      ...(leftOut.length === 0
        ? []
        : [paper.tone('warn', `left out, because no layer is in it: PCR ${leftOut.join(', ')}`)]),
      '',
      'nothing is trusted yet: compare with one host (`touchstone golden capture`), then sign',
    ],
  };
}

/** @throws CliError CLI_FILE_*, CLI_KEY_UNUSABLE, CLI_USAGE_INVALID; VerificationError CORIM_UNSUPPORTED */
function exportGoldens(files: readonly string[], { out, key, name }: ExportOptions): Report {
  if ((key === undefined) !== (name === undefined)) throw misuse('--key and --name go together');
  requireAbsent(out);
  const goldens = files.map((file) => readGoldenFile(readInput(file)));
  const unsigned = exportCorim(goldens.map(({ statement }) => statement));
  const bytes = key === undefined || name === undefined ? unsigned : sign(unsigned, key, name);
  writeOutput(out, bytes);
  const items = goldens.map(({ id, statement: { layer } }) => ({ id, layer }));
  return {
    data: { file: out, signed: key !== undefined, goldens: items, bytes: bytes.length },
    lines: () => [`${items.length} golden measurements in ${printable(out)}, ${bytes.length} bytes`],
  };
}

function sign(corim: Uint8Array, file: string, name: string): Uint8Array {
  const privateKey = readSigningKey(file);
  const publicKey = publicKeyFromHandle(createPublicKey(privateKey));
  // Of an RSA key's two algorithms the probabilistic one.
  const alg = algorithmFor(publicKey, publicKey.type === 'rsa' ? 'PS256' : undefined);
  return signCorim(corim, { privateKey, alg, kid: keyIdOf(createPublicKey(privateKey)) }, name);
}

/** @throws CliError CLI_INPUT_UNRECOGNISED; VerificationError CRYPTO_KEY_* */
function readKey(file: string): VerificationKey {
  const text = decodeUtf8(readInput(file));
  if (text.trimStart().startsWith('{')) return parseJwk(parseJsonStrict(new TextEncoder().encode(text)));
  const publicKey = publicKeyFromPem(text);
  const alg = algorithmFor(publicKey, publicKey.type === 'rsa' ? 'PS256' : undefined);
  return { kid: thumbprintOf(publicKey), alg, publicKey };
}

function misuse(message: string): CliError {
  return new CliError('CLI_USAGE_INVALID', message, { misuse: true });
}
