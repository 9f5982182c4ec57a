// The audit log for those who do not have it: what each entry is by its hash, a Merkle tree over those hashes, and its root signed.
export {
  openCheckpoint,
  signCheckpoint,
  verifyAppended,
  type Checkpoint,
  type OpenedCheckpoint,
  type SignedCheckpoint,
} from './checkpoint.ts';
export { isConsistent, proveConsistency, type TreeHead } from './consistency.ts';
export { hashEntry } from './entry.ts';
export { verifyStretch, type VerifiedStretch } from './stretch.ts';
export { hashLeaf, hashSubtree, isIncluded, proveInclusion, type Inclusion, type SubtreeHash } from './merkle-tree.ts';
