// Failures of reading advisories of others.
import type { ErrorTable } from '../error-table.ts';

export const advisoryErrors = {
  ADVISORY_FORMAT_UNKNOWN: {
    cause: 'A file is neither an OSV record nor a CSAF document, or too long for one.',
    remedy: 'Give one advisory per file: OSV as osv.dev serves it, or CSAF 2.0 as its publisher does, in JSON.',
  },
  ADVISORY_VERSION_UNKNOWN: {
    cause: 'An advisory is of a version of its format whose meaning is not known here, so that nothing of it is used.',
    remedy: 'Ask for OSV 1.0 to 1.7 or CSAF 2.0, or write the entries of the deny list by hand.',
  },
  ADVISORY_INVALID: {
    cause: 'An advisory lacks what its format asks for, or contradicts itself. Nothing of it is used.',
    remedy: 'Tell its publisher; `at` says where reading stopped.',
  },
} as const satisfies ErrorTable;
