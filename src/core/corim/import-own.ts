// What our own profile holds: the events of a layer in their order, and files, which PCR values alone cannot tell.
import { encodeHex } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import { layers } from '../event-log/index.ts';
import {
  expectationDigest,
  type ExpectedEvent,
  type ExpectedFile,
  type ExpectedPcr,
  type GoldenStatement,
} from '../golden/index.ts';
import { invalidOwn } from './cbor-reader.ts';
import type { ClaimedComid, ClaimedDigest, Measurement } from './claimed-corim.ts';
import { digestSetOf } from './digest-set.ts';
import { eventKey, fileKey, ownVendor } from './own-names.ts';

type Own = Pick<GoldenStatement, 'layer' | 'subjects' | 'events' | 'pcrs' | 'ima'>;

/** @throws MalformedError CORIM_INVALID; VerificationError CORIM_UNSUPPORTED */
export function importOwnComid({ references, id }: ClaimedComid): Own {
  const [triple] = references;
  if (triple === undefined || references.length !== 1)
    throw invalidOwn(id, 'our profile has one reference triple a tag');
  const { class: described, instance, hasGroup } = triple.environment;
  if (instance !== undefined || hasGroup) throw invalidOwn(id, 'our profile is of no single machine or group');
  const layer = layers.find((name) => name === described?.model);
  if (layer === undefined || described?.vendor !== ownVendor) throw invalidOwn(id, 'the class names no layer');
  const parts: Parts = { events: [], pcrs: [], files: [] };
  for (const measurement of triple.measurements) addPart(parts, measurement, id);
  const { events, pcrs, files } = parts;
  const ima = files.length === 0 ? {} : { ima: { digests: files, signers: [], excludedPaths: [] } };
  const expectation = { layer, events, pcrs, ...ima };
  return { ...expectation, subjects: [{ name: `${layer} layer`, sha256: expectationDigest(expectation) }] };
}

interface Parts {
  readonly events: ExpectedEvent[];
  readonly pcrs: ExpectedPcr[];
  readonly files: ExpectedFile[];
}

/** The key of each part says its place, so that a part that was moved, or dropped before another, is noticed. */
function addPart(parts: Parts, measurement: Measurement, at: string): void {
  const { key, digests, name, integrityRegisters, otherValues } = measurement;
  if (otherValues.length > 0) throw new VerificationError('CORIM_UNSUPPORTED', `${at}: a value of another kind`);
  if (integrityRegisters !== undefined) {
    if (key !== undefined || digests !== undefined) throw invalidOwn(at, 'registers and digests in one measurement');
    for (const { register, digests: values } of integrityRegisters) {
      if (typeof register !== 'number') throw invalidOwn(at, 'a register is a PCR number');
      parts.pcrs.push({ pcr: register, digests: digestSetOf(values) });
    }
    return;
  }
  if (typeof key !== 'string' || digests === undefined) throw invalidOwn(at, 'a measurement without key or digests');
  const pcr = Number(/^pcr-(\d{1,2})\//.exec(key)?.[1] ?? Number.NaN);
  const place = parts.events.filter((event) => event.pcr === pcr).length;
  if (key === eventKey(pcr, place)) {
    parts.events.push({ pcr, digests: digestSetOf(digests), description: name ?? 'no description' });
  } else if (key === fileKey(parts.files.length)) {
    parts.files.push({ digest: fileDigest(digests, at), ...(name === undefined ? {} : { path: name }) });
  } else throw invalidOwn(at, 'a part is missing or out of its place');
}

function fileDigest(digests: readonly ClaimedDigest[], at: string): string {
  const [digest] = digests;
  if (digest?.alg === undefined || digests.length !== 1) throw invalidOwn(at, 'a file has one digest');
  return `${digest.alg}:${encodeHex(digest.value)}`;
}
