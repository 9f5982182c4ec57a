// Profiles of CoRIM that are known here, and their rules. What is in no row is refused whole: a profile may change what any
// part means.
import { AttestationError, VerificationError } from '../error.ts';
import { publicKeyFromPem } from '../crypto/index.ts';
import type { CborValue } from '../encoding/index.ts';
import { isTagged } from './cbor-reader.ts';
import type { AttestKeyTriple, ClaimedCorim, Environment, Measurement, ReferenceTriple } from './claimed-corim.ts';
import { tags } from './tags.ts';

export interface Profile {
  readonly reference: (triple: ReferenceTriple) => void;
  readonly attestKey: (triple: AttestKeyTriple) => void;
  /** Whether its reference values can be golden measurements; else why not. */
  readonly notImportable?: string;
}

export const ownProfile = 'https://touchstone.dev/corim/golden-measurement/v1';
const parsecProfile = 'tag:github.com/parallaxsecond,2023-03-03:tpm';
const enactTrustProfile = 'https://enacttrust.com/veraison/1.0.0';

const anything = (): void => undefined;

const profiles: ReadonlyMap<string | undefined, Profile> = new Map<string | undefined, Profile>([
  [undefined, { reference: anything, attestKey: anything }],
  [ownProfile, { reference: anything, attestKey: anything }],
  [parsecProfile, { reference: checkParsecReference, attestKey: checkParsecKey }],
  [
    enactTrustProfile,
    {
      reference: checkEnactReference,
      attestKey: checkEnactKey,
      notImportable: 'it gives one digest over all PCRs of one machine, which names no layer',
    },
  ],
]);

/**
 * The profile of a CoRIM, after every triple of it was held against its rules.
 *
 * @throws VerificationError CORIM_PROFILE_UNKNOWN, CORIM_PROFILE_VIOLATED
 */
export function checkProfile({ profile, comids }: ClaimedCorim): Profile {
  const known = profiles.get(profile);
  if (known === undefined) throw new VerificationError('CORIM_PROFILE_UNKNOWN', `profile ${JSON.stringify(profile)}`);
  for (const { references, attestKeys } of comids) {
    references.forEach(known.reference);
    attestKeys.forEach(known.attestKey);
  }
  return known;
}

/** PCR values by number, for a class of machines. */
function checkParsecReference({ environment, measurements }: ReferenceTriple): void {
  checkParsecClass(environment);
  for (const [index, { key, digests }] of measurements.entries()) {
    if (typeof key !== 'number') throw violated(`measurement ${index} is of no PCR number`);
    if (digests === undefined) throw violated(`measurement ${index} has no digests`);
  }
}

function checkParsecKey({ environment, keys }: AttestKeyTriple): void {
  checkParsecClass(environment);
  if (!isBytes(environment.instance)) throw violated('the instance of a key is its bytes (tag 560)');
  checkOneKey(keys);
}

function checkParsecClass(environment: Environment): void {
  const id = environment.class?.id;
  if (id === undefined || !isTagged(id, tags.uuid)) throw violated('the class has no UUID (tag 37)');
}

/** One digest for one machine. */
function checkEnactReference({ environment, measurements }: ReferenceTriple): void {
  checkEnactInstance(environment);
  const [measurement] = measurements;
  if (measurement === undefined || measurements.length !== 1)
    throw violated(`${measurements.length} measurements, one expected`);
  checkOneDigest(measurement);
}

function checkOneDigest({ digests = [] }: Measurement): void {
  if (digests.length !== 1) throw violated(`${digests.length} digests, one expected`);
}

function checkEnactKey({ environment, keys }: AttestKeyTriple): void {
  checkEnactInstance(environment);
  const key = checkOneKey(keys);
  if (key !== 'ec') throw violated(`the key is of type ${key}, an elliptic curve is expected`);
}

function checkEnactInstance({ class: described, instance, hasGroup }: Environment): void {
  if (instance === undefined || !isTagged(instance, tags.uuid)) throw violated('the instance has no UUID (tag 37)');
  if (described !== undefined || hasGroup) throw violated('class and group do not belong into the environment');
}

/** @returns the type of the key */
function checkOneKey(keys: readonly CborValue[]): string {
  const [key] = keys;
  if (keys.length !== 1) throw violated(`${keys.length} keys, one expected`);
  if (!isTagged(key, tags.pkixKey) || typeof key.value !== 'string') throw violated('the key is no PEM (tag 554)');
  try {
    return publicKeyFromPem(key.value).type;
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    throw violated('the key cannot be read');
  }
}

function isBytes(value: CborValue): boolean {
  return isTagged(value, tags.bytes) && value.value instanceof Uint8Array;
}

function violated(rule: string): VerificationError {
  return new VerificationError('CORIM_PROFILE_VIOLATED', rule);
}
