// `touchstone verify event`: that a server signed the body of a webhook.
import { printable } from '../../core/encoding/index.ts';
import { parseJwks } from '../../core/crypto/index.ts';
import { verifyEvent } from '../../core/verdict/index.ts';
import { parseInput, readInput } from '../files.ts';
import type { Report } from '../report.ts';
import { formatFacts } from '../table.ts';

export interface VerifyEventOptions {
  readonly signature: string;
  readonly jwks: string;
  readonly subscription?: string;
  readonly at?: Date;
}

/** @throws CliError CLI_FILE_*; AttestationError VERDICT_*, CRYPTO_JWK_INVALID */
export async function verifyEventFile(file: string, options: VerifyEventOptions, now: Date): Promise<Report> {
  const { signature, jwks, subscription, at = now } = options;
  const expectation = { at, ...(subscription === undefined ? {} : { subscription }) };
  const kid = await verifyEvent(readInput(file), signature, parseInput(jwks, parseJwks), expectation);
  return {
    data: { kid: kid ?? null, subscription: subscription ?? null },
    lines: (paper) =>
      formatFacts(paper, [
        ['event', paper.tone('good', 'genuine: signed by a key of the given set, and lately')],
        ['key', kid && printable(kid)],
        ['for', subscription ?? 'any subscription: --subscription was not given'],
      ]),
  };
}
