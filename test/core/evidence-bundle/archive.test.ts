import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeArchive, parseArchive, type Part } from '../../../src/core/evidence-bundle/index.ts';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';

const parts: readonly Part[] = [
  { name: 'README.txt', bytes: encodeUtf8('read me') },
  { name: 'a/b/empty', bytes: new Uint8Array() },
  { name: 'a/block', bytes: new Uint8Array(512).fill(7) },
];
const archive = encodeArchive(parts);
const malformed = { name: 'MalformedError', code: 'EVIDENCE_ARCHIVE_MALFORMED' };

describe('the archive of an evidence bundle', () => {
  it('gives back what was put in', () => {
    assert.deepEqual(parseArchive(archive), parts);
    assert.deepEqual(parseArchive(encodeArchive([])), []);
  });

  it('gives back any parts, in their order', () => {
    const name = fc.stringMatching(/^[a-zA-Z0-9][a-z0-9._-]{0,20}(\/[a-z0-9][a-z0-9._-]{0,20}){0,2}$/);
    const part = fc.tuple(name, fc.uint8Array({ maxLength: 1500 })).map(([path, bytes]) => ({ name: path, bytes }));
    fc.assert(
      fc.property(fc.uniqueArray(part, { selector: (one) => one.name, maxLength: 8 }), (some) => {
        assert.deepEqual(parseArchive(encodeArchive(some)), some);
      }),
    );
  });

  it('is refused when it is cut off anywhere', () => {
    for (let length = 0; length < archive.length; length += 1) {
      assert.throws(() => parseArchive(archive.subarray(0, length)), malformed, String(length));
    }
  });

  it('is refused with one byte more', () => {
    assert.throws(() => parseArchive(concatBytes(archive, Uint8Array.of(0))), malformed);
  });

  it('is refused, or read otherwise, when any byte of it changes: nothing hides in headers or padding', () => {
    for (let index = 0; index < archive.length; index += 1) {
      const changed = Uint8Array.from(archive);
      changed[index] = (changed[index] ?? 0) ^ 1;
      try {
        assert.notDeepEqual(parseArchive(changed), parts, String(index));
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'EVIDENCE_ARCHIVE_MALFORMED', String(error));
      }
    }
  });

  it('is refused with a name twice, and with names that lead out of a folder', () => {
    for (const name of ['../x', '/x', 'a//b', '.x', 'a/b/c/d', '', 'x'.repeat(100)]) {
      assert.throws(() => encodeArchive([{ name, bytes: new Uint8Array() }]), malformed, name);
    }
    const one = encodeArchive(parts.slice(0, 1)).subarray(0, 1024);
    assert.throws(() => parseArchive(concatBytes(one, one, new Uint8Array(1024))), { ...malformed, at: 1024 });
  });

  it('is refused when a size reaches beyond its end', () => {
    const liar = encodeArchive([{ name: 'x', bytes: new Uint8Array(2048) }]).subarray(0, 1024);
    assert.throws(() => parseArchive(concatBytes(liar, new Uint8Array(1024))), { ...malformed, at: 512 });
  });

  it('is bounded', () => {
    assert.throws(() => parseArchive(new Uint8Array(64 * 1024 * 1024 + 1)), { code: 'EVIDENCE_TOO_LARGE' });
    const many = Array.from({ length: 16_385 }, (_, index) => ({ name: `p${index}`, bytes: new Uint8Array() }));
    assert.throws(() => encodeArchive(many), { code: 'EVIDENCE_TOO_LARGE' });
  });
});
