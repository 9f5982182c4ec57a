// The keys of the attestation CA over time: one issues, one may come next, and those before it sign lists until what they issued
// has ended.
import type { AttestationAuthority } from '../keys/attestation-authority.ts';
import { authoritiesOf, type ServerKeys } from '../keys/server-keys.ts';
import type { ServerContext } from '../context.ts';
import { ServerError } from '../errors.ts';
import type { Store } from '../storage/index.ts';

export interface AuthorityView {
  readonly authority: AttestationAuthority;
  readonly state: 'issuing' | 'next' | 'previous';
  /** When the last certificate that it issued ends: until then its key is needed. */
  readonly lastCertificateEnds: Date | undefined;
}

/** Writes down which key issues from now on; a change is in the audit log before the first certificate is. */
export async function enterAuthority(
  store: Pick<Store, 'enterAkIssuer'>,
  { id, certificate }: AttestationAuthority,
  at: Date,
): Promise<void> {
  const details = { certificate: certificate.subject, notAfter: certificate.notAfter.toISOString() };
  const audit = { at: at.getTime(), actor: 'server', action: 'attestation-ca.rotated', subject: id, details };
  await store.enterAkIssuer(id, audit);
}

/** The key that issues first. */
export async function listAuthorities({ keys, store }: ServerContext): Promise<readonly AuthorityView[]> {
  const issuers = new Map((await store.listAkIssuers()).map((issuer) => [issuer.id, issuer]));
  return authoritiesOf(keys).map((authority) => {
    const issuer = issuers.get(authority.id);
    const ends = issuer?.lastCertificateEnds;
    return {
      authority,
      state: authority === keys.authority ? 'issuing' : issuer === undefined ? 'next' : 'previous',
      lastCertificateEnds: ends === undefined ? undefined : new Date(ends),
    };
  });
}

/** @throws ServerError ATTESTATION_AUTHORITY_NOT_FOUND */
export function findAuthority(keys: ServerKeys, id: string): AttestationAuthority {
  const found = authoritiesOf(keys).find((authority) => authority.id === id);
  if (found === undefined) throw new ServerError('ATTESTATION_AUTHORITY_NOT_FOUND');
  return found;
}

/** Certificates of all keys, each with those of the authorities above it, none twice. DER. */
export function chainOf(keys: ServerKeys): readonly Uint8Array[] {
  const all = authoritiesOf(keys).flatMap(({ certificate, chain }) => [certificate, ...chain]);
  return [...new Map(all.map(({ der }) => [Buffer.from(der).toString('base64'), der])).values()];
}
