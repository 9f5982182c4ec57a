import type { ErrorTable } from '../error-table.ts';

export const x509Errors = {
  X509_CERTIFICATE_MALFORMED: {
    cause: 'Bytes that should be an X.509 certificate are not: truncated, not DER, or a required field is missing.',
    remedy: 'Send the certificate as DER, or as PEM where the field says so; read the NV index again.',
  },
  X509_ANCHORS_EMPTY: {
    cause: 'A file of trust anchors holds no certificate.',
    remedy: 'Import a PEM bundle, a DER certificate or a PKCS#7 bundle that holds certificates.',
  },
  X509_CRL_MALFORMED: {
    cause: 'Bytes that should be a certificate revocation list are not.',
    remedy: 'Fetch the list again; it must be DER or PEM.',
  },
  X509_PATH_NO_ANCHOR: {
    cause: 'No chain of certificates leads from this one to a trust anchor.',
    remedy: "Import the maker's root with `touchstone trust-anchors import`, after checking its fingerprint.",
  },
} as const satisfies ErrorTable;
