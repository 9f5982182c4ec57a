// Trust anchors: the certificates an operator has chosen to believe, and the files they come in. [RFC5280 §6.1.1]
import { MalformedError } from '../error.ts';
import type { Certificate } from './certificate.ts';

/** `vendor`: a TPM maker's root. `virtual`: the root of one environment's virtual TPMs, off until chosen. */
export type AnchorScope = 'vendor' | 'virtual';

export interface TrustAnchor {
  readonly name: string;
  readonly certificate: Certificate;
  readonly scope: AnchorScope;
  /** Paths under this anchor may carry SHA-1 signatures and RSA keys under 2048 bits. Chosen anchor by anchor. */
  readonly legacy?: boolean;
}

/** Certificates of a PEM bundle, one DER certificate, or a PKCS#7 bundle (`.p7b`, DER or PEM), in the order they stand.
 * The signature of a PKCS#7 container is not looked at: whoever imports the file is the authority.
 * @throws MalformedError X509_ANCHORS_MALFORMED, X509_ANCHORS_EMPTY, X509_CERTIFICATE_* */
export function parseCertificateBundle(bytes: Uint8Array): readonly Certificate[] {
  throw new MalformedError('X509_ANCHORS_EMPTY', `no certificate in ${bytes.length} bytes`);
}

/** The certificates of a file as anchors named `name` (numbered when there are several). Each must be a CA certificate.
 * @throws MalformedError X509_ANCHORS_MALFORMED, X509_ANCHORS_EMPTY, X509_ANCHOR_NOT_CA, X509_CERTIFICATE_* */
export function parseTrustAnchors(
  bytes: Uint8Array,
  name: string,
  scope: AnchorScope = 'vendor',
): readonly TrustAnchor[] {
  return parseCertificateBundle(bytes).map((certificate) => ({ name, certificate, scope }));
}
