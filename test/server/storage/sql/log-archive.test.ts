// What is kept of a log is the log, also where it was put behind what was kept of another.
import assert from 'node:assert/strict';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import fc from 'fast-check';
import { growLog } from '../../../../src/core/appraisal/index.ts';
import { concatBytes } from '../../../../src/core/encoding/index.ts';
import {
  deflateAhead,
  deflateLog,
  inflateLog,
  isLongToDeflate,
  keepArchive,
  restoreLog,
} from '../../../../src/server/storage/sql/attestations/log-archive.ts';

describe('the archive of a log', () => {
  const read = (archive: Uint8Array): Uint8Array => {
    const log = inflateLog(Buffer.from(archive)) ?? assert.fail('nothing was kept');
    keepArchive(log, archive);
    return log;
  };
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    // As lists are: much of it again and again.
    fc.nat({ max: 2000 }).map((length) => new Uint8Array(length).fill(7)),
  );

  it('is that of the whole log, however often it went on, for whoever reads raw DEFLATE', () => {
    fc.assert(
      fc.property(bytes, fc.array(bytes, { maxLength: 12 }), (first, added) => {
        let whole: Uint8Array = first;
        let archive = deflateLog(first);
        for (const part of added) {
          const before = read(archive);
          archive = deflateLog(growLog(before, part));
          whole = concatBytes(whole, part);
          assert.deepEqual(read(archive), whole);
          assert.deepEqual(new Uint8Array(inflateRawSync(archive)), whole);
        }
      }),
    );
  });

  it('is gone on with: what was compressed once is not again, and neither is what was read', () => {
    let kept = deflateLog(Uint8Array.from({ length: 4000 }, (_, index) => index % 251));
    for (let growth = 0; growth < 3; growth += 1) {
      const before = read(kept);
      assert.equal(deflateLog(before), kept);
      const grown = deflateLog(growLog(before, Uint8Array.of(1, 2, 3)));
      assert.deepEqual(Buffer.from(grown.subarray(0, kept.length - 2)), Buffer.from(kept.subarray(0, -2)));
      assert.ok(grown.length < kept.length + 20);
      kept = grown;
    }
  });

  it('is small where the log says much again and again, and nothing where none was kept', () => {
    assert.ok(deflateLog(new Uint8Array(100_000).fill(7)).length < 1000);
    for (const none of [null, undefined]) assert.equal(inflateLog(none), undefined);
  });

  it('is made anew where that of the log before ends as any does', () => {
    const log = new Uint8Array(500).fill(9);
    const before = read(deflateRawSync(log, { level: 1 }));
    assert.deepEqual(before, log);
    const grown = growLog(before, Uint8Array.of(1));
    assert.deepEqual(read(deflateLog(grown)), Uint8Array.from(grown));
    const alone = read(deflateLog(growLog(new Uint8Array(), Uint8Array.of(1))));
    assert.deepEqual(alone, Uint8Array.of(1));
  });

  it('of a long log is made by another thread, once, and there when it is asked for', async () => {
    const part = () => Uint8Array.from({ length: 300_000 }, (_, index) => (index * index) % 251);
    const log = part();
    const expected = deflateLog(log.slice());
    assert.equal(isLongToDeflate(log), true);
    assert.equal(isLongToDeflate(log.subarray(0, 262_144)), false);
    const making = deflateAhead(log);
    assert.equal(deflateAhead(log), making);
    await making;
    assert.equal(isLongToDeflate(log), false);
    assert.deepEqual(deflateLog(log), expected);
    assert.equal(deflateLog(log), deflateLog(log));
    assert.deepEqual(await restoreLog(Buffer.from(expected)), new Uint8Array(log));
    // What is before it is there already.
    assert.equal(isLongToDeflate(growLog(log, Uint8Array.of(1))), false);
    const grown = growLog(log, part());
    assert.equal(isLongToDeflate(grown), true);
    await deflateAhead(grown);
    const archive = deflateLog(grown);
    assert.deepEqual(Buffer.from(archive.subarray(0, expected.length - 2)), Buffer.from(expected.subarray(0, -2)));
    assert.deepEqual(await restoreLog(Buffer.from(archive)), concatBytes(log, log));
  });

  it('that is damaged is refused, by another thread too', async () => {
    assert.equal(await restoreLog(null), undefined);
    await assert.rejects(restoreLog(Buffer.alloc(100_000, 0xff)));
    await assert.rejects(restoreLog(Buffer.alloc(10, 0xff)));
  });
});
