// The bytes that operators sign: one spelling for one statement. [RFC8785]
import { canonicalJson } from '../encoding/index.ts';
import { breakGlassType, type BreakGlass } from './break-glass.ts';
import { parseBreakGlass } from './parse-break-glass.ts';

/** @throws MalformedError BREAK_GLASS_INVALID: nothing that could not be read again is ever written */
export function encodeBreakGlass({ issuedAt, until, status, reason, ticket, excuses, hosts }: BreakGlass): Uint8Array {
  const payload = canonicalJson({
    _type: breakGlassType,
    issuedAt: issuedAt.toISOString(),
    until: until.toISOString(),
    status,
    reason,
    ticket,
    excuses: [...excuses],
    hosts: hosts.map((host) => ({ ...host })),
  });
  parseBreakGlass(payload);
  return payload;
}
