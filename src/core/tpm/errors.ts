// Failures of TPM structures, keys and quotes.
import type { ErrorTable } from '../error-table.ts';

export const tpmErrors = {
  TPM_STRUCTURE_TRUNCATED: {
    cause: 'A TPM structure ends before a field that it announces.',
    remedy: 'Send the complete structure as the TPM returned it.',
  },
  TPM_STRUCTURE_TRAILING: {
    cause: 'Bytes follow the end of a TPM structure.',
    remedy: 'Send exactly one structure, without padding.',
  },
  TPM_STRUCTURE_TOO_LARGE: {
    cause: 'A TPM structure or one of its fields is larger than any TPM makes.',
    remedy: 'Send the structure that the field asks for; check that it is not wrapped in something else.',
  },
  TPM_HASH_UNSUPPORTED: {
    cause: 'A TPM structure names a hash algorithm other than SHA-1, SHA-256, SHA-384 or SHA-512.',
    remedy: 'Use SHA-256 or stronger for keys, signatures and PCR banks.',
  },
  TPM_PUBLIC_TYPE_UNSUPPORTED: {
    cause: 'A public area is not of an RSA or an ECC key.',
    remedy: 'Use an RSA or ECC key.',
  },
  TPM_PUBLIC_CURVE_UNSUPPORTED: {
    cause: 'An ECC key is on a curve other than P-256, P-384 or P-521.',
    remedy: 'Create the key on P-256, P-384 or P-521.',
  },
  TPM_PUBLIC_SCHEME_UNSUPPORTED: {
    cause: 'A public area names a signing, encryption or key derivation scheme that is unknown or not of its key type.',
    remedy: 'Create the key with RSASSA, RSAPSS or ECDSA, or without a scheme.',
  },
  TPM_PUBLIC_SYMMETRIC_UNSUPPORTED: {
    cause: 'A public area names a symmetric algorithm or mode that is unknown.',
    remedy: 'Use AES-128-CFB or AES-256-CFB for a storage key, nothing for a signing key.',
  },
  TPM_PUBLIC_ATTRIBUTES_RESERVED: {
    cause: 'A public area sets an attribute bit that the TPM specification reserves.',
    remedy: 'Send the public area as the TPM returned it.',
  },
  TPM_PUBLIC_UNIQUE_INVALID: {
    cause: 'The modulus or the point of a public area does not have the size its parameters announce.',
    remedy: 'Send the public area of an existing key, not a template.',
  },
  TPM_ATTEST_MAGIC_WRONG: {
    cause: 'An attestation statement does not begin with TPM_GENERATED (0xFF544347): no TPM made it.',
    remedy: 'Treat the host as hostile. A restricted key signs only what the TPM itself made.',
  },
  TPM_ATTEST_TYPE_UNKNOWN: {
    cause: 'An attestation statement has a type that TPM 2.0 does not define.',
    remedy: 'Send the statement as the TPM returned it.',
  },
  TPM_ATTEST_TYPE_WRONG: {
    cause:
      'An attestation statement is of another type than the one asked for, for example a certification in place of a quote.',
    remedy: 'Send the statement that TPM2_Quote (or the named command) returned.',
  },
  TPM_ATTEST_FLAG_INVALID: {
    cause: 'A yes/no field of an attestation statement is neither 0 nor 1.',
    remedy: 'Send the statement as the TPM returned it.',
  },
  TPM_ATTEST_SIGNER_MALFORMED: {
    cause: 'The qualified name of the signer is not a name made with the hash of the key that signed.',
    remedy: 'Sign with the enrolled attestation key.',
  },
  TPM_ATTEST_SIGNER_TRANSIENT: {
    cause:
      'The attestation key was made in the NULL hierarchy: it is gone with the next reset, and no host may rest on it.',
    remedy:
      'Make the attestation key in the endorsement or owner hierarchy (`touchstone agent enrol` does) and enrol it.',
  },
  TPM_SELECTION_TOO_MANY: {
    cause: 'A PCR selection lists more banks than a TPM has.',
    remedy: 'Select each bank once.',
  },
  TPM_SELECTION_SIZE_INVALID: {
    cause: 'The bitmap of a PCR selection is not 1 to 4 bytes long, or in a quote not exactly 3 bytes.',
    remedy: 'Use the 3-byte bitmap of the PC Client profile.',
  },
  TPM_SELECTION_BANK_REPEATED: {
    cause: 'A PCR selection lists one bank twice.',
    remedy: 'Select each bank once.',
  },
  TPM_SELECTION_PCR_UNKNOWN: {
    cause: 'A PCR selection names a PCR beyond 23.',
    remedy: 'Select PCRs 0 to 23.',
  },
  TPM_SIGNATURE_SCHEME_UNSUPPORTED: {
    cause: 'A signature was made with a scheme other than RSASSA, RSAPSS or ECDSA.',
    remedy: 'Use an attestation key with one of these schemes.',
  },
  TPM_SIGNATURE_SCHEME_MISMATCH: {
    cause: 'A signature names another scheme or hash than the attestation key has.',
    remedy: 'Sign with the scheme of the enrolled key; the message may not choose one.',
  },
  TPM_SIGNATURE_INVALID: {
    cause: 'The signature does not verify over the attestation statement with the attestation key.',
    remedy: 'Check that the host signs with the key it enrolled and that nothing altered the statement on its way.',
  },
  TPM_KEY_ATTRIBUTES_REFUSED: {
    cause: 'A key has attributes that its role does not allow, so that its signatures or activations prove nothing.',
    remedy:
      'Create the key with the attributes the message names: an attestation key is restricted, signing, fixed to its TPM.',
  },
  TPM_KEY_SCHEME_REFUSED: {
    cause: 'The signing scheme, name hash or symmetric algorithm of a key is not allowed in its role.',
    remedy:
      'Use RSASSA, RSAPSS or ECDSA with SHA-256 or stronger for an attestation key, AES-CFB for an endorsement key.',
  },
  TPM_KEY_WEAK: {
    cause: 'An RSA key has fewer than 2048 bits, an unusual size, an even modulus or an exponent other than 65537.',
    remedy: 'Create an RSA key of 2048, 3072 or 4096 bits with exponent 65537, or an ECC key.',
  },
  TPM_KEY_ROCA: {
    cause: 'The RSA modulus has the fingerprint of CVE-2017-15361 (ROCA): its private key can be computed.',
    remedy: 'Update the TPM firmware and create new keys; the old ones are not secret.',
  },
  TPM_QUALIFYING_DATA_TOO_SHORT: {
    cause: 'The nonce or qualifying data to compare with is shorter than 16 bytes: it proves no freshness.',
    remedy: 'Use 32 random bytes, or what quoteQualifyingData makes of them.',
  },
  TPM_QUALIFYING_DATA_AMBIGUOUS: {
    cause:
      'A word that is bound (an id, a method, a path) contains a NUL character, the digest of a body is not a SHA-256, or the name of the attestation key is not a TPM name.',
    remedy: 'Use ids without control characters and the name that the TPM shows for the key.',
  },
  TPM_QUALIFYING_DATA_MISMATCH: {
    cause: 'The statement answers another challenge: its extraData is not the expected qualifying data.',
    remedy: 'Quote with the qualifying data of the open challenge. An old statement never becomes fresh.',
  },
  TPM_QUOTE_SELECTION_EMPTY: {
    cause: 'The quote selects no PCR, so it proves nothing about the boot.',
    remedy: 'Quote the PCRs of the challenge; check with tpm2_getcap pcrs that their bank is active.',
  },
  TPM_PCRS_MISSING: {
    cause: 'The quote covers a PCR whose value was not sent.',
    remedy: 'Send the value of every quoted PCR.',
  },
  TPM_PCRS_UNSELECTED: {
    cause: 'A PCR value was sent that the quote does not cover, so nothing proves it.',
    remedy: 'Send the values of the quoted PCRs only.',
  },
  TPM_PCRS_SIZE_WRONG: {
    cause: 'A PCR value does not have the digest size of its bank.',
    remedy: 'Send PCR values as the TPM returned them.',
  },
  TPM_PCRS_DIGEST_MISMATCH: {
    cause: 'The PCR values sent do not give the digest that the TPM signed.',
    remedy: 'Read the PCRs again and quote again: an extend in between makes a torn snapshot.',
  },
  TPM_PCRS_RESETTABLE_ONLY: {
    cause: 'The quote covers only PCR 16 or 23, which any program can reset: it proves nothing about the boot.',
    remedy: 'Quote the PCRs of the challenge.',
  },
  TPM_PCR_FILE_INVALID: {
    cause: "A file is not tpm2-tools' serialized PCR file.",
    remedy: 'Use `tpm2_quote -o FILE` with the default format (`-F serialized`).',
  },
  TPM_CERTIFY_NAME_MISMATCH: {
    cause: 'A certification or creation statement is about another object than the one given.',
    remedy: 'Send the public area of the object that was certified.',
  },
  TPM_CREATION_HASH_MISMATCH: {
    cause: 'The creation data does not have the hash that the TPM signed.',
    remedy: 'Send the creation data that the TPM returned with the object.',
  },
  TPM_REQUEST_PROOF_MALFORMED: {
    cause: 'The proof beside a request is not of its form: version, time, digest of the body, statement and signature.',
    remedy: 'Send the header `touchstone-proof` as openapi.yaml describes it; update the agent.',
  },
  TPM_CREDENTIAL_INPUT_INVALID: {
    cause: 'A credential, seed, name or randomness for a credential has the wrong size.',
    remedy: 'Use a credential of 1 to digest-size bytes, and seed and randomness of the sizes credentialSizes names.',
  },
  TPM_CREDENTIAL_INTEGRITY_INVALID: {
    cause: 'A credential does not open: it was made for another key name, with another seed, or was altered.',
    remedy: 'Ask for a new credential for the key that is loaded.',
  },
} as const satisfies ErrorTable;
