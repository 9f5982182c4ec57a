// CoRIMs as text: a few helpers that write what a test wants to be read, or refused.
import { generateKeyPairSync } from 'node:crypto';
import { encodeCbor, Tagged, type CborMap, type CborValue } from '../../../src/core/encoding/index.ts';
import {
  createCoseSign1,
  publicKeyFromHandle,
  type SigningKey,
  type VerificationKey,
} from '../../../src/core/crypto/index.ts';

/** A map with numbers for keys: `{ 0: 'a' }`. Undefined members are left out. */
export function map(members: Readonly<Record<string, CborValue>>): CborMap {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return new Map(entries.map(([key, value]) => [/^-?\d+$/.test(key) ? Number(key) : key, value]));
}

export const uuid = (fill: number): Tagged => new Tagged(37, new Uint8Array(16).fill(fill));
export const digest = (fill: number, alg = 1, size = 32): CborValue => [alg, new Uint8Array(size).fill(fill)];
export const vendorClass = map({ 0: map({ 1: 'ACME', 2: 'RoadRunner' }) });
export const parsec = new Tagged(32, 'tag:github.com/parallaxsecond,2023-03-03:tpm');
export const enactTrust = new Tagged(32, 'https://enacttrust.com/veraison/1.0.0');

export function measured(key: CborValue, values: Readonly<Record<string, CborValue>>): CborMap {
  return map({ 0: key, 1: map(values) });
}

export function reference(environment: CborValue, ...measurements: readonly CborValue[]): CborValue {
  return [environment, measurements];
}

export interface ComidToMake {
  readonly triples?: Readonly<Record<string, CborValue>>;
  readonly more?: Readonly<Record<string, CborValue>>;
}

export function comid({ triples = {}, more = {} }: ComidToMake): Tagged {
  return new Tagged(506, encodeCbor(map({ 1: map({ 0: 'tag id' }), 4: map(triples), ...more })));
}

export function corimValue(tagged: readonly CborValue[], more: Readonly<Record<string, CborValue>> = {}): Tagged {
  return new Tagged(501, map({ 0: 'corim id', 1: tagged, ...more }));
}

/** One CoMID with reference triples. */
export function corim(references: readonly CborValue[], more: Readonly<Record<string, CborValue>> = {}): Uint8Array {
  return encodeCbor(corimValue([comid({ triples: { 0: references } })], more));
}

export interface Maker {
  readonly signing: SigningKey;
  readonly verification: VerificationKey;
}

export function makeMaker(kid: string): Maker {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const verification = { kid, alg: 'ES256', publicKey: publicKeyFromHandle(publicKey) } as const;
  return { signing: { privateKey, alg: 'ES256', kid }, verification };
}

export function signed(payload: Uint8Array, { signing }: Maker, headers: CborMap): Uint8Array {
  return encodeCbor(createCoseSign1(payload, signing, headers));
}
