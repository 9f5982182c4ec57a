// Who is calling: a bearer token, else a client certificate, else nobody in particular. What is presented must be right: a
// wrong token is refused even where no token is needed. [PEERS T13]
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { hashHex } from '../../core/crypto/index.ts';
import type { ClientCertificateRule } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import { soon, type Soon } from '../soon.ts';
import type { Store, TokenRecord } from '../storage/index.ts';
import { anonymous, type Principal } from './access.ts';
import { proveHost, type HostProver } from './prove-host.ts';
import { readBearer, tokenEnding, type ClaimedToken } from './token.ts';

export interface Authenticator extends HostProver {
  readonly store: Pick<Store, 'findToken' | 'findHost'>;
  readonly clients: readonly ClientCertificateRule[];
}

/** `claimed`: what `tokenOf` reads in the request.
 * @throws ServerError AUTH_TOKEN_INVALID, AUTH_PROOF_* */
export function authenticate(
  request: IncomingMessage,
  claimed: ClaimedToken | undefined,
  authenticator: Authenticator,
): Soon<Principal> {
  if (request.headers.authorization === undefined) {
    return provePrincipal(request, authenticateCertificate(request, authenticator) ?? anonymous, authenticator);
  }
  return soon(claimed && authenticator.store.findToken(claimed.id), (record) =>
    provePrincipal(request, authenticateToken(claimed, record, authenticator), authenticator),
  );
}

/** The same token once more, after some time: whether it still is one.
 * @throws ServerError AUTH_TOKEN_INVALID */
export function checkToken(
  claimed: ClaimedToken,
  authenticator: { readonly store: Pick<Store, 'findToken'>; readonly now: () => Date },
): Soon<Principal> {
  return soon(authenticator.store.findToken(claimed.id), (record) => authenticateToken(claimed, record, authenticator));
}

/** Whoever is a host proves it by its TPM as well. */
function provePrincipal(request: IncomingMessage, principal: Principal, prover: HostProver): Soon<Principal> {
  if (principal.hostId === undefined) return principal;
  return soon(proveHost(request, principal.hostId, prover), (bodyDigest) => withBody(principal, bodyDigest));
}

/** Member by member: a literal that begins with a spread, and has a new one behind it, costs V8 a new shape each time. */
function withBody({ role, actor, hostId, tokenId }: Principal, bodyDigest: Uint8Array): Principal {
  return { role, actor, hostId, bodyDigest, ...(tokenId === undefined ? {} : { tokenId }) };
}

const endings = {
  unknown: undefined,
  revoked: 'the token was revoked',
  expired: 'the token has expired',
} as const;

function authenticateToken(
  claimed: ClaimedToken | undefined,
  record: TokenRecord | undefined,
  { now }: Pick<Authenticator, 'now'>,
): Principal {
  const isKnown = claimed !== undefined && record !== undefined;
  const ending = isKnown ? tokenEnding(record, claimed.secret, now().getTime()) : 'unknown';
  if (!isKnown || ending !== undefined) {
    throw new ServerError('AUTH_TOKEN_INVALID', ending && endings[ending], {
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  }
  const actor = record.hostId === undefined ? `token ${record.id}` : `host ${record.hostId}`;
  return { role: record.role, actor, hostId: record.hostId, tokenId: record.id };
}

/** Id and secret as a request claims them. */
export function tokenOf({ headers }: Pick<IncomingMessage, 'headers'>): ClaimedToken | undefined {
  return headers.authorization === undefined ? undefined : readBearer(headers.authorization);
}

/** The handshake proved possession of the key; the configuration pins the key. Who signed the certificate is beside the point. */
function authenticateCertificate(request: IncomingMessage, { clients, now }: Authenticator): Principal | undefined {
  if (clients.length === 0 || !(request.socket instanceof TLSSocket)) return undefined;
  const certificate = request.socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const at = now();
  if (at < new Date(certificate.validFrom) || at > new Date(certificate.validTo)) return undefined;
  const digest = hashHex('sha256', certificate.publicKey.export({ type: 'spki', format: 'der' }));
  const rule = clients.find(({ spkiSha256 }) => spkiSha256 === digest);
  return rule && { role: rule.role, actor: `client ${rule.name}`, hostId: rule.host };
}
