// Failures of certificates and revocation lists.
import type { ErrorTable } from '../error-table.ts';

export const x509Errors = {
  X509_CERTIFICATE_MALFORMED: {
    cause: 'Bytes that should be an X.509 certificate are not: truncated, not DER, or a required field is missing.',
    remedy: 'Send the certificate as DER, or as PEM where the field says so; read the NV index again.',
  },
  X509_CERTIFICATE_IS_ATTRIBUTE: {
    cause: 'The file is an attribute certificate (a platform certificate), which describes a machine and holds no key.',
    remedy: 'Send the EK certificate from NV index 0x01C00002 or 0x01C0000A instead.',
  },
  X509_CERTIFICATE_ALGORITHMS_DIFFER: {
    cause: 'The signature algorithm inside the signed part is not the one beside the signature.',
    remedy: 'Such a certificate was altered or badly made; get it again from its issuer.',
  },
  X509_EXTENSION_DUPLICATE: {
    cause: 'An extension stands twice in a certificate or list, or there are more than 64.',
    remedy: 'The certificate violates RFC 5280; get a correct one from its issuer.',
  },
  X509_EXTENSION_MALFORMED: {
    cause: 'The value of an extension is not what its identifier says.',
    remedy: 'The certificate violates RFC 5280; get a correct one from its issuer.',
  },
  X509_ANCHORS_MALFORMED: {
    cause: 'A file of trust anchors is too large, or its PEM blocks or PKCS#7 container cannot be read.',
    remedy: 'Export the certificates again as PEM, DER or PKCS#7 (.p7b).',
  },
  X509_ANCHORS_EMPTY: {
    cause: 'A file of trust anchors holds no certificate.',
    remedy: 'Import a PEM bundle, a DER certificate or a PKCS#7 bundle that holds certificates.',
  },
  X509_ANCHOR_NOT_CA: {
    cause: 'A certificate to be imported as a trust anchor is not the certificate of an authority.',
    remedy: 'Import the root (or an intermediate authority) that issued it.',
  },
  X509_CRL_MALFORMED: {
    cause: 'Bytes that should be a certificate revocation list are not.',
    remedy: 'Fetch the list again; it must be DER or PEM.',
  },
  X509_CRL_UNSUPPORTED: {
    cause: 'A revocation list is of version 1, a delta, indirect or partial, or insists on an unknown extension.',
    remedy: 'Use the complete list of the issuer itself.',
  },
  X509_CRL_SIGNATURE_INVALID: {
    cause: 'A revocation list is not signed by the issuer it names, or by a key that may not sign lists.',
    remedy: 'Fetch the list again from its issuer.',
  },
  X509_CRL_STALE: {
    cause: 'No revocation list of an issuer is current at the date of the appraisal.',
    remedy: 'Fetch a new list; check the clock of the server.',
  },
  X509_CRL_MISSING: {
    cause:
      'Revocation lists are required, and of an issuer in the path none is at hand, or only one that is about other certificates: of some kinds or reasons, or of another distribution point.',
    remedy:
      'Import the list of every issuer (each part, where it is split), or require lists only where issuers publish them.',
  },
  X509_CERTIFICATE_REVOKED: {
    cause: 'A certificate in the path was revoked by its issuer.',
    remedy: 'The key must not be trusted: replace the TPM or the machine, or ask the issuer why.',
  },
  X509_PATH_NOTHING_TO_TRUST: {
    cause: 'No trust anchor is configured.',
    remedy: 'Import the roots of the TPM makers in your fleet: `touchstone trust-anchor import FILE`.',
  },
  X509_PATH_NO_ANCHOR: {
    cause: 'No chain of certificates leads from this one to a trust anchor.',
    remedy:
      "Give the server the certificate of the issuer that is named: `touchstone trust-anchor intermediates import FILE`; or, if it is the maker's root, check its fingerprint first: `touchstone trust-anchor import FILE`.",
  },
  X509_PATH_TOO_LONG: {
    cause:
      'There are too many intermediate certificates, or they allow too many paths, or one path has more than 32 certificates below the anchor.',
    remedy:
      'Send only the certificates of the chain. Where the chain itself is so long: import one of its authorities as a trust anchor, if you trust it.',
  },
  X509_PATH_SIGNATURE_INVALID: {
    cause: 'A certificate is not signed by the issuer it names.',
    remedy: 'The certificate was altered, or another authority has the same name: send the right intermediate.',
  },
  X509_PATH_ALGORITHM_UNSUPPORTED: {
    cause:
      'A signature in the path, or the key of an issuer, is of a kind that is not supported (brainpool, SM2, Ed448, parameters).',
    remedy:
      'Use the certificates of another key of the TPM: RSA with SHA-2, P-256, P-384, P-521 or Ed25519 up to the root.',
  },
  X509_PATH_EXPIRED: {
    cause: 'A certificate in the path is past its validity.',
    remedy: 'Get a renewed certificate; check the clock of the server.',
  },
  X509_PATH_NOT_YET_VALID: {
    cause: 'A certificate in the path is not valid yet.',
    remedy: 'Check the clock of the server.',
  },
  X509_PATH_NOT_CA: {
    cause: 'A certificate in the path was issued by one that is not the certificate of an authority.',
    remedy: 'Such a path is a forgery or a mistake of the issuer; do not import the issuer as an anchor.',
  },
  X509_PATH_KEY_USAGE: {
    cause: 'The key of an issuer in the path may not sign certificates.',
    remedy: 'Use the right certificate of the issuer.',
  },
  X509_PATH_LENGTH: {
    cause: 'More authorities stand below an issuer than it allows.',
    remedy: 'Such a path is a forgery or a mistake of the issuer.',
  },
  X509_PATH_CRITICAL_UNKNOWN: {
    cause: 'A certificate in the path insists on an extension that is not understood.',
    remedy: 'Report the extension; until it is supported the certificate cannot be trusted.',
  },
  X509_PATH_CONSTRAINED: {
    cause: 'A certificate in the path has name or policy constraints, which are not supported and therefore refused.',
    remedy: 'Import an authority without constraints below it as the anchor, if you trust it.',
  },
  X509_PATH_ALGORITHM_WEAK: {
    cause: 'A signature in the path uses SHA-1 or a key under 2048 bits, and the anchor is not marked legacy.',
    remedy: "Mark the anchor as legacy if you accept the maker's old certificates.",
  },
  X509_PROFILE_VERSION: {
    cause: 'The certificate is not of version 3.',
    remedy: 'Get a version 3 certificate from its issuer.',
  },
  X509_PROFILE_IS_CA: {
    cause: 'The certificate of a key in a TPM says that the key is an authority.',
    remedy: 'Send the certificate of the key itself, not that of its issuer.',
  },
  X509_PROFILE_KEY_UNSUPPORTED: {
    cause: 'The certified key is of a type or on a curve that is not supported.',
    remedy: 'Use RSA of 2048 bits or more, or P-256, P-384 or P-521.',
  },
  X509_PROFILE_KEY_WEAK: {
    cause: 'The certified key is an RSA key under 2048 bits or with an unusual exponent.',
    remedy: 'Use another key of the TPM, or another TPM.',
  },
  X509_PROFILE_NO_IDENTITY: {
    cause: 'The certificate has an empty subject without a critical subjectAltName.',
    remedy: 'Get a correct certificate from its issuer.',
  },
  X509_PROFILE_KEY_USAGE: {
    cause: 'keyUsage does not allow what a key of this kind is for.',
    remedy: 'Send the certificate of the right key: EKs encipher or agree, attestation keys sign.',
  },
  X509_PROFILE_PURPOSE: {
    cause: 'extendedKeyUsage does not name the purpose of this kind of key.',
    remedy: 'Send an EK certificate as EK certificate, an AK certificate as AK certificate.',
  },
  X509_PROFILE_NO_TPM_ATTRIBUTES: {
    cause: "An EK certificate under a TPM maker's root does not name manufacturer, model and version of the TPM.",
    remedy: 'If the TPM is virtual, import its root with the scope `virtual`.',
  },
  X509_PROFILE_MANUFACTURER_UNKNOWN: {
    cause: "An EK certificate under a TPM maker's root names a manufacturer that is not in the TCG registry.",
    remedy: 'If the TPM is virtual, import its root with the scope `virtual`.',
  },
  X509_ATTRIBUTE_CERTIFICATE_MALFORMED: {
    cause: 'Bytes that should be an attribute certificate (of a platform) are not, or are not in the one strict form.',
    remedy: 'Get the platform certificate again from the maker of the machine, as DER or PEM.',
  },
  X509_PLATFORM_KIND: {
    cause: 'The attribute certificate is of another kind (a delta, for example), or names no manufacturer and model.',
    remedy: 'Use the base platform certificate of the machine.',
  },
  X509_PLATFORM_HOLDER_OTHER: {
    cause: 'The platform certificate is about another TPM than the one the host enrolled with.',
    remedy:
      'Use the platform certificate of this very machine. If it is, the TPM or the mainboard was exchanged, or the TPM has a certificate of its EK beside the one that was sent (`--ek-certificate`).',
  },
  X509_PLATFORM_HOLDER_UNPROVEN: {
    cause:
      'The EK certificate that a platform certificate names is not proven itself: anybody could have written one with its number.',
    remedy:
      "Import the root of the TPM's maker (`touchstone trust-anchor import`), also where the EK is registered by its key.",
  },
  X509_DEVICE_KEY_UNRESTRICTED: {
    cause:
      'The certificate of a device identity does not say that its key signs only what a TPM made: it is of an IDevID, perhaps.',
    remedy:
      'Send the certificate of the initial attestation key (IAK): purpose 2.23.133.8.3, or policy 2.23.133.11.1.3.',
  },
  X509_DEVICE_NO_SERIAL: {
    cause:
      'The certificate of a device identity has no hardwareModuleName of a TPM 2.0 (2.23.133.1.2) with a serial number.',
    remedy:
      'Ask the maker of the machine for a certificate by the TCG profile; without one, enrol by the EK certificate.',
  },
  X509_DEVICE_KEY_MISMATCH: {
    cause: 'The certificate of a device identity is of another key than the host presented.',
    remedy: 'Send the certificate of the key in this very TPM.',
  },
  X509_KEY_ROCA: {
    cause:
      'A key in the path was made by the flawed generator of CVE-2017-15361: anybody can compute its private half.',
    remedy:
      'Update the firmware of the TPM and make new keys, or replace the TPM; ask the maker for the new certificate.',
  },
  X509_EK_KEY_MISMATCH: {
    cause: 'The EK certificate certifies another key than the EK the host presented.',
    remedy: 'Send the certificate that belongs to the EK in use (RSA and ECC EKs have one each).',
  },
  X509_SIGNED_DATA_MALFORMED: {
    cause: 'A CMS file is not SignedData in DER or PEM, or a part that each must have is missing.',
    remedy: 'Make it again: `openssl cms -sign -binary -nodetach -outform DER`, without -stream.',
  },
  X509_SIGNED_DATA_UNSUPPORTED: {
    cause:
      'A CMS file is signed in a way that is not verified here: detached, without signed attributes, by several signers, ' +
      'with SHA-1, with revocation lists inside, or by nobody.',
    remedy: 'Sign it with one key: `openssl cms -sign -binary -nodetach -md sha256`, without -noattr.',
  },
  X509_SIGNED_DATA_DIGEST: {
    cause: 'The content of a CMS file is not the one that was signed: it was changed, or damaged on its way.',
    remedy: 'Get the file again from its maker. Sign with -binary, or line ends are changed.',
  },
  X509_CONTENT_SIGNATURE_INVALID: {
    cause: 'The certificate that the signer shows is trusted, and its key did not sign these bytes.',
    remedy: 'Get the file again from its maker: it was changed, or damaged on its way.',
  },
  X509_SIGNER_UNTRUSTED: {
    cause:
      'No key that was named made the signature, and no certificate in the file leads to an authority that was named.',
    remedy: "Name the signer's key or certificate, or their authority, from a source that you trust.",
  },
  X509_SIGNER_PURPOSE: {
    cause: "The signer's certificate is for other purposes than signing documents or code.",
    remedy: 'Ask the maker to sign with a certificate for documents, code or mail, or name their key itself.',
  },
} as const satisfies ErrorTable;
