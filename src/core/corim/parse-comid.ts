// CoMID: triples of an environment and what is expected of it. [CORIM §5.1]
import { digestSizes } from '../crypto/index.ts';
import { isCborArray, type CborMap, type CborValue } from '../encoding/index.ts';
import {
  invalid,
  labelText,
  readArray,
  readBytes,
  readId,
  readInteger,
  readMap,
  readOneOrMore,
  readText,
} from './cbor-reader.ts';
import type {
  AttestKeyTriple,
  ClaimedComid,
  ClaimedDigest,
  Environment,
  Measurement,
  ReferenceTriple,
} from './claimed-corim.ts';
import { registeredHash } from './digest-set.ts';

const labels = { language: 0, identity: 1, entities: 2, linkedTags: 3, triples: 4 } as const;
const triples = { reference: 0, attestKey: 3 } as const;
const values = { digests: 2, name: 11, integrityRegisters: 14 } as const;
const maximumItems = 16_384;

/** @throws MalformedError CORIM_INVALID */
export function readComid(value: CborValue, at: string): ClaimedComid {
  const map = readMap(value, at);
  const identity = readMap(map.get(labels.identity), `${at}.tag-identity`);
  const held = readMap(map.get(labels.triples), `${at}.triples`);
  if (held.size === 0) throw invalid(`${at}.triples`, 'is empty');
  const references = readTriples(held, triples.reference, `${at}.reference-triples`);
  const known: readonly unknown[] = Object.values(labels);
  const read: readonly unknown[] = Object.values(triples);
  return {
    id: readId(identity.get(0), `${at}.tag-identity.tag-id`),
    references: references.map(readReference),
    attestKeys: readTriples(held, triples.attestKey, `${at}.attest-key-triples`).map(readAttestKey),
    otherTriples: [
      ...[...held.keys()].filter((label) => !read.includes(label)).map(labelText),
      ...(references.some(({ isConditional }) => isConditional) ? ['reference under conditions'] : []),
    ],
    extensions: [...map.keys()].filter((label) => !known.includes(label)).map(labelText),
  };
}

interface RawTriple {
  readonly environment: CborValue;
  readonly items: CborValue;
  readonly at: string;
  /** It has a third part, which limits when it holds. */
  readonly isConditional: boolean;
}

function readTriples(held: CborMap, label: number, at: string): readonly RawTriple[] {
  if (!held.has(label)) return [];
  return readArray(held.get(label), at, maximumItems).map((triple, index) => {
    const place = `${at}[${index}]`;
    const [environment, items, ...more] = readArray(triple, place, 3, 2);
    return { environment, items, at: place, isConditional: more.length > 0 };
  });
}

function readReference({ environment, items, at }: RawTriple): ReferenceTriple {
  return {
    environment: readEnvironment(environment, `${at}.environment`),
    measurements: readOneOrMore(items, at, maximumItems).map((item, index) =>
      readMeasurement(item, `${at}.measurements[${index}]`),
    ),
  };
}

function readAttestKey({ environment, items, at }: RawTriple): AttestKeyTriple {
  return { environment: readEnvironment(environment, `${at}.environment`), keys: readOneOrMore(items, at, 256) };
}

function readEnvironment(value: CborValue, at: string): Environment {
  const map = readMap(value, at);
  if (map.size === 0) throw invalid(at, 'is empty');
  const described = map.get(0);
  return {
    ...(described === undefined ? {} : { class: readClass(described, `${at}.class`) }),
    // `undefined` is a value of CBOR, and says that there is an instance.
    ...(map.has(1) ? { instance: map.get(1) ?? null } : {}),
    hasGroup: map.has(2),
  };
}

function readClass(value: CborValue, at: string): NonNullable<Environment['class']> {
  const map = readMap(value, at);
  const [vendor, model] = [map.get(1), map.get(2)];
  return {
    ...(map.has(0) ? { id: map.get(0) } : {}),
    ...(vendor === undefined ? {} : { vendor: readText(vendor, `${at}.vendor`) }),
    ...(model === undefined ? {} : { model: readText(model, `${at}.model`) }),
  };
}

function readMeasurement(value: CborValue, at: string): Measurement {
  const map = readMap(value, at);
  const held = readMap(map.get(1), `${at}.mval`);
  const [digests, name, registers] = [
    held.get(values.digests),
    held.get(values.name),
    held.get(values.integrityRegisters),
  ];
  const read: readonly unknown[] = Object.values(values);
  return {
    key: map.get(0),
    ...(digests === undefined ? {} : { digests: readDigests(digests, `${at}.digests`) }),
    ...(name === undefined ? {} : { name: readText(name, `${at}.name`) }),
    ...(registers === undefined ? {} : { integrityRegisters: readRegisters(registers, `${at}.integrity-registers`) }),
    otherValues: [...held.keys()].filter((label) => !read.includes(label)).map(labelText),
  };
}

function readRegisters(value: CborValue, at: string): NonNullable<Measurement['integrityRegisters']> {
  const map = readMap(value, at);
  if (map.size === 0 || map.size > 64) throw invalid(at, `${map.size} registers`);
  return [...map].map(([register, digests]) => {
    if (typeof register === 'bigint') throw invalid(at, 'a register of that number does not exist');
    return { register, digests: readDigests(digests, `${at}[${labelText(register)}]`) };
  });
}

function readDigests(value: CborValue, at: string): readonly ClaimedDigest[] {
  return readArray(value, at, 64).map((item, index): ClaimedDigest => {
    const place = `${at}[${index}]`;
    if (!isCborArray(item) || item.length !== 2) throw invalid(place, 'an algorithm and a value are expected');
    const [name, bytes] = item;
    const alg = registeredHash(
      typeof name === 'string' ? readText(name, place, 64).toLowerCase() : readInteger(name, place, -65_536, 65_535),
    );
    const digest = readBytes(bytes, place, 128);
    if (alg !== undefined && digest.length !== digestSizes[alg]) throw invalid(place, `no digest of ${alg}`);
    return { alg, value: digest };
  });
}
