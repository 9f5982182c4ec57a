// Bytes and values: bounded reading, and the encodings that evidence and statements come in.
export * from './bytes.ts';
export * from './canonical-json.ts';
export {
  encodeCbor,
  isCborArray,
  isCborMap,
  parseCbor,
  Tagged,
  type CborKey,
  type CborMap,
  type CborValue,
} from './cbor.ts';
export type { CborBounds } from './cbor-gate.ts';
export { counted } from './counted.ts';
export { Cursor, type CursorOptions, type Endianness } from './cursor.ts';
export { encodeDer, readDer, trimDer, type DerBounds, type DerNode } from './der.ts';
export {
  decodeEitherBase64,
  encodeDsseEnvelope,
  maximumEnvelopeSignatures,
  parseDsseEnvelope,
  preAuthEncoding,
  type ClaimedEnvelope,
  type EnvelopeSignature,
} from './dsse.ts';
export { Field } from './fields.ts';
export { isoTime } from './iso-time.ts';
export { parseJsonInPieces, parseJsonStrict, readJson, type JsonBounds } from './parse-json.ts';
export { encodePem, parsePem, readPem, writePem, type PemBlock } from './pem.ts';
export { nameActor } from './name-actor.ts';
export { nameSome } from './name-some.ts';
export { allAtOnce, createReading, inPieces, type Pieces } from './pieces.ts';
export { firstLine, printable, printableAgain } from './printable.ts';
export {
  coseHeaders,
  coseSign1Tag,
  coseSign1Value,
  coseSigStructure,
  encodeCoseSign1,
  encodeProtectedHeaders,
  parseCoseSign1,
  readCoseSign1,
  type ClaimedCoseSign1,
} from './cose.ts';
