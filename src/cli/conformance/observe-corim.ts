import { AttestationError } from '../../core/error.ts';
import { checkProfile, parseComid, parseCorim, verifyCorim, type ClaimedCorim } from '../../core/corim/index.ts';
import { parseJwk, verifyCoseSign1, type VerificationKey } from '../../core/crypto/index.ts';
import { decodeHex, parseCoseSign1, type JsonObject } from '../../core/encoding/index.ts';
import { asRecord } from '../json.ts';
import { compare } from './compare.ts';
import { nothingToCompare, pick, type Observation } from './observation.ts';
import { readVector, readVectorJson, type Expectation, type VectorCase, type Vectors } from './vectors.ts';

const compared = ['parse', 'signature_valid', 'should_verify', 'verdict'];

/** Profiles whose rules are held here; what other profiles demand is not ours to judge. */
const heldProfiles = /parallaxsecond|enacttrust/;

/** Published signatures carry times of years ago; they are judged at a date when they held. */
const date = new Date('2022-06-01T00:00:00Z');

export function observeCorim(vectors: Vectors, vectorCase: VectorCase): Observation {
  const { expect } = vectorCase;
  const observed = observe(vectors, vectorCase);
  const isHeld = typeof observed['profile'] === 'string' && heldProfiles.test(observed['profile']);
  const named = pick(expect, isHeld ? [...compared, 'profile_validation'] : compared);
  // A file of a neighbouring format: all there is to say is which.
  const relevant = Object.keys(named).length === 0 ? pick(expect, ['type']) : named;
  const mismatches = Object.keys(relevant).length === 0 ? [nothingToCompare()] : compare(relevant, observed);
  return { observed, mismatches };
}

function observe(vectors: Vectors, { file, expect }: VectorCase): Readonly<Record<string, unknown>> {
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
