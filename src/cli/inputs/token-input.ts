// Tokens as files carry them: compact JWS text, CWT bytes, or a bare claims set.
import {
  decodeBase64url,
  decodeHex,
  decodeUtf8,
  isJsonObject,
  parseCbor,
  parseJsonStrict,
  readCoseSign1,
  Tagged,
} from '../../core/encoding/index.ts';
import { AttestationError } from '../../core/error.ts';
import { CliError } from '../errors.ts';
import { parseEarClaims, type Ear } from '../../core/verdict/index.ts';

export type TokenInput =
  | {
      readonly kind: 'jwt';
      readonly text: string;
      readonly untrustedType: string | undefined;
      readonly payload: Uint8Array;
    }
  | { readonly kind: 'binary'; readonly bytes: Uint8Array };

const compactPattern = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*$/;

/** Tells a JWT by its three parts. Hexadecimal digits are a CWT as `host token` shows it; everything else is taken as bytes. The header
 * is read only to choose who verifies.
 * @throws CliError CLI_INPUT_UNRECOGNISED; AttestationError of the parts */
export function readToken(bytes: Uint8Array): TokenInput {
  const text = textOf(bytes)?.trim();
  if (text === undefined || text.startsWith('{')) return { kind: 'binary', bytes };
  const shown = /^(?:[0-9a-f]{2})+$/i.test(text) ? decodeHex(text) : undefined;
  if (shown !== undefined && isSigned(shown)) return { kind: 'binary', bytes: shown };
  if (!compactPattern.test(text))
    throw new CliError('CLI_INPUT_UNRECOGNISED', 'no token: neither a JWT, nor a CWT, nor a set of claims');
  const [header = '', payload = ''] = text.split('.');
  return { kind: 'jwt', text, untrustedType: typeOf(header), payload: decodeBase64url(payload) };
}

function typeOf(header: string): string | undefined {
  const value = parseJsonStrict(decodeBase64url(header), { maxDepth: 8 });
  const type = isJsonObject(value) ? value['typ'] : undefined;
  return typeof type === 'string' ? type.toLowerCase().replace(/^application\//, '') : undefined;
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

const cwtTag = 61;

/** What the token says, without a look at its signature.
 * @throws AttestationError of the token */
export function readUntrustedEar(token: TokenInput): { readonly format: string; readonly ear: Ear } {
  return token.kind === 'jwt' ? { format: 'JWT', ear: parseEarClaims(token.payload) } : readBinary(token.bytes);
}

function readBinary(bytes: Uint8Array): ReturnType<typeof readUntrustedEar> {
  if (!isSigned(bytes)) return { format: 'claims set, unsigned', ear: parseEarClaims(bytes) };
  const outer = parseCbor(bytes, { tags: new Set([18, cwtTag]) });
  const { payload } = readCoseSign1(outer instanceof Tagged && outer.tag === cwtTag ? outer.value : outer);
  return { format: 'CWT', ear: parseEarClaims(payload ?? new Uint8Array()) };
}

/** Whether a COSE_Sign1 begins here: a tag of one (18, or that of a CWT, in one byte or two) or a list. [RFC9052 §4.2] [RFC8392 §6] */
function isSigned([first = 0]: Uint8Array): boolean {
  return first === 0xd8 || first === 0xd2 || first >> 5 === 4;
}
