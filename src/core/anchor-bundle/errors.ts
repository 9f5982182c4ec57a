// Failures of bundles of trust anchors.
import type { ErrorTable } from '../error-table.ts';

export const anchorBundleErrors = {
  ANCHOR_BUNDLE_INVALID: {
    cause:
      'A bundle of trust anchors is of another type, lacks a field or has one that nobody knows, or a certificate in it is not the one its digest says.',
    remedy: 'Make it again: `touchstone trust-anchor bundle`. The path in the message names the field.',
  },
  ANCHOR_BUNDLE_QUORUM_NOT_REACHED: {
    cause:
      'Fewer operators than the quorum have signed the bundle. Signers who may sign single layers only do not count.',
    remedy: 'Let another operator sign it: `touchstone trust-anchor sign FILE --key KEY`.',
  },
} as const satisfies ErrorTable;
