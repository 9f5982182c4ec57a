// Departures from DER, RFC 5280 or the TCG profiles that real TPM makers ship, accepted by name. Each one applied to a
// certificate is carried with it to the verdict: an operator sees what was forgiven. What is not in this table is refused.

export const leniencies = {
  'tpm12-nv-header':
    'The certificate was wrapped in the 7-byte header of the TPM 1.2 NV format; the header was removed.',
  'trailing-bytes':
    'Bytes follow the certificate (padding of an NV index, a download); they were cut at the outer DER length.',
  'non-der-encoding': 'A boolean inside the certificate is not in its one DER form.',
  'unsorted-set': 'A multi-valued name part is not in DER order (Nuvoton).',
  'negative-serial': 'The serial number is negative.',
  'long-serial': 'The serial number is zero, longer than 20 bytes, or not in its shortest form.',
  'rsaes-oaep-key': 'The key is labelled id-RSAES-OAEP; it was read as an RSA key.',
  'null-ecdsa-parameters': 'The ECDSA signature algorithm carries NULL parameters (Intel On-Die CA).',
  'sha1-signature': 'A signature in the path uses SHA-1, under a trust anchor listed as legacy.',
  'weak-issuer-key': 'A key in the path has fewer bits than required, under a trust anchor listed as legacy.',
  'missing-key-usage': 'The certificate has no keyUsage extension.',
  'unexpected-key-usage': 'The keyUsage bits are not those the profile names for this type of key.',
  'missing-extended-key-usage': 'The certificate does not name its purpose (extendedKeyUsage).',
  'critical-extended-key-usage': 'extendedKeyUsage is marked critical.',
  'missing-basic-constraints': 'An end certificate has no basicConstraints.',
  'malformed-authority-key-identifier':
    'authorityKeyIdentifier cannot be read; it is only a hint and was ignored (FIDO conformance).',
  'missing-authority-key-identifier': 'The certificate has no authorityKeyIdentifier.',
  'missing-tpm-attributes': 'subjectAltName does not name manufacturer, model and version of the TPM.',
  'unknown-tpm-manufacturer': 'The manufacturer id is not in the TCG vendor registry.',
  'expired-anchor': 'The trust anchor is past its validity; it is trusted because it is pinned.',
} as const;

export type LeniencyId = keyof typeof leniencies;

/** One leniency and the certificate it was granted to. */
export interface AppliedLeniency {
  readonly id: LeniencyId;
  /** Printable subject of the certificate. */
  readonly certificate: string;
}
