// Bearer tokens: `tok_<id>.<secret>`. The id finds the record, the secret proves the right; only its SHA-256 is kept. The
// secret has 256 random bits, so a fast hash is enough: there is nothing to guess.
import { encodeBase64url } from '../../core/encoding/index.ts';
import { equalInConstantTime, hashText } from '../../core/crypto/index.ts';
import type { RandomSource } from '../keys/random.ts';
import type { TokenRecord } from '../storage/records.ts';

/** The name of the scheme may be written in any case; an id that is written otherwise is nobody's. [RFC9110 §11.1] */
const bearerPattern = /^bearer +(tok_[a-z0-9_-]{16})\.([a-z0-9_-]{43}) *$/i;

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
    secretHash: hashText('sha256', secret),
    createdAt: request.at,
    expiresAt: request.expiresAt,
    revokedAt: undefined,
    enrolmentsLeft: request.enrolments,
  };
  return { record, token: `${id}.${secret}` };
}

export interface ClaimedToken {
  readonly id: string;
  readonly secret: string;
}

/** The token that a header `Authorization` claims; undefined when it claims none. */
export function readBearer(header: string): ClaimedToken | undefined {
  const [, id, secret] = bearerPattern.exec(header) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
}

/** What speaks against a token at `now`; undefined when nothing does. Only who has the secret is told how a token ended. */
export function tokenEnding(
  record: TokenRecord,
  secret: string,
  now: number,
): 'unknown' | 'revoked' | 'expired' | undefined {
  if (!equalInConstantTime(record.secretHash, hashText('sha256', secret))) return 'unknown';
  if (record.revokedAt !== undefined) return 'revoked';
  return record.expiresAt !== undefined && record.expiresAt <= now ? 'expired' : undefined;
}
