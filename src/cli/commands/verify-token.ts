// `touchstone verify token`: that a server signed an attestation result, for whom, and until when.
import { decodeHex, encodeUtf8, printable } from '../../core/encoding/index.ts';
import { parseJwks } from '../../core/crypto/index.ts';
import {
  isWorse,
  statusOfEar,
  verifyDecisionJwt,
  verifyEarCwt,
  verifyEarJwt,
  type BreakGlassGround,
  type EarExpectation,
  type TrustStatus,
  type VerifiedDecision,
} from '../../core/verdict/index.ts';
import { cliErrors, misuse } from '../errors.ts';
import { parseInput } from '../files.ts';
import { toJson } from '../json.ts';
import type { Refusal, Report } from '../report.ts';
import { formatFacts } from '../table.ts';
import { readToken, readUntrustedEar, type TokenInput } from '../inputs/token-input.ts';
import { describeEar, formatEar } from '../views/token-view.ts';

export interface VerifyTokenOptions {
  readonly jwks: string;
  readonly at?: Date;
  readonly nonce?: string;
  readonly audience?: string;
  readonly issuer?: string;
  readonly host?: string;
  readonly require?: TrustStatus;
}

/** @throws CliError CLI_FILE_*, CLI_USAGE_INVALID; AttestationError VERDICT_*, CRYPTO_JWK_INVALID */
export async function verifyTokenFile(file: string, options: VerifyTokenOptions, now: Date): Promise<Report> {
  const token = parseInput(file, readToken);
  const keys = parseInput(options.jwks, parseJwks);
  if (token.kind === 'jwt' && token.untrustedType === 'touchstone-decision+jwt') {
    const { issuer, audience, host, nonce, require } = options;
    if (nonce !== undefined || require !== undefined) {
      throw misuse(
        '--nonce and --require are for verdicts: this token is a decision, which has neither nonce nor status',
      );
    }
    if (issuer === undefined || audience === undefined || host === undefined) {
      throw misuse('a decision token needs --issuer, --audience and --host');
    }
    const decision = await verifyDecisionJwt(token.text, keys, { at: options.at ?? now, issuer, audience, host });
    return {
      data: { kind: 'decision', decision: toJson(decision) },
      lines: (paper) =>
        formatFacts(paper, [
          ['verdict', paper.tone('good', 'genuine')],
          ['decision', paper.tone(decision.decision === 'allow' ? 'good' : 'bad', decision.decision)],
          ['host', printable(decision.host)],
          ['until', decision.expiresAt.toISOString()],
          ['held', decision.heldUntil && `until ${decision.heldUntil.toISOString()}`],
          ['break-glass', decision.breakGlass && describeGround(decision.breakGlass)],
        ]),
      refusal: decision.decision === 'allow' ? undefined : refusalOf(decision),
    };
  }
  const expectation = { ...expectationOf(options, now), ...nonceOf(options.nonce, token) };
  const { ear, kid } =
    token.kind === 'jwt'
      ? await verifyEarJwt(token.text, keys, expectation)
      : verifyEarCwt(token.bytes, keys, expectation);
  const status = statusOfEar(ear);
  const tooBad = options.require !== undefined && isWorse(status, options.require);
  return {
    data: { kind: 'ear', status, kid, ear: describeEar(ear) },
    lines: (paper) => [
      ...formatFacts(paper, [
        ['token', paper.tone('good', 'genuine: signed by a key of the given set, and holds now')],
        ['key', kid && printable(kid)],
      ]),
      ...formatEar(paper, ear),
    ],
    refusal: tooBad
      ? {
          code: 'CLI_ATTESTATION_REFUSED',
          message: `the token is genuine and says ${status}, which is worse than ${options.require ?? ''}`,
          remedy: cliErrors.CLI_ATTESTATION_REFUSED.remedy,
        }
      : undefined,
  };
}

function refusalOf({ host, reasons = [] }: VerifiedDecision): Refusal {
  const why = reasons.length === 0 ? '' : ` (${reasons.map((code) => printable(code, 64)).join(', ')})`;
  return {
    code: 'CLI_ADMISSION_DENIED',
    message: `the token is genuine, and denies ${printable(host)}${why}`,
    remedy: cliErrors.CLI_ADMISSION_DENIED.remedy,
  };
}

function expectationOf({ at, audience, issuer, host }: VerifyTokenOptions, now: Date): EarExpectation {
  return {
    at: at ?? now,
    ...(audience === undefined ? {} : { audience }),
    ...(issuer === undefined ? {} : { issuer }),
    ...(host === undefined ? {} : { host }),
  };
}

/** Hexadecimal digits, as `host token --nonce` takes them, stand for bytes; but a token of others may carry digits as its text. */
function nonceOf(typed: string | undefined, token: TokenInput): Pick<EarExpectation, 'nonce'> {
  if (typed === undefined) return {};
  const isText = !/^(?:[0-9a-f]{2}){8,64}$/i.test(typed) || readUntrustedEar(token).ear.nonces.includes(typed);
  return { nonce: isText ? encodeUtf8(typed) : decodeHex(typed) };
}

function describeGround({ until, signers, reason, ticket, statement }: BreakGlassGround): string {
  const who = signers.map((name) => printable(name)).join(', ');
  return `until ${until.toISOString()}, by ${who}: ${printable(reason)} (${printable(ticket)}, ${printable(statement)})`;
}
