// CoRIM among the vectors: can it be read, does its signature hold, does it keep its profile?
import { AttestationError } from '../../core/error.ts';
import { checkProfile, parseComid, parseCorim, verifyCorim, type ClaimedCorim } from '../../core/corim/index.ts';
import { parseJwk, verifyCoseSign1, type VerificationKey } from '../../core/crypto/index.ts';
import { decodeHex, parseCoseSign1, type JsonObject } from '../../core/encoding/index.ts';
import { asRecord } from '../json.ts';
import type { Mismatch } from './compare.ts';
import { compareSome, pick, type Observed, type Reading } from './observation.ts';
import { readVector, readVectorJson, type Expectation, type VectorCase, type Vectors } from './vectors.ts';

const compared = ['parse', 'signature_valid', 'should_verify', 'verdict'];

/** Profiles whose rules are held here; what other profiles demand is not ours to judge. */
const heldProfiles = /parallaxsecond|enacttrust/;

/** Published signatures carry times of years ago; they are judged at a date when they held. */
const date = new Date('2022-06-01T00:00:00Z');

export const corimReading: Reading = { observe: observeCorim, compare: compareCorim };

function compareCorim(expect: Expectation, observed: Observed): readonly Mismatch[] {
  const isHeld = typeof observed['profile'] === 'string' && heldProfiles.test(observed['profile']);
  const named = pick(expect, isHeld ? [...compared, 'profile_validation'] : compared);
  return compareSome({ ...named, ...expectedType(expect) }, observed);
}

/** Its first word: some say in brackets how the type is written. */
function expectedType({ type }: Expectation): Expectation {
  return typeof type === 'string' ? { type: type.split(' ')[0] } : {};
}

function observeCorim(vectors: Vectors, { file, expect }: VectorCase): Observed {
  if (file.endsWith('.json')) return { should_verify: isVerified(readVectorJson(vectors, file)) };
  const bytes = readVector(vectors, file);
  // Tag 1398229316, "SWID": a RIM of TCG in another format.
  if (Buffer.from(bytes.subarray(1, 5)).toString('latin1') === 'SWID') return { type: 'coswid' };
  try {
    if (expect['type'] === 'comid') return { type: 'comid', parse: 'ok', tag_id: parseComid(bytes).id };
    return { parse: 'ok', ...describe(parseCorim(bytes), readKey(vectors, expect)) };
  } catch (error) {
    if (!(error instanceof AttestationError)) throw error;
    return { parse: 'error', code: error.code };
  }
}

function describe(corim: ClaimedCorim, key: VerificationKey | undefined): Readonly<Record<string, unknown>> {
  const profile = { profile: corim.profile ?? null, profile_validation: outcomeOf(() => checkProfile(corim)) };
  if (corim.signed === undefined) return { type: 'unsigned-corim', ...profile };
  const signature = key === undefined ? 'no key' : outcomeOf(() => verifyCorim(corim, { keys: [key], at: date }));
  const verdict = signature === 'ok' ? 'accept' : 'reject';
  return { type: 'signed-corim', ...profile, signature_valid: signature === 'ok', verdict };
}

function outcomeOf(prove: () => unknown): string {
  try {
    prove();
    return 'ok';
  } catch (error) {
    if (error instanceof AttestationError) return `error ${error.code}: ${error.message}`;
    throw error;
  }
}

/** The key that the case names. Some were published for another use, or as more than a key. */
function readKey(vectors: Vectors, { key }: Expectation): VerificationKey | undefined {
  return typeof key === 'string' ? publicJwk(readVectorJson(vectors, key)) : undefined;
}

function publicJwk({ kty, crv, x, y, n, e, alg }: Expectation): VerificationKey {
  const members = Object.entries({ kty, crv, x, y, n, e, alg }).filter(([, value]) => typeof value === 'string');
  return parseJwk(Object.fromEntries(members) as JsonObject);
}

function isVerified(document: Expectation): boolean {
  const { cose_sign1_hex: sign1, external_hex: external, key, alg } = document;
  try {
    verifyCoseSign1(parseCoseSign1(decodeHex(String(sign1))), {
      key: publicJwk({ ...asRecord(key), alg }),
      externalAad: decodeHex(String(external)),
    });
    return true;
  } catch (error) {
    if (error instanceof AttestationError) return false;
    throw error;
  }
}
