// Failures of TCG RIM.
import type { ErrorTable } from '../error-table.ts';

export const rimErrors = {
  RIM_XML_INVALID: {
    cause:
      'The file is no XML that is read here: not well formed, or with a document type, entities of its own, comments, ' +
      'CDATA or processing instructions, none of which a signed tag needs.',
    remedy: 'Get the tag as its maker signed it; `at` says where reading stopped.',
  },
  RIM_INVALID: {
    cause: 'The XML is no SWID tag, or lacks what a reference integrity manifest must have.',
    remedy: 'Check that the right file was named: the base RIM (.swidtag), not its support file.',
  },
  RIM_UNSUPPORTED: {
    cause:
      'The manifest is of a kind that no golden measurement can express: a patch or supplement to another, another binding ' +
      'than PC client, a payload that lies elsewhere, conditions, or parts that are not known.',
    remedy: 'Ask the maker for the base RIM of the platform with its event log, or capture the layers from a host.',
  },
  RIM_UNSIGNED: {
    cause: 'A key or an authority was named to verify with, and the manifest is not signed.',
    remedy: 'Ask the maker for the signed one, or say that an unsigned one will do.',
  },
  RIM_SIGNATURE_UNSUPPORTED: {
    cause:
      'The signature of the manifest is of a form that is not verified here: more than one reference, other transforms, ' +
      'SHA-1, or a part that does not belong.',
    remedy: 'Ask for an enveloped signature over the whole tag with RSA or ECDSA and SHA-256 or stronger.',
  },
  RIM_DIGEST_MISMATCH: {
    cause: 'The manifest is not the one that was signed: it was changed, or damaged on its way.',
    remedy: 'Get the file again from its maker. Do not open and save it with an editor.',
  },
  RIM_SUPPORT_MISSING: {
    cause: 'The manifest names a support file by its digest, and no file with that digest was given.',
    remedy: 'Give every file that the manifest lists, unchanged, with --support.',
  },
  RIM_LOG_USELESS: {
    cause: 'The event log of the manifest tells of no layer, or only in SHA-1.',
    remedy: 'Ask the maker for an event log with SHA-256 digests.',
  },
} as const satisfies ErrorTable;
