import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ApiUnreachable } from '../../src/api/index.ts';
import { joinParts, splitLines } from '../../src/api/lines.ts';

async function* inParts(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let start = 0;
  for (const size of sizes) {
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
    start += size;
  }
  yield bytes.subarray(start);
}

async function linesOf(parts: AsyncIterable<Uint8Array>): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const line of splitLines(parts)) lines.push(new TextDecoder().decode(line));
  return lines;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('answers in lines', () => {
  it('are the same lines however the bytes arrive', async () => {
    const texts = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '{', '"') }), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(texts, fc.array(fc.nat(9)), async (lines, sizes) => {
        const bytes = encode(lines.map((line) => `${line}\n`).join(''));
        assert.deepEqual(await linesOf(inParts(bytes, sizes)), lines);
        assert.deepEqual(await joinParts(inParts(bytes, sizes)), bytes);
      }),
    );
  });

  it('are refused when the answer ends within a line', async () => {
    await assert.rejects(linesOf(inParts(encode('{}\n{"a"'), [])), (error: unknown) => {
      return error instanceof ApiUnreachable && error.code === 'API_ANSWER_UNREADABLE';
    });
  });
});
