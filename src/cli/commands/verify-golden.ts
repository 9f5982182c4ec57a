import { basename } from 'node:path';
import { printable } from '../../core/encoding/index.ts';
import { publicKeyFromPem } from '../../core/crypto/index.ts';
import { verifyGolden, type AuthorisedSigner } from '../../core/golden/index.ts';
import { readInput, readTextInput } from '../files.ts';
import type { Report } from '../report.ts';
import { formatFacts } from '../table.ts';

export interface VerifyGoldenOptions {
  readonly signer: readonly string[];
  readonly quorum: string;
  readonly at?: Date;
}

/** @throws CliError CLI_FILE_*; AttestationError GOLDEN_*, CRYPTO_KEY_INVALID */
export function verifyGoldenFile(file: string, options: VerifyGoldenOptions, now: Date): Report {
  const signers = options.signer.map(readSigner);
  const rules = { signers, quorum: Number(options.quorum), at: options.at ?? now };
  const golden = verifyGolden(readInput(file), rules);
  const { id, statement, signatures } = golden;
  return {
    data: { id, layer: statement.layer, signatures },
    lines: (paper) =>
      formatFacts(paper, [
        ['verdict', paper.tone('good', 'approved')],
        ['layer', statement.layer],
        ['id', id],
        ['signed by', signatures.map(({ signer }) => printable(signer)).join(', ')],
      ]),
  };
}

function readSigner(file: string): AuthorisedSigner {
  return { name: basename(file).replace(/(\.pub)?\.pem$/, ''), publicKey: publicKeyFromPem(readTextInput(file)) };
}
