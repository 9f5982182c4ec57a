// Golden statements as a CoRIM of our own profile: PCR values as integrity registers, which any verifier of CoRIM reads, and
// events and files by name. [CORIM §5.1]
import { VerificationError } from '../error.ts';
import {
  canonicalJson,
  decodeHex,
  encodeCbor,
  encodeHex,
  Tagged,
  type CborMap,
  type CborValue,
} from '../encoding/index.ts';
import { createCoseSign1, hash, type HashAlgorithm, type SigningKey } from '../crypto/index.ts';
import { encodeGoldenStatement, documentIdOf, type DigestSet, type GoldenStatement } from '../golden/index.ts';
import { registeredId } from './digest-set.ts';
import { eventKey, fileKey, ownVendor } from './own-names.ts';
import { ownProfile } from './profiles.ts';
import { tags } from './tags.ts';

/**
 * One CoRIM of statements with one validity. Names, predecessors and provenance stay behind: they are for people, and the
 * expectation is what travels.
 *
 * @throws VerificationError CORIM_UNSUPPORTED, CORIM_EMPTY; MalformedError GOLDEN_*
 */
export function exportCorim(statements: readonly GoldenStatement[]): Uint8Array {
  const [first] = statements;
  if (first === undefined) throw new VerificationError('CORIM_EMPTY', 'there is nothing to export');
  const validity = validityOf(first);
  for (const statement of statements) {
    if (String(canonical(validityOf(statement))) !== String(canonical(validity))) {
      throw unsupported('the golden measurements hold for different times: export them one by one');
    }
  }
  const comids = statements.map((statement) => new Tagged(tags.comid, encodeCbor(comidOf(statement))));
  const id = encodeHex(hash('sha256', ...statements.map((statement) => encodeGoldenStatement(statement))));
  const map: CborMap = new Map<number, CborValue>([
    [0, `touchstone ${id.slice(0, 32)}`],
    [1, comids],
    [3, new Tagged(tags.uri, ownProfile)],
    ...(validity === undefined ? [] : [[4, validity] as const]),
  ]);
  return encodeCbor(new Tagged(tags.corim, map));
}

/** The same under a signature: COSE_Sign1 with the signer's name. */
export function signCorim(corim: Uint8Array, key: SigningKey, signer: string): Uint8Array {
  const meta = encodeCbor(new Map([[0, new Map([[0, signer]])]]));
  const headers = new Map<number, CborValue>([
    [3, 'application/rim+cbor'],
    [8, meta],
  ]);
  return encodeCbor(createCoseSign1(corim, key, headers));
}

function comidOf(statement: GoldenStatement): CborMap {
  const environment = new Map([[0, new Map<number, CborValue>([[1, ownVendor], [2, statement.layer]])]]); // prettier-ignore
  const triple = [environment, measurementsOf(statement)];
  return new Map<number, CborValue>([
    [1, new Map([[0, documentIdOf(encodeGoldenStatement(statement))]])],
    [4, new Map([[0, [triple]]])],
  ]);
}

function measurementsOf({ events, pcrs, ima }: GoldenStatement): readonly CborMap[] {
  if (ima !== undefined && ima.signers.length + ima.excludedPaths.length > 0) {
    throw unsupported('signers and excluded paths of layer runtime have no form in a CoRIM');
  }
  const places = new Map<number, number>();
  const listed = events.map(({ pcr, digests, description }) => {
    const place = places.get(pcr) ?? 0;
    places.set(pcr, place + 1);
    return measurement(eventKey(pcr, place), encodeDigests(digests), description);
  });
  const files = (ima?.digests ?? []).map(({ digest, path }, place) => {
    const [alg = '', hex = ''] = digest.split(':');
    return measurement(fileKey(place), encodeDigests(new Map([[alg as HashAlgorithm, decodeHex(hex)]])), path);
  });
  return [...listed, ...(pcrs.length === 0 ? [] : [registersOf(pcrs)]), ...files];
}

function measurement(key: string, digests: CborValue, name: string | undefined): CborMap {
  const values = new Map<number, CborValue>([[2, digests], ...(name === undefined ? [] : [[11, name] as const])]); // prettier-ignore
  return new Map<number, CborValue>([[0, key], [1, values]]); // prettier-ignore
}

function registersOf(pcrs: GoldenStatement['pcrs']): CborMap {
  const registers = new Map(pcrs.map(({ pcr, digests }) => [pcr, encodeDigests(digests)] as const));
  return new Map([[1, new Map([[14, registers]])]]);
}

function encodeDigests(digests: DigestSet): CborValue {
  return [...digests].map(([alg, value]) => {
    const id = registeredId(alg);
    if (id === undefined) throw unsupported(`digests of ${alg} have no number in a CoRIM`);
    return [id, value];
  });
}

/** `rim-validity` always has an end. */
function validityOf({ notBefore, notAfter }: GoldenStatement): CborMap | undefined {
  if (notAfter === undefined) {
    if (notBefore === undefined) return undefined;
    throw unsupported('a CoRIM cannot have a beginning without an end');
  }
  const time = (date: Date): Tagged => new Tagged(1, Math.floor(date.getTime() / 1000));
  return new Map([...(notBefore === undefined ? [] : [[0, time(notBefore)] as const]), [1, time(notAfter)] as const]);
}

function canonical(validity: CborMap | undefined): Uint8Array {
  return validity === undefined ? canonicalJson(null) : encodeCbor(validity);
}

function unsupported(what: string): VerificationError {
  return new VerificationError('CORIM_UNSUPPORTED', what);
}
