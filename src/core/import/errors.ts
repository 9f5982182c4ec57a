// Failures of imports of reference values.
import type { ErrorTable } from '../error-table.ts';

export const importErrors = {
  IMPORT_FORMAT_UNKNOWN: {
    cause: 'The file to import is of none of the formats that are read, or too long for any of them.',
    remedy: 'See docs/imports.md for the formats. CoSWID and S/MIME text are not among them.',
  },
  IMPORT_FORMAT_OTHER: {
    cause: 'The file is of another format than the one that was asked for, or holds one that may not be in it.',
    remedy: 'Leave --format out to have it recognised, or check that the right file was named.',
  },
  IMPORT_UNSIGNED: {
    cause: 'A key or an authority was named to verify with, and the file is not signed.',
    remedy: 'Ask the maker for the signed one, or say that an unsigned one will do.',
  },
  IMPORT_SUPPORT_UNUSED: {
    cause:
      'A support file was given that the imported file does not name by its digest, or that its format has none of.',
    remedy: 'Give the files that the maker lists, unchanged, and no others.',
  },
  IMPORT_ENVELOPE_TYPE: {
    cause: 'A DSSE envelope holds something else than an in-toto statement.',
    remedy: 'Ask the maker for an attestation with payload type application/vnd.in-toto+json.',
  },
  IMPORT_SIGNATURE_INVALID: {
    cause: 'No key that was named made a signature of the envelope or bundle.',
    remedy: "Give the maker's key, from a source that you trust. A changed file has no valid signature either.",
  },
  IMPORT_SIGSTORE_INVALID: {
    cause: 'A sigstore bundle lacks what each must have, or is of a version that is not known.',
    remedy: 'Make it again: `cosign attest-blob --key KEY --new-bundle-format --bundle FILE`.',
  },
  IMPORT_SIGSTORE_UNSUPPORTED: {
    cause:
      'A sigstore bundle is signed without a lasting key (with a certificate of minutes, which only online services ' +
      'tell about), or signs bare bytes in the place of an in-toto statement.',
    remedy: 'Ask for one that is signed with a key (`cosign attest-blob --key`), and name that key.',
  },
  IMPORT_STATEMENT_INVALID: {
    cause: 'An in-toto statement lacks what each must have, or its predicate is not what its type says.',
    remedy: 'Make it again with the tool that wrote it; `at` says where reading stopped.',
  },
  IMPORT_PREDICATE_UNKNOWN: {
    cause:
      'The predicate of an in-toto statement is of a type that says nothing of what a boot measures. Subjects alone do ' +
      'not: firmware measures the Authenticode digest of a binary, and a subject has that of the file.',
    remedy: 'Verify the binaries with the statement, then draft from them: `touchstone golden predict`.',
  },
} as const satisfies ErrorTable;
