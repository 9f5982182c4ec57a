// Tokens of callers in the shape of the contract: never their secrets.
import type { components } from '../../../api/index.ts';
import { isoTime } from '../../../core/encoding/index.ts';
import type { TokenRecord } from '../../storage/index.ts';
import { present } from './present.ts';

export function wireToken(token: TokenRecord): components['schemas']['Token'] {
  return {
    id: token.id,
    name: token.name,
    role: token.role,
    createdAt: isoTime(token.createdAt),
    revoked: token.revokedAt !== undefined,
    ...present('enrolmentsLeft', token.enrolmentsLeft),
    ...present('hostId', token.hostId),
    ...present('expiresAt', token.expiresAt === undefined ? undefined : isoTime(token.expiresAt)),
  };
}
