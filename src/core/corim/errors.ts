// Failures of CoRIM.
import type { ErrorTable } from '../error-table.ts';

export const corimErrors = {
  CORIM_INVALID: {
    cause: 'A CoRIM or CoMID lacks what each must have, or holds something of the wrong type.',
    remedy: 'Make it again with the tool that wrote it; `at` says where reading stopped.',
  },
  CORIM_KIND_UNKNOWN: {
    cause: 'The file is no CoRIM, signed or unsigned, and no CoMID.',
    remedy: 'Give a file of media type application/rim+cbor or application/rim+cose.',
  },
  CORIM_PROFILE_UNKNOWN: {
    cause: 'The CoRIM follows a profile that is not known here, so parts of it may mean what nobody here can tell.',
    remedy: 'Ask the maker for one without a profile, or in a profile that docs/corim.md lists.',
  },
  CORIM_PROFILE_VIOLATED: {
    cause: 'The CoRIM names a profile and does not keep to it.',
    remedy: 'Tell the maker: the message names the rule.',
  },
  CORIM_UNSUPPORTED: {
    cause:
      'The CoRIM demands something that no golden measurement can express. Leaving it out would weaken what was meant.',
    remedy: 'Ask the maker for reference values of PCRs, or capture the layer from a host.',
  },
  CORIM_EMPTY: {
    cause: 'The CoRIM holds no reference value of a PCR that tells of a layer.',
    remedy: 'Check that the right file was named; endorsements and keys are no golden measurements.',
  },
  CORIM_OUTSIDE_VALIDITY: {
    cause: 'The CoRIM, or the signature on it, has ended or does not hold yet.',
    remedy: 'Ask the maker for one that holds today.',
  },
  CORIM_UNSIGNED: {
    cause: 'A key was given to verify the CoRIM with, and the CoRIM is not signed.',
    remedy: 'Ask the maker for the signed one, or say that an unsigned one will do.',
  },
  CORIM_SIGNER_UNKNOWN: {
    cause: 'No key that was given made the signature of the CoRIM, or it signs something else than a CoRIM.',
    remedy: "Give the maker's key, from a source that you trust.",
  },
} as const satisfies ErrorTable;
