// A JSON object or a CBOR map, asked for EAR's claims by one name each.
import { MalformedError } from '../error.ts';
import {
  isCborArray,
  isCborMap,
  isJsonArray,
  isJsonObject,
  printable,
  type CborKey,
  type CborMap,
  type CborValue,
  type JsonObject,
  type JsonValue,
} from '../encoding/index.ts';
import type { EarGeneration } from './ear.ts';
import { cborKeys, jsonNames, type EarClaim } from './ear-names.table.ts';

type ClaimValue = JsonValue | CborValue;

export interface ClaimSet {
  readonly generation: EarGeneration;
  readonly isCbor: boolean;
  /** The value of a claim; undefined when it is absent. */
  get(claim: EarClaim): ClaimValue;
  /** The value as a list, undefined when it is none. */
  list(claim: EarClaim): readonly ClaimValue[] | undefined;
  /** The value as the members of a map, undefined when it is none. */
  entries(claim: EarClaim): Iterable<readonly [CborKey, ClaimValue]> | undefined;
  /** The value as claims, undefined when it is no map. */
  nested(claim: EarClaim): ClaimSet | undefined;
  /** The value as claims under labels, undefined when it is no map of maps. */
  nestedByLabel(claim: EarClaim): ReadonlyMap<string, ClaimSet> | undefined;
  /** Where a claim stands, for messages. */
  at(claim: EarClaim): string;
}

export function jsonClaims(object: JsonObject, generation: EarGeneration, path = ''): ClaimSet {
  const names = jsonNames[generation];
  const get = (claim: EarClaim): JsonValue | undefined =>
    Object.hasOwn(object, names[claim]) ? object[names[claim]] : undefined;
  const at = (claim: EarClaim): string => `${path}${names[claim]}`;
  const map = (claim: EarClaim): JsonObject | undefined => {
    const value = get(claim);
    return isJsonObject(value) ? value : undefined;
  };
  return {
    generation,
    isCbor: false,
    get,
    at,
    list: (claim) => {
      const value = get(claim);
      return value !== undefined && isJsonArray(value) ? value : undefined;
    },
    entries: (claim) => {
      const value = map(claim);
      return value && Object.entries(value);
    },
    nested: (claim) => {
      const value = map(claim);
      return value && jsonClaims(value, generation, `${at(claim)}/`);
    },
    nestedByLabel: (claim) => {
      const value = map(claim);
      return (
        value &&
        labelled(Object.entries(value), isJsonObject, (part, label) =>
          jsonClaims(part, generation, `${at(claim)}/${label}/`),
        )
      );
    },
  };
}

export function cborClaims(claims: CborMap, generation: EarGeneration, path = ''): ClaimSet {
  const get = (claim: EarClaim): CborValue => claims.get(cborKeys[claim]);
  const at = (claim: EarClaim): string => `${path}${cborKeys[claim]}`;
  const map = (claim: EarClaim): CborMap | undefined => {
    const value = get(claim);
    return isCborMap(value) ? value : undefined;
  };
  return {
    generation,
    isCbor: true,
    get,
    at,
    list: (claim) => {
      const value = get(claim);
      return isCborArray(value) ? value : undefined;
    },
    entries: map,
    nested: (claim) => {
      const value = map(claim);
      return value && cborClaims(value, generation, `${at(claim)}/`);
    },
    nestedByLabel: (claim) => {
      const value = map(claim);
      return (
        value && labelled(value, isCborMap, (part, label) => cborClaims(part, generation, `${at(claim)}/${label}/`))
      );
    },
  };
}

/** Undefined unless every key is a text and every value a map. Labels are text of strangers. */
function labelled<T, P extends T>(
  entries: Iterable<readonly [CborKey, T]>,
  isPart: (value: T) => value is P,
  toClaims: (part: P, label: string) => ClaimSet,
): ReadonlyMap<string, ClaimSet> | undefined {
  const parts = new Map<string, ClaimSet>();
  for (const [label, part] of entries) {
    if (typeof label !== 'string' || !isPart(part)) return undefined;
    parts.set(label, toClaims(part, printable(label, 64)));
  }
  return parts;
}

export function earError(claims: ClaimSet, claim: EarClaim, problem: string): MalformedError {
  return new MalformedError('VERDICT_EAR_CLAIM', `${claims.at(claim)}: ${problem}`, { at: claims.at(claim) });
}
