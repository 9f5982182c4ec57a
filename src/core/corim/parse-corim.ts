// The envelope: an unsigned CoRIM (tag 501), one under a signature (COSE_Sign1), or a bare CoMID. [CORIM §4]
import { MalformedError } from '../error.ts';
import {
  coseSign1Tag,
  encodeHex,
  isCborArray,
  isCborMap,
  parseCbor,
  readCoseSign1,
  Tagged,
  type CborMap,
  type CborValue,
  type ClaimedCoseSign1,
} from '../encoding/index.ts';
import {
  invalid,
  isTagged,
  labelText,
  readArray,
  readBytes,
  readId,
  readMap,
  readText,
  readTime,
} from './cbor-reader.ts';
import type { ClaimedComid, ClaimedCorim } from './claimed-corim.ts';
import { readComid } from './parse-comid.ts';
import { corimBounds, tags } from './tags.ts';

const labels = { id: 0, tags: 1, dependentRims: 2, profile: 3, validity: 4, entities: 5 } as const;
const maximumTags = 256;
const contentTags: readonly number[] = [tags.coswid, tags.comid, tags.trustAnchorStore, tags.conciseTagList];

/** Reads a CoRIM whole, whatever its profile. It proves nothing: see `verifyCorim` for who signed it.
 * @throws MalformedError CORIM_KIND_UNKNOWN, CORIM_INVALID, ENCODING_CBOR_*, ENCODING_COSE_INVALID */
export function parseCorim(bytes: Uint8Array): ClaimedCorim {
  const outer = parseCbor(bytes, corimBounds);
  const unwrapped = isTagged(outer, tags.legacyWrapper) ? outer.value : outer;
  if (isTagged(unwrapped, tags.corim)) return readCorim(unwrapped.value, undefined);
  const sign1 = isTagged(unwrapped, tags.legacySigned) ? unwrapped.value : unwrapped;
  if (!isTagged(sign1, coseSign1Tag)) throw new MalformedError('CORIM_KIND_UNKNOWN', 'neither tag 501 nor COSE_Sign1');
  const signed = readCoseSign1(sign1, corimBounds);
  return readCorim(readPayload(signed), signed);
}

/** Reads a CoMID by itself, as tools write it before it goes into a CoRIM.
 * @throws as `parseCorim` */
export function parseComid(bytes: Uint8Array): ClaimedComid {
  const outer = parseCbor(bytes, corimBounds);
  const comid = isTagged(outer, tags.comid) ? outer.value : outer;
  if (comid instanceof Uint8Array) return readComid(parseCbor(comid, corimBounds), 'comid');
  if (!isCborMap(comid)) throw new MalformedError('CORIM_KIND_UNKNOWN', 'no map of a CoMID');
  return readComid(comid, 'comid');
}

/** The payload is a tagged corim-map; older tools left the tag out. */
function readPayload({ payload }: ClaimedCoseSign1): CborValue {
  if (payload === undefined) throw invalid('payload', 'the signature has nothing to sign');
  const value = parseCbor(payload, corimBounds);
  return isTagged(value, tags.corim) ? value.value : value;
}

function readCorim(value: CborValue, signed: ClaimedCoseSign1 | undefined): ClaimedCorim {
  const map = readMap(value, 'corim');
  const contents = readArray(map.get(labels.tags), 'tags', maximumTags).map(readTag);
  const known: readonly unknown[] = Object.values(labels);
  return {
    id: readId(map.get(labels.id), 'id'),
    profile: map.has(labels.profile) ? readProfile(map.get(labels.profile)) : undefined,
    comids: contents.flatMap(({ comid }) => comid ?? []),
    otherTags: contents.flatMap(({ comid, tag }) => (comid === undefined ? [tag] : [])),
    ...readValidity(map.get(labels.validity)),
    isDependent: map.has(labels.dependentRims),
    extensions: [...map.keys()].filter((label) => !known.includes(label)).map(labelText),
    signed,
  };
}

function readTag(value: CborValue, index: number): { readonly tag: number; readonly comid?: ClaimedComid } {
  const at = `tags[${index}]`;
  if (!(value instanceof Tagged)) throw invalid(at, 'a tag is expected');
  if (!contentTags.includes(value.tag)) {
    throw invalid(at, `tag ${value.tag} stands for nothing that a CoRIM may hold`);
  }
  const inner = readBytes(value.value, at, 16 << 20);
  if (value.tag !== tags.comid) return { tag: value.tag };
  return { tag: value.tag, comid: readComid(parseCbor(inner, corimBounds), at) };
}

/** Earlier drafts had a list of profiles. One of several is no profile that is known. */
function readProfile(profile: CborValue): string {
  const value = isCborArray(profile) && profile.length === 1 ? profile[0] : profile;
  if (isTagged(value, tags.uri)) return readText(value.value, 'profile');
  if (isTagged(value, tags.oid)) return `oid:${encodeHex(readBytes(value.value, 'profile', 128))}`;
  throw invalid('profile', 'a URI (tag 32) or an OID (tag 111) is expected');
}

/** `{ 0: not-before, 1: not-after }`. */
export function readValidity(value: CborValue): Pick<ClaimedCorim, 'notBefore' | 'notAfter'> {
  if (value === undefined) return { notBefore: undefined, notAfter: undefined };
  const map: CborMap = readMap(value, 'validity');
  const [from, until] = [map.get(0), map.get(1)];
  return {
    notBefore: from === undefined ? undefined : readTime(from, 'validity.not-before'),
    notAfter: readTime(until, 'validity.not-after'),
  };
}
