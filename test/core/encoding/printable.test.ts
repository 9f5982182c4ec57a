import assert from 'node:assert/strict';
import fc from 'fast-check';
import { firstLine, printable, printableAgain } from '../../../src/core/encoding/index.ts';

describe('printable', () => {
  it('leaves ordinary text alone, in any script', () => {
    for (const text of ['', '/usr/bin/env', 'a b', 'Größe', '漢字', 'עברית', '😀', 'e\u0301'])
      assert.equal(printable(text), text);
  });

  it('T3: shows control characters, so that a path cannot drive a terminal or forge a log line', () => {
    assert.equal(
      printable('/tmp/\x1b[2J\r\nroot: ok\x00\x7f\x9b'),
      '/tmp/\\u{1b}[2J\\u{d}\\u{a}root: ok\\u{0}\\u{7f}\\u{9b}',
    );
  });

  it('T3: shows bidirectional overrides and invisible characters', () => {
    for (const code of [
      0x202e, 0x2066, 0x200b, 0x200d, 0xad, 0x61c, 0x2028, 0x2029, 0xfeff, 0xa0, 0x3164, 0x115f, 0xfe0f, 0xe0041,
      0xe0100, 0xfffe, 0xe000,
    ]) {
      assert.equal(printable(`a${String.fromCodePoint(code)}b`), `a\\u{${code.toString(16)}}b`);
    }
  });

  it('T3: shows half characters', () => {
    assert.equal(printable('\ud83d'), '\\u{d83d}');
    assert.equal(printable('a\ude00b'), 'a\\u{de00}b');
  });

  it('keeps different texts different: a backslash of theirs is doubled', () => {
    assert.equal(printable('\\u{1b}'), '\\\\u{1b}');
    assert.notEqual(printable('\\u{1b}'), printable('\x1b'));
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (left, right) => {
        assert.equal(printable(left) === printable(right), left === right);
      }),
    );
  });

  it('cuts at the limit and never through a character', () => {
    assert.equal(printable('abcdef', 3), 'abc…');
    assert.equal(printable('abc', 3), 'abc');
    assert.equal(printable('ab😀', 3), 'ab…');
    assert.equal(printable('x'.repeat(5000)).length, 4097);
    assert.ok(printable('\u0000'.repeat(10 ** 6)).length <= 4097);
  });

  it('leaves backslashes of text that was made printable before, and nothing invisible', () => {
    assert.equal(printableAgain(printable('\\EFI\\BOOT\n')), printable('\\EFI\\BOOT\n'));
    assert.equal(printableAgain('a\u001b[2J\u202e'), 'a\\u{1b}[2J\\u{202e}');
    assert.equal(printableAgain('x'.repeat(9), 4), 'xxxx…');
  });
});

describe('the first line of a message', () => {
  it('is all of it that is shown: the further ones quote what may be a secret', () => {
    assert.equal(firstLine('Nested mappings are not allowed at line 1, column 9:\n\nkey: s3cret: x\n     ^'), 'Nested mappings are not allowed at line 1, column 9'); // prettier-ignore
    assert.deepEqual(['one line', ''].map(firstLine), ['one line', '']);
  });
});
