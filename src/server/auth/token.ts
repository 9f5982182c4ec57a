// Bearer tokens: `tok_<id>.<secret>`. The id finds the record, the secret proves the right; only its SHA-256 is kept. The
// secret has 256 random bits, so a fast hash is enough: there is nothing to guess.
import { encodeBase64url, encodeUtf8 } from '../../core/encoding/index.ts';
import { equalInConstantTime, hash } from '../../core/crypto/index.ts';
import type { RandomSource } from '../keys/random.ts';
import type { TokenRecord } from '../storage/records.ts';

const tokenPattern = /^(tok_[A-Za-z0-9_-]{16})\.([A-Za-z0-9_-]{43})$/;

export interface TokenRequest {
  readonly name: string;
  readonly role: TokenRecord['role'];
  readonly hostId?: string;
  readonly at: number;
  readonly expiresAt?: number;
  readonly enrolments?: number;
}

/** A new token, and the record to keep of it. */
export function createToken(request: TokenRequest, random: RandomSource): { record: TokenRecord; token: string } {
  const id = `tok_${encodeBase64url(random(12))}`;
  const secret = encodeBase64url(random(32));
  const record: TokenRecord = {
    id,
    name: request.name,
    role: request.role,
    hostId: request.hostId,
    secretHash: hash('sha256', encodeUtf8(secret)),
    createdAt: request.at,
    expiresAt: request.expiresAt,
    revokedAt: undefined,
    enrolmentsLeft: request.enrolments,
  };
  return { record, token: `${id}.${secret}` };
}

/** Id and secret of a token's text; undefined when it is none. */
export function splitToken(token: string): { readonly id: string; readonly secret: string } | undefined {
  const [, id, secret] = tokenPattern.exec(token) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** What speaks against a token at `now`; undefined when nothing does. Only who has the secret is told how a token ended. */
export function tokenEnding(
  record: TokenRecord,
  secret: string,
  now: number,
): 'unknown' | 'revoked' | 'expired' | undefined {
  if (!equalInConstantTime(record.secretHash, hash('sha256', encodeUtf8(secret)))) return 'unknown';
  if (record.revokedAt !== undefined) return 'revoked';
  return record.expiresAt !== undefined && record.expiresAt <= now ? 'expired' : undefined;
}
