// `touchstone verify golden`: that enough operators signed a golden measurement.
import { printable } from '../../core/encoding/index.ts';
import { parseGolden, verifyGolden } from '../../core/golden/index.ts';
import { parseInput } from '../files.ts';
import { readSigner } from '../changes/golden-signing.ts';
import type { Report } from '../report.ts';
import { formatFacts } from '../table.ts';

export interface VerifyGoldenOptions {
  readonly signer: readonly string[];
  readonly quorum: number;
  readonly at?: Date;
}

/** @throws CliError CLI_FILE_*; AttestationError GOLDEN_*, CRYPTO_KEY_INVALID */
export function verifyGoldenFile(file: string, options: VerifyGoldenOptions, now: Date): Report {
  const signers = options.signer.map(readSigner);
  const rules = { signers, quorum: options.quorum, at: options.at ?? now };
  const golden = verifyGolden(readEnvelope(file), rules);
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

/** The bytes, read once for what is wrong with the file: it then says which of them. */
function readEnvelope(file: string): Uint8Array {
  return parseInput(file, (bytes) => (parseGolden(bytes), bytes));
}
