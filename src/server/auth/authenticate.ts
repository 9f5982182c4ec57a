// Who is calling: a bearer token, else a client certificate, else nobody in particular. What is presented must be right: a
// wrong token is refused even where no token is needed. [PEERS T13]
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';
import { encodeHex } from '../../core/encoding/index.ts';
import { hash } from '../../core/crypto/index.ts';
import type { ClientCertificateRule } from '../config/config.ts';
import { ServerError } from '../errors.ts';
import type { Store } from '../storage/index.ts';
import { anonymous, type Principal } from './access.ts';
import { proveHost, type HostProver } from './prove-host.ts';
import { splitToken, tokenEnding } from './token.ts';

export interface Authenticator extends HostProver {
  readonly store: Pick<Store, 'findToken' | 'findHost'>;
  readonly clients: readonly ClientCertificateRule[];
}

/** Whoever is a host proves it by its TPM as well.
 * @throws ServerError AUTH_TOKEN_INVALID, AUTH_PROOF_* */
export async function authenticate(request: IncomingMessage, authenticator: Authenticator): Promise<Principal> {
  const principal = await identify(request, authenticator);
  if (principal.hostId === undefined) return principal;
  return { ...principal, bodyDigest: await proveHost(request, principal.hostId, authenticator) };
}

async function identify(request: IncomingMessage, authenticator: Authenticator): Promise<Principal> {
  const { authorization } = request.headers;
  if (authorization !== undefined) return authenticateToken(authorization, authenticator);
  return authenticateCertificate(request, authenticator) ?? anonymous;
}

const endings = {
  unknown: undefined,
  revoked: 'the token was revoked',
  expired: 'the token has expired',
} as const;

async function authenticateToken(
  header: string,
  { store, now }: Pick<Authenticator, 'store' | 'now'>,
): Promise<Principal> {
  const parts = tokenOf(header);
  const record = parts && (await store.findToken(parts.id));
  const ending = record && tokenEnding(record, parts.secret, now().getTime());
  if (record === undefined || ending !== undefined) {
    throw new ServerError('AUTH_TOKEN_INVALID', ending && endings[ending], {
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  }
  const actor = record.hostId === undefined ? `token ${record.id}` : `host ${record.hostId}`;
  return { role: record.role, actor, hostId: record.hostId, tokenId: record.id };
}

/** Id and secret as they are claimed. */
export function tokenOf(header: string | undefined): ReturnType<typeof splitToken> {
  return splitToken(/^Bearer +(\S+) *$/i.exec(header ?? '')?.[1] ?? '');
}

/** The handshake proved possession of the key; the configuration pins the key. Who signed the certificate is beside the point. */
function authenticateCertificate(request: IncomingMessage, { clients, now }: Authenticator): Principal | undefined {
  if (clients.length === 0 || !(request.socket instanceof TLSSocket)) return undefined;
  const certificate = request.socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  const at = now();
  if (at < new Date(certificate.validFrom) || at > new Date(certificate.validTo)) return undefined;
  const digest = encodeHex(
    hash('sha256', new Uint8Array(certificate.publicKey.export({ type: 'spki', format: 'der' }))),
  );
  const rule = clients.find(({ spkiSha256 }) => spkiSha256 === digest);
  return rule && { role: rule.role, actor: `client ${rule.name}`, hostId: rule.host };
}
