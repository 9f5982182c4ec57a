// Bundles of trust anchors: which roots, from where and since when, signed by a quorum of operators.
// parse -> ClaimedAnchorBundle -> verify (with signers and quorum) -> ApprovedAnchorBundle.
export { encodeAnchorBundle } from './encode-anchor-bundle.ts';
export { anchorBundlePayloadType, type AnchorBundle, type BundledAnchor } from './anchor-bundle.ts';
export { parseAnchorBundle, type ClaimedAnchorBundle } from './parse-anchor-bundle.ts';
export { verifyAnchorBundle, type ApprovedAnchorBundle } from './verify-anchor-bundle.ts';
