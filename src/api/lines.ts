// Lines of an answer that is read as it arrives.
import { ApiUnreachable } from './problem.ts';

const lineLimit = 64 * 1024 * 1024;
const newline = 0x0a;

/** Each line without its end.
 * @throws ApiUnreachable API_ANSWER_TOO_LARGE; API_ANSWER_UNREADABLE when the answer ends within a line */
export async function* splitLines(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let pending: Uint8Array[] = [];
  for await (const part of parts) {
    let start = 0;
    for (let end = part.indexOf(newline); end !== -1; end = part.indexOf(newline, start)) {
      yield join([...pending, part.subarray(start, end)]);
      pending = [];
      start = end + 1;
    }
    if (start < part.length) pending.push(part.subarray(start));
    checkLength(pending);
  }
  if (pending.length > 0) throw new ApiUnreachable('API_ANSWER_UNREADABLE', 'the answer ends within a line');
}

/** The whole body of a short answer.
 * @throws ApiUnreachable API_ANSWER_TOO_LARGE */
export async function joinParts(parts: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: Uint8Array[] = [];
  for await (const part of parts) {
    all.push(part);
    checkLength(all);
  }
  return join(all);
}

function checkLength(parts: readonly Uint8Array[]): void {
  if (parts.reduce((sum, { length }) => sum + length, 0) > lineLimit) {
    throw new ApiUnreachable('API_ANSWER_TOO_LARGE', 'the answer exceeds 64 MiB');
  }
}

function join(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}
