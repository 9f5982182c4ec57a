// An answer of a handler becomes an answer of HTTP.
import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OperationId } from '../../api/index.ts';
import type { AnswerRoom, AnswerShare } from '../load/answer-room.ts';
import type { ServerLog } from '../telemetry/log.ts';
import type { OperationContract } from './contract.ts';
import { headOf } from './answer-headers.ts';
import { piecesOf, textInPieces, textOf } from './answer-text.ts';
import { idOf, type Exchange } from './exchange.ts';
import type { AnswerText, ApiAnswer } from './handler.ts';
import { toProblem } from './problem.ts';

type Answer = ApiAnswer<OperationId>;
type PartAnswer = Extract<Answer, { readonly parts: AsyncIterable<string> }>;
type LineAnswer = Extract<Answer, { readonly lines: AsyncIterable<object> }>;

interface Sender {
  readonly contract: OperationContract;
  readonly log: ServerLog;
  /** How long a receiver may take nothing of what was sent. */
  readonly stallMs: number;
  /** Where it is kept until it is taken. */
  readonly room: AnswerRoom;
}

/** Undefined when the answer is out; a promise while it is still made. */
export function sendAnswer(answer: Answer, exchange: Exchange, sender: Sender): Promise<void> | undefined {
  const { response } = exchange;
  const { contract, stallMs, room } = sender;
  if ('lines' in answer) return sendLines(answer, exchange, sender);
  if ('parts' in answer) return sendParts(answer, response, stallMs);
  const { status, headers } = answer;
  if ('base64' in answer) {
    const { length, pieces } = piecesOf(answer, contract);
    response.writeHead(status, headOf('application/json', headers, length));
    return sendLarge(pieces, response, { share: keepIn(room, exchange, length), stallMs });
  }
  if ('body' in answer) {
    const send = ({ head, content }: AnswerText): Promise<void> | undefined => {
      response.writeHead(status, head);
      // ASCII, which is copied so. In UTF-8 node:http would take three times its length.
      return sendContent(content, exchange, { encoding: 'latin1', sender });
    };
    if (!('repeated' in answer)) return send(textOf(answer, contract));
    return textInPieces(answer, contract, nextTurn).then(send);
  } else if ('raw' in answer) {
    const { mediaType, content } = answer.raw;
    response.writeHead(status, headOf(mediaType, headers, Buffer.byteLength(content)));
    return sendContent(content, exchange, { encoding: 'utf8', sender });
  }
  response.writeHead(status, headOf(undefined, headers)).end();
  return undefined;
}

/** Line by line. The status is out by then: a failure becomes the last line. Who hangs up ends the work. */
async function sendLines({ mediaType, lines }: LineAnswer, exchange: Exchange, sender: Sender): Promise<void> {
  const { log, stallMs } = sender;
  const { operation, response } = exchange;
  response.writeHead(200, headOf(mediaType));
  const write = (line: object): Promise<boolean> => writePart(response, `${JSON.stringify(line)}\n`, stallMs);
  try {
    for await (const line of lines) if (!(await write(line))) return;
  } catch (error) {
    const id = idOf(exchange);
    const { body, unexpected } = toProblem(error, id);
    if (unexpected) log.error({ err: error, id, operation }, 'unexpected failure');
    await write({ problem: body });
  }
  response.end();
}

/** Text as it is made. A failure cuts it off: the caller comes back with what it had. */
async function sendParts({ mediaType, parts }: PartAnswer, response: ServerResponse, stallMs: number): Promise<void> {
  response.writeHead(200, headOf(mediaType)).flushHeaders();
  // Of HEAD nothing is written, and nobody would be waited for.
  const isHead = response.req.method === 'HEAD';
  for await (const part of parts) if (isHead || !(await writePart(response, part, stallMs))) break;
  if (!response.destroyed) response.end();
}

interface Sending {
  /** Of a text. */
  readonly encoding: BufferEncoding;
  readonly sender: Sender;
}

/** Of a large answer so much is handed over at once. */
const partBytes = 128 * 1024;

/** What is smaller is not counted: the kernel takes it for whoever waits. */
const countedBytes = 16 * 1024;

/** A small answer goes out at once, and whoever takes nothing of it is cut by the connection's own bound. A large one goes out part by
 * part: else it could be taken byte by byte, and be kept in memory for as long. */
function sendContent(
  content: string | Uint8Array,
  exchange: Exchange,
  { encoding, sender: { room, stallMs } }: Sending,
): Promise<void> | undefined {
  const { response } = exchange;
  if (content.length > partBytes) {
    const bytes = typeof content === 'string' ? Buffer.from(content, encoding) : content;
    return sendLarge(partsOf(bytes), response, { share: keepIn(room, exchange, bytes.length), stallMs });
  }
  response.end(content, encoding);
  if (content.length > countedBytes && !response.writableFinished && !response.destroyed) {
    const share = keepIn(room, exchange, content.length);
    response.once('close', () => share.leave());
  }
  return undefined;
}

/** Cut is the connection, and all that waits on it: behind another answer there is nothing else to cut. */
function keepIn(room: AnswerRoom, { request, principal }: Exchange, bytes: number): AnswerShare {
  return room.keep({ actor: principal.actor, bytes, cut: () => request.socket.destroy() });
}

function* partsOf(content: Uint8Array): Iterable<Uint8Array> {
  for (let from = 0; from < content.length; from += partBytes) yield content.subarray(from, from + partBytes);
}

/** A kernel that takes all of them at once has them one after the other all the same: whoever else is at the door comes between. */
const partsInTurn = 8;

async function sendLarge(
  parts: Iterable<Uint8Array>,
  response: ServerResponse,
  { share, stallMs }: { readonly share: AnswerShare; readonly stallMs: number },
): Promise<void> {
  try {
    let count = 0;
    for (const part of parts) {
      if (!(await writePart(response, part, stallMs))) return;
      if ((count += 1) % partsInTurn === 0) await nextTurn();
      share.taken(part.length);
    }
    response.end();
  } finally {
    share.leave();
  }
}

/** Resolves when more may be written; with false when the receiver is gone, or has not taken it in time. */
function writePart(response: ServerResponse, part: string | Uint8Array, stallMs: number): Promise<boolean> {
  if (response.destroyed) return Promise.resolve(false);
  if (response.write(part)) return Promise.resolve(true);
  return new Promise((resolve) => {
    let timer: NodeJS.Timeout | undefined;
    const begin = (): void => void (timer = setTimeout(() => response.destroy(), stallMs));
    const settle = (): void => {
      clearTimeout(timer);
      response.off('socket', begin).off('drain', settle).off('close', settle);
      resolve(!response.destroyed);
    };
    response.on('drain', settle).on('close', settle);
    // Behind another answer nothing of it can be taken yet.
    if (response.socket === null) response.once('socket', begin);
    else begin();
  });
}
