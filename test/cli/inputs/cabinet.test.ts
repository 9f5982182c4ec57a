import assert from 'node:assert/strict';
import fc from 'fast-check';
import { readCabinet } from '../../../src/cli/inputs/cabinet.ts';
import { CliError } from '../../../src/cli/errors.ts';
import { writeCabinet } from '../../support/cabinet.ts';

const text = (value: string) => new TextEncoder().encode(value);
const files = {
  'AMD/RootCA/a.crt': text('the first'),
  'long.bin': new Uint8Array(70_000).map((_, index) => (index * index) % 251),
  'empty.txt': text(''),
};
const malformed = { code: 'CLI_CABINET_MALFORMED' };

function survives(bytes: Uint8Array): void {
  try {
    readCabinet(bytes);
  } catch (error) {
    assert.ok(error instanceof CliError, String(error));
  }
}

describe('readCabinet', () => {
  for (const compression of ['none', 'mszip'] as const) {
    for (const reserve of [0, 6]) {
      it(`reads files over several blocks: ${compression}, ${reserve} bytes reserved`, () => {
        const found = readCabinet(writeCabinet(files, { compression, reserve }));
        assert.deepEqual(
          found.map(({ untrustedName, bytes }) => [untrustedName, Buffer.from(bytes)]),
          Object.entries(files).map(([name, bytes]) => [name, Buffer.from(bytes)]),
        );
      });
    }
  }

  it('refuses LZX by name, with what to do', () => {
    assert.throws(() => readCabinet(writeCabinet(files, { compression: 'lzx' })), { code: 'CLI_CABINET_COMPRESSION' });
  });

  it('rejects when there is nothing to read, every truncation, and a block that unpacks to more than it says', () => {
    assert.throws(() => readCabinet(new Uint8Array(0)), malformed);
    const small = writeCabinet({ a: text('abc'), b: text('abcabc') });
    for (let length = 0; length < small.length; length += 1) {
      assert.throws(() => readCabinet(small.subarray(0, length)), malformed, String(length));
    }
    const bomb = writeCabinet({ a: new Uint8Array(32_768) });
    const size = Buffer.from(bomb).lastIndexOf(Buffer.from([0x00, 0x80, 0x43, 0x4b]));
    assert.throws(() => readCabinet(Uint8Array.from(bomb, (byte, at) => (at === size + 1 ? 0x01 : byte))), malformed);
  });

  it('gives files or a typed error for any mutation', () => {
    const cabinet = writeCabinet({ a: text('abc'), b: text('abcabc') }, { reserve: 2 });
    const edit = fc.tuple(fc.nat(cabinet.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const changed = Uint8Array.from(cabinet);
        for (const [at, value] of edits) changed[at] = value;
        survives(changed);
      }),
      { numRuns: 2000 },
    );
  });
});
