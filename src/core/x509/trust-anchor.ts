// Trust anchors: the certificates an operator has chosen to believe, and the files they come in. [RFC5280 §6.1.1]
import { bytesEqual } from '../encoding/index.ts';
import { MalformedError } from '../error.ts';
import type { Certificate } from './certificate.ts';
import { parseCertificate } from './parse-certificate.ts';
import { readPemBlocks } from './pem-blocks.ts';
import { readSignedDataCertificates } from './signed-data.ts';

/** `vendor`: a TPM maker's root. `virtual`: the root of one environment's virtual TPMs, off until chosen. `platform`: the root of a
 * maker of machines, which vouches for no TPM. */
export type AnchorScope = 'vendor' | 'virtual' | 'platform';

/** `require`: every certificate below the anchor needs a fresh list of its issuer. `if-present`: lists given are applied
 * (a stale one refuses), certificates whose issuer gave none pass and are named in `unchecked`. */
export type RevocationMode = 'if-present' | 'require';

export interface TrustAnchor {
  readonly name: string;
  readonly certificate: Certificate;
  readonly scope: AnchorScope;
  /** Paths under this anchor may carry SHA-1 signatures and RSA keys under 2048 bits. Chosen anchor by anchor. */
  readonly legacy?: boolean;
  /** For the paths under this anchor, instead of what the caller asks for. */
  readonly revocation?: RevocationMode;
}

const maximumSize = 4 * 1024 * 1024;
const maximumCertificates = 1024;

/** Certificates of a PEM bundle, one DER certificate, or a PKCS#7 bundle (`.p7b`, DER or PEM), in the order they stand.
 * Proves nothing; the signature of a PKCS#7 container is not looked at either: whoever imports the file is the authority.
 * @throws MalformedError X509_ANCHORS_MALFORMED, X509_ANCHORS_EMPTY, X509_CERTIFICATE_*, X509_EXTENSION_* */
export function parseCertificateBundle(bytes: Uint8Array): readonly Certificate[] {
  if (bytes.length > maximumSize) {
    throw new MalformedError('X509_ANCHORS_MALFORMED', `${bytes.length} bytes are too many for a certificate bundle`);
  }
  const found = readAll(bytes);
  if (found.length === 0) throw new MalformedError('X509_ANCHORS_EMPTY', 'the file holds no certificate');
  if (found.length > maximumCertificates) {
    throw new MalformedError('X509_ANCHORS_MALFORMED', `${found.length} certificates are too many for one bundle`);
  }
  return found.map(parseCertificate);
}

/** The certificates of a file as anchors, named `name`, `name #2` and so on; one that stands twice counts once. Each must be the certificate
 * of an authority: an anchor that may not sign certificates would only mislead.
 * @throws MalformedError X509_ANCHOR_NOT_CA, and as parseCertificateBundle */
export function parseTrustAnchors(
  bytes: Uint8Array,
  name: string,
  scope: AnchorScope = 'vendor',
): readonly TrustAnchor[] {
  const certificates = parseCertificateBundle(bytes).filter(
    (certificate, index, all) => all.findIndex((other) => bytesEqual(other.der, certificate.der)) === index,
  );
  return certificates.map((certificate, index) => {
    if (certificate.basicConstraints?.ca !== true) {
      throw new MalformedError('X509_ANCHOR_NOT_CA', `${certificate.subject} is not the certificate of an authority`);
    }
    return { name: index === 0 ? name : `${name} #${index + 1}`, certificate, scope };
  });
}

function readAll(bytes: Uint8Array): readonly Uint8Array[] {
  const containers = readPemBlocks(bytes, 'PKCS7', 'CMS');
  if (containers.length > 0) return containers.flatMap(readSignedDataCertificates);
  const blocks = readPemBlocks(bytes, 'CERTIFICATE', 'X509 CERTIFICATE');
  if (blocks.length > 0) return blocks;
  if (bytes[0] !== 0x30) return [];
  return isContainer(bytes) ? readSignedDataCertificates(bytes) : [bytes];
}

/** A ContentInfo starts with an object identifier, a certificate with a sequence. */
function isContainer(bytes: Uint8Array): boolean {
  const first = bytes[1] ?? 0;
  return bytes[first > 0x80 ? 2 + (first & 0x7f) : 2] === 0x06;
}
