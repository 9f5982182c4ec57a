// Request bodies: bounded before they are read, read once, parsed strictly.
import type { IncomingMessage } from 'node:http';
import { MalformedError } from '../../core/error.ts';
import { concatInPieces, parseCbor, parseJsonInPieces, parseJsonStrict } from '../../core/encoding/index.ts';
import { ServerError } from '../errors.ts';
import type { BodyRoom } from '../load/body-room.ts';
import { openTurns } from '../one-by-one.ts';
import { ownTurn } from '../own-turn.ts';
import type { Soon } from '../soon.ts';
import { jsonOfCbor } from './cbor-body.ts';

/** What can be refused by the headers alone, before anybody is asked who they are.
 * @throws ServerError REQUEST_CONTENT_ENCODING_UNSUPPORTED, REQUEST_CONTENT_TYPE_UNSUPPORTED, REQUEST_BODY_TOO_LARGE */
export function checkBodyHeaders({ headers }: IncomingMessage, consumes: readonly string[], limit: number): void {
  const encoding = headers['content-encoding'];
  // Never unpacked: a kilobyte can hold a gigabyte of zeros. [PEERS T4]
  if (encoding !== undefined && encoding !== 'identity') {
    throw new ServerError('REQUEST_CONTENT_ENCODING_UNSUPPORTED');
  }
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit);
  if (consumes.length === 0) return;
  if (!consumes.includes(mediaTypeOf(headers['content-type']))) {
    throw new ServerError('REQUEST_CONTENT_TYPE_UNSUPPORTED', `expected ${consumes.join(' or ')}`, {
      headers: { 'accept-post': consumes.join(', ') },
    });
  }
}

export interface BodyBounds {
  /** Bytes. */
  readonly limit: number;
  /** Where it is kept while it comes; undefined for bodies whose number is bounded otherwise. */
  readonly room: BodyRoom | undefined;
}

/** Reads the body of an operation that has one.
 * @throws ServerError REQUEST_BODY_MISSING, REQUEST_BODY_TOO_LARGE, REQUEST_ABORTED, SERVER_BUSY */
export async function readBody(request: IncomingMessage, bounds: BodyBounds): Promise<Uint8Array> {
  const parts = await readParts(request, bounds);
  const bytes = parts.length > partsInTurn ? await concatInPieces(parts, ownTurn) : joined(parts);
  if (bytes.length === 0) throw new ServerError('REQUEST_BODY_MISSING');
  return bytes;
}

/** A body with few values, or any number of them: of tens of thousands of machines, as a platform describes them. */
export type BodyKind = 'short' | 'any-length';

/** Others have their turns between two pieces of a long one, and no two such are taken apart at once: what becomes of one is many times as
 * large.
 * @throws ServerError REQUEST_BODY_MALFORMED */
export function parseBody({ headers }: IncomingMessage, bytes: Uint8Array, kind: BodyKind): Soon<unknown> {
  try {
    if (mediaTypeOf(headers['content-type']) === 'application/cbor') return jsonOfCbor(parseCbor(bytes));
    const bounds = kind === 'short' ? { maxDepth, maxItems } : { maxDepth };
    if (bytes.length <= bytesInTurn[kind]) return parseJsonStrict(bytes, bounds);
    const parse = async (): Promise<unknown> => {
      // Of what came before it some is in this turn already.
      await ownTurn();
      return parseJsonInPieces(bytes, bounds, ownTurn);
    };
    return longBodies.take(parse).catch(refuseMalformed);
  } catch (error) {
    return refuseMalformed(error);
  }
}

const maxDepth = 32;

/** As in CBOR. What hosts send has some hundred. */
const maxItems = 65_536;

/** To read so much takes some milliseconds: where each character is a value, and where it is mostly one text. */
const bytesInTurn: Readonly<Record<BodyKind, number>> = { 'any-length': 65_536, short: 1_048_576 };

const longBodies = openTurns();

function refuseMalformed(error: unknown): never {
  if (!(error instanceof MalformedError)) throw error;
  const at = error.at === undefined ? {} : { at: error.at };
  throw new ServerError('REQUEST_BODY_MALFORMED', `${error.message} (${error.code})`, { cause: error, ...at });
}

/** They have 64 KiB at most. */
const partsInTurn = 32;

/** As they came. */
function readParts(request: IncomingMessage, { limit, room }: BodyBounds): Promise<readonly Uint8Array[]> {
  return new Promise((resolve, reject) => {
    // Gone while we asked who it was: none of the events below would come any more.
    if (request.destroyed) {
      reject(new ServerError('REQUEST_ABORTED'));
      return;
    }
    const parts: Uint8Array[] = [];
    let length = 0;
    /** What still comes is neither kept nor read. */
    const refuse = (error: ServerError): void => {
      request.off('data', onData);
      parts.length = 0;
      share?.leave();
      reject(error);
    };
    const share = room?.open(() => refuse(noRoom()));
    const onData = (part: Uint8Array): void => {
      length += part.length;
      // Chunked bodies announce no length.
      if (length > limit) {
        refuse(tooLarge(limit));
        return;
      }
      parts.push(part);
      share?.take(part.length);
    };
    // What came to its end closes too, when it is answered.
    const onClose = (): void => {
      share?.leave();
      if (!request.readableEnded) reject(new ServerError('REQUEST_ABORTED'));
    };
    const onEnd = (): void => {
      share?.leave();
      resolve(parts);
    };
    request.on('data', onData).on('end', onEnd).on('error', onClose).on('close', onClose);
  });
}

/** No copy of a body that came in one piece. */
function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only = new Uint8Array(), second] = parts;
  const { buffer, byteOffset, length } = second === undefined ? only : Buffer.concat(parts);
  return new Uint8Array(buffer, byteOffset, length);
}

function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function tooLarge(limit: number): ServerError {
  return new ServerError('REQUEST_BODY_TOO_LARGE', `the limit is ${limit} bytes`, { headers: { connection: 'close' } });
}

function noRoom(): ServerError {
  return new ServerError('SERVER_BUSY', undefined, { headers: { 'retry-after': '5', connection: 'close' } });
}
