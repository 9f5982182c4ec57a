// `touchstone golden export`: golden measurements as a CoRIM, which others read. Offline.
import { createPublicKey } from 'node:crypto';
import type { Command } from 'commander';
import { exportCorim, signCorim } from '../../core/corim/index.ts';
import { algorithmFor, publicKeyFromHandle } from '../../core/crypto/index.ts';
import { counted, printable } from '../../core/encoding/index.ts';
import { withExamples, withJson } from '../command-line.ts';
import { misuse } from '../errors.ts';
import { requireAbsent, writeOutput } from '../files.ts';
import { keyIdOf, readSigningKey } from '../changes/golden-signing.ts';
import type { Report } from '../report.ts';
import { answer, type Session } from '../session.ts';
import { readGoldenFile } from '../inputs/signed-file.ts';

interface ExportOptions {
  readonly json?: boolean;
  readonly out: string;
  readonly key?: string;
  readonly name?: string;
}

export function addExport(golden: Command, session: Session): void {
  const command = golden
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
    withJson(command),
    'touchstone golden export golden/*.dsse.json --out fleet.corim',
    'touchstone golden export golden/kernel.dsse.json --out kernel.corim --key ada.key.pem --name "Ada, example.org"',
  );
}

/** @throws CliError CLI_FILE_*, CLI_KEY_UNUSABLE, CLI_USAGE_INVALID; VerificationError CORIM_UNSUPPORTED */
function exportGoldens(files: readonly string[], { out, key, name }: ExportOptions): Report {
  if ((key === undefined) !== (name === undefined)) throw misuse('--key and --name go together');
  requireAbsent(out);
  const goldens = files.map((file) => readGoldenFile(file));
  const unsigned = exportCorim(goldens.map(({ untrustedStatement }) => untrustedStatement));
  const bytes = key === undefined || name === undefined ? unsigned : sign(unsigned, key, name);
  writeOutput(out, bytes);
  const items = goldens.map(({ id, untrustedStatement: { layer } }) => ({ id, layer }));
  return {
    data: { file: out, signed: key !== undefined, goldens: items, bytes: bytes.length },
    lines: () => [`${counted(items.length, 'golden measurement')} in ${printable(out)}, ${bytes.length} bytes`],
  };
}

function sign(corim: Uint8Array, file: string, name: string): Uint8Array {
  const privateKey = readSigningKey(file);
  const publicKey = publicKeyFromHandle(createPublicKey(privateKey));
  // Of an RSA key's two algorithms the probabilistic one.
  const alg = algorithmFor(publicKey, publicKey.type === 'rsa' ? 'PS256' : undefined);
  return signCorim(corim, { privateKey, alg, kid: keyIdOf(createPublicKey(privateKey)) }, name);
}
