// The audit log for those who do not have it: what each entry is by its hash, and a Merkle tree over those hashes.
export { hashEntry } from './entry.ts';
export { hashLeaf, hashSubtree, isIncluded, provePath, type Inclusion, type SubtreeHash } from './merkle-tree.ts';
