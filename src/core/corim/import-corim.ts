// Reference values of a CoRIM as golden statements. They are drafts: operators sign them, or do not.
import { VerificationError } from '../error.ts';
import { printable } from '../encoding/index.ts';
import { layers, layersOfPcr, pcrsOfLayer, type Layer } from '../event-log/index.ts';
import { expectationDigest, type ExpectedPcr, type GoldenStatement } from '../golden/index.ts';
import type { ClaimedCorim, ClaimedDigest, Environment, Measurement, ReferenceTriple } from './claimed-corim.ts';
import { digestSetOf } from './digest-set.ts';
import { importOwnComid } from './import-own.ts';
import { checkProfile, ownProfile } from './profiles.ts';
import { checkWithin } from './verify-corim.ts';

export interface CorimImport {
  readonly statements: readonly GoldenStatement[];
  /** PCRs that were given and say nothing of any layer: host noise, or registers that any program can reset. */
  readonly leftOut: readonly number[];
}

/**
 * The golden statements that a CoRIM amounts to. What no statement can express refuses the whole: a reference value that
 * was left out would approve more than its maker meant. A PCR value pins the register for every layer it can hold.
 *
 * @throws VerificationError CORIM_PROFILE_UNKNOWN, CORIM_PROFILE_VIOLATED, CORIM_OUTSIDE_VALIDITY, CORIM_UNSUPPORTED,
 *   CORIM_EMPTY
 * @throws MalformedError CORIM_INVALID, GOLDEN_*
 */
export function importCorim(corim: ClaimedCorim, at: Date): CorimImport {
  const profile = checkProfile(corim);
  if (profile.notImportable !== undefined) throw unsupported(profile.notImportable);
  checkWithin(corim, at, 'the CoRIM');
  checkWhole(corim);
  const origin = originOf(corim, at);
  if (corim.profile === ownProfile) {
    return { statements: corim.comids.map((comid) => ({ ...importOwnComid(comid), ...origin })), leftOut: [] };
  }
  const triples = corim.comids.flatMap(({ references }) => references.map(readTriple));
  const statements = triples.flatMap(({ name, pcrs }) =>
    layers.flatMap((layer) => describeLayer(layer, { name: name ?? corim.id, pcrs, origin })),
  );
  const leftOut = new Set(
    triples.flatMap(({ pcrs }) => pcrs.map(({ pcr }) => pcr)).filter((pcr) => layersOfPcr(pcr).length === 0),
  );
  if (statements.length === 0)
    throw new VerificationError('CORIM_EMPTY', 'no reference value of a PCR that tells of a layer');
  return { statements, leftOut: [...leftOut].sort((left, right) => left - right) };
}

/** Parts that are not read could change what the others mean. */
function checkWhole({ comids, otherTags, isDependent, extensions }: ClaimedCorim): void {
  if (isDependent) throw unsupported('it depends on other CoRIMs');
  if (otherTags.length > 0) throw unsupported(`it holds tags of another kind (${otherTags.join(', ')})`);
  const strange = [...extensions, ...comids.flatMap((comid) => comid.extensions)];
  if (strange.length > 0) throw unsupported(`it holds extensions (${strange.slice(0, 4).join(', ')})`);
  const triples = comids.flatMap(({ otherTriples }) => otherTriples);
  if (triples.length > 0) throw unsupported(`it holds triples of another kind (${[...new Set(triples)].join(', ')})`);
}

type Origin = Pick<GoldenStatement, 'notBefore' | 'notAfter' | 'provenance'>;

function originOf({ notBefore, notAfter }: ClaimedCorim, at: Date): Origin {
  return {
    provenance: { source: 'imported', at },
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(notAfter === undefined ? {} : { notAfter }),
  };
}

interface PcrReference {
  readonly name: string | undefined;
  readonly pcrs: readonly ExpectedPcr[];
}

function readTriple({ environment, measurements }: ReferenceTriple): PcrReference {
  const pcrs = measurements.flatMap(readPcrs);
  const twice = pcrs.find(({ pcr }, index) => pcrs.some((other, place) => place < index && other.pcr === pcr));
  if (twice !== undefined) throw unsupported(`PCR ${twice.pcr} has two values in one triple: give each its own`);
  return { name: nameOf(environment), pcrs };
}

/** @throws VerificationError CORIM_UNSUPPORTED for what is said of one machine or one group only */
function nameOf({ class: described, instance, hasGroup }: Environment): string | undefined {
  if (instance !== undefined || hasGroup) throw unsupported('a reference value is of one machine or group only');
  const parts = [described?.vendor, described?.model].filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : printable(parts.join(' '), 512);
}

function readPcrs({ key, digests, integrityRegisters, otherValues }: Measurement): readonly ExpectedPcr[] {
  if (otherValues.length > 0)
    throw unsupported(`a measurement demands values of another kind (${otherValues.join(', ')})`);
  const registers = (integrityRegisters ?? []).map(({ register, digests: values }) => readPcr(register, values));
  if (digests === undefined) {
    if (registers.length === 0) throw unsupported('a measurement has neither digests nor registers');
    return registers;
  }
  return [...registers, readPcr(key, digests)];
}

function readPcr(register: unknown, digests: readonly ClaimedDigest[]): ExpectedPcr {
  if (typeof register !== 'number' || register < 0 || register > 23)
    throw unsupported('a measurement is of no PCR number');
  return { pcr: register, digests: digestSetOf(digests) };
}

function describeLayer(
  layer: Layer,
  { name, pcrs, origin }: { readonly name: string; readonly pcrs: readonly ExpectedPcr[]; readonly origin: Origin },
): readonly GoldenStatement[] {
  const allowed = pcrsOfLayer(layer);
  const own = pcrs.filter(({ pcr }) => allowed.includes(pcr));
  if (own.length === 0) return [];
  const expectation = { layer, events: [], pcrs: own };
  return [
    { ...expectation, ...origin, subjects: [{ name: printable(name, 512), sha256: expectationDigest(expectation) }] },
  ];
}

function unsupported(what: string): VerificationError {
  return new VerificationError('CORIM_UNSUPPORTED', what);
}
