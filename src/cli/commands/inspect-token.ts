// `touchstone inspect token`: what an attestation result token says.
import { decodeUtf8, printable } from '../../core/encoding/index.ts';
import { parseInput } from '../files.ts';
import type { Report } from '../report.ts';
import { readToken, readUntrustedEar } from '../inputs/token-input.ts';
import { describeEar, formatEar } from '../views/token-view.ts';

/** @throws CliError CLI_FILE_*; AttestationError of the token */
export function inspectToken(file: string): Report {
  return parseInput(file, inspectBytes);
}

function inspectBytes(bytes: Uint8Array): Report {
  const token = readToken(bytes);
  if (token.kind === 'jwt' && token.untrustedType === 'touchstone-decision+jwt') {
    const claims: unknown = JSON.parse(decodeUtf8(token.payload));
    return report('decision (JWT)', { claims }, () => [printable(JSON.stringify(claims), 4000)]);
  }
  const { format, ear } = readUntrustedEar(token);
  return report(format, { ear: describeEar(ear) }, (paper) => formatEar(paper, ear));
}

function report(format: string, data: Record<string, unknown>, lines: Report['lines']): Report {
  return {
    data: { format, verified: false, ...data },
    lines: (paper) => [
      `${paper.tone('dim', 'format')}  ${format}; ${paper.tone('warn', 'signature not checked')} (touchstone verify token checks it)`,
      ...lines(paper),
    ],
  };
}
