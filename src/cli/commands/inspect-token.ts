// `touchstone inspect token`: what an attestation result token says.
import { decodeUtf8, printable } from '../../core/encoding/index.ts';
import { parseCbor, readCoseSign1, Tagged } from '../../core/encoding/index.ts';
import { parseEarClaims, type Ear } from '../../core/verdict/index.ts';
import { parseInput } from '../files.ts';
import type { Report } from '../report.ts';
import { readToken } from '../inputs/token-input.ts';
import { describeEar, formatEar } from '../views/token-view.ts';

const cwtTag = 61;

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
  const { format, ear } =
    token.kind === 'jwt' ? { format: 'JWT', ear: parseEarClaims(token.payload) } : readBinary(token.bytes);
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

function readBinary(bytes: Uint8Array): { format: string; ear: Ear } {
  const first = bytes[0] ?? 0;
  const isSigned = first === 0xd8 || first === 0xd2 || first >> 5 === 4;
  if (!isSigned) return { format: 'claims set, unsigned', ear: parseEarClaims(bytes) };
  const outer = parseCbor(bytes, { tags: new Set([18, cwtTag]) });
  const { payload } = readCoseSign1(outer instanceof Tagged && outer.tag === cwtTag ? outer.value : outer);
  return { format: 'CWT', ear: parseEarClaims(payload ?? new Uint8Array()) };
}
