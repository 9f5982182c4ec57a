import assert from 'node:assert/strict';
import { concatBytes, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { authenticodeDigest, parsePortableExecutable, readSection } from '../../../src/core/prediction/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation } from '../../support/hostile-bytes.ts';
import { makeRoot } from '../../support/pki.ts';
import * as pe from './material.ts';

const text = { name: '.text', content: encodeUtf8('code') };
const long = { name: '.vendor_cert', content: encodeUtf8('vendor') };
const image = pe.makePe([text, long]);
const signed = pe.signPe(image, [makeRoot().der]);
const section = (index: number, field: number): number => pe.sectionTableOffset + index * 40 + field;

function refuses(bytes: Uint8Array, code: string): void {
  assert.throws(() => parsePortableExecutable(bytes), { code });
}

describe('EFI binaries', () => {
  it('gives sections without padding, short and long names alike', () => {
    const parsed = parsePortableExecutable(image);
    assert.deepEqual(readSection(parsed, '.text'), text.content);
    assert.deepEqual(readSection(parsed, '.vendor_cert'), long.content);
    assert.equal(readSection(parsed, '.linux'), undefined);
    assert.equal(parsed.certificateTable.length, 0);
    assert.equal(parsePortableExecutable(signed).certificateTable.length, signed.length - image.length);
  });

  it('refuses every truncation of a signed binary, and bytes behind its signature', () => {
    assertRefusesEveryTruncation(signed, parsePortableExecutable);
    refuses(concatBytes(signed, Uint8Array.of(0)), 'PREDICTION_PE_INVALID');
  });

  it('is never surprised', () => {
    assertNeverSurprised(parsePortableExecutable, signed);
  });

  it('refuses what is no EFI binary', () => {
    refuses(new Uint8Array(), 'PREDICTION_PE_TRUNCATED');
    refuses(pe.patched(image, 0, encodeUtf8('ZM')), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, 60, pe.u32(8)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, 60, pe.u32(0xffffffff)), 'PREDICTION_PE_TRUNCATED');
    refuses(pe.patched(image, pe.peOffset, encodeUtf8('NE')), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, pe.optionalOffset, pe.u16(0x107)), 'PREDICTION_PE_INVALID');
  });

  it('refuses counts and sizes that lie', () => {
    const [sections, optionalSize] = [pe.peOffset + 6, pe.peOffset + 20];
    refuses(pe.patched(image, sections, pe.u16(0)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, sections, pe.u16(97)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, sections, pe.u16(96)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, optionalSize, pe.u16(16)), 'PREDICTION_PE_TRUNCATED');
    refuses(pe.patched(image, pe.optionalOffset + 60, pe.u32(8)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, pe.optionalOffset + 60, pe.u32(0xffffffff)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, pe.optionalOffset + 108, pe.u32(17)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, section(0, 16), pe.u32(0xffffffff)), 'PREDICTION_PE_TRUNCATED');
    refuses(pe.patched(signed, pe.certificateEntryOffset + 4, pe.u32(0xffffffff)), 'PREDICTION_PE_TRUNCATED');
    refuses(pe.patched(signed, pe.certificateEntryOffset + 4, pe.u32(8)), 'PREDICTION_PE_INVALID');
  });

  it('refuses layouts that two readers could hash differently', () => {
    refuses(pe.patched(image, section(1, 20), pe.u32(512)), 'PREDICTION_PE_INVALID');
    refuses(pe.patched(image, section(0, 20), pe.u32(0)), 'PREDICTION_PE_INVALID');
  });

  it('refuses a section name beyond the file, and a section longer than its bytes', () => {
    refuses(pe.patched(image, section(1, 0), encodeUtf8('/9999999')), 'PREDICTION_PE_TRUNCATED');
    const parsed = parsePortableExecutable(pe.patched(image, section(0, 8), pe.u32(4096)));
    assert.throws(() => readSection(parsed, '.text'), { code: 'PREDICTION_PE_INVALID' });
  });

  it('refuses to choose between two sections of one name', () => {
    const parsed = parsePortableExecutable(pe.makePe([text, text]));
    assert.throws(() => readSection(parsed, '.text'), { code: 'PREDICTION_PE_INVALID' });
  });
});

describe('the Authenticode digest', () => {
  const digest = (bytes: Uint8Array): Uint8Array => authenticodeDigest(parsePortableExecutable(bytes), 'sha256');

  it('is the same before and after signing, and whatever the checksum says', () => {
    assert.deepEqual(digest(signed), digest(image));
    assert.deepEqual(digest(pe.patched(image, pe.checksumOffset, pe.u32(0xdeadbeef))), digest(image));
  });

  it('covers every other byte', () => {
    const good = digest(image);
    for (let index = 0; index < image.length; index += 1) {
      if (index >= pe.checksumOffset && index < pe.checksumOffset + 4) continue;
      if (index >= pe.certificateEntryOffset && index < pe.certificateEntryOffset + 8) continue;
      const changed = pe.patched(image, index, Uint8Array.of((image[index] ?? 0) ^ 1));
      try {
        assert.notDeepEqual(digest(changed), good, `byte ${index}`);
      } catch (error) {
        // A header that cannot be read any more is no better match.
        if (error instanceof assert.AssertionError) throw error;
      }
    }
  });
});
