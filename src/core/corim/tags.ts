// CBOR tags of CoRIM and CoMID. [CORIM §2.3, §4.1.4] What is not listed here may not occur in one.
import type { CborBounds } from '../encoding/index.ts';

export const tags = {
  legacyWrapper: 500,
  corim: 501,
  legacySigned: 502,
  coswid: 505,
  comid: 506,
  trustAnchorStore: 507,
  conciseTagList: 508,
  uri: 32,
  uuid: 37,
  oid: 111,
  ueid: 550,
  pkixKey: 554,
  bytes: 560,
} as const;

/** The rest of what environments and measurements may hold: values that are read over, and refused where they would count. */
const others = [
  ...[18, 1, 52, 54, 551, 552, 553, 555, 556, 557, 558, 559, 561, 562, 563, 564],
  // Expressions over numbers, digests and texts, as the Intel profile for TDX and SGX has them.
  ...[60010, 60020, 60021],
];

export const corimBounds: CborBounds = {
  tags: new Set([...Object.values(tags), ...others]),
  maxDepth: 32,
  maxItems: 262_144,
};
