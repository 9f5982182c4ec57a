import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../../src/core/encoding/index.ts';
import { hash } from '../../../../src/core/crypto/index.ts';
import {
  encodeSignatureList,
  guids,
  missingRevocations,
  parseRevocationList,
  parseSignatureDatabase,
} from '../../../../src/core/event-log/index.ts';
import { hashes, refuses, survives } from '../logs.ts';

const invalid = 'EVENT_LOG_REVOCATION_LIST_INVALID';
const [a, b] = [hash('sha256', Uint8Array.of(0)), hash('sha256', Uint8Array.of(1))];
const text = (content: string): Uint8Array => encodeUtf8(content);

/** EFI_TIME, WIN_CERTIFICATE_UEFI_GUID with a signature of 8 bytes, then the lists. */
function signedUpdate(lists: Uint8Array, length = 32): Uint8Array {
  const head = new Uint8Array(16 + 8 + 16 + 8);
  const view = new DataView(head.buffer);
  view.setUint32(16, length, true);
  view.setUint16(20, 0x0200, true);
  view.setUint16(22, 0x0ef1, true);
  return concatBytes(head, lists);
}

describe('parseRevocationList', () => {
  it('reads one SHA-256 a line, with comments, dates and repetitions', () => {
    const list = parseRevocationList(
      text(
        `# a list\n${encodeHex(a)} 2025-05-07\r\n\n${encodeHex(b).toUpperCase()}  2023-05-09 # old\n${encodeHex(a)}\n`,
      ),
    );
    assert.deepEqual(list, { format: 'text', digests: [a, b], others: 0, newest: '2025-05-07' });
  });

  it('reads the images for x64 of Microsoft’s JSON, and counts what it does not follow', () => {
    const image = (digest: Uint8Array) => ({
      authenticodeHash: encodeHex(digest).toUpperCase(),
      dateOfAddition: '2025-01-14',
    });
    const json = JSON.stringify({ images: { x64: [image(a)], arm64: [image(b)] }, certificates: [{}], svns: [{}, {}] });
    assert.deepEqual(parseRevocationList(text(json)), {
      format: 'json',
      digests: [a],
      others: 3,
      newest: '2025-01-14',
    });
  });

  it('reads signature lists as a variable, as a file of efivarfs, and as a signed update', () => {
    const version = concatBytes(
      Uint8Array.of(1),
      new Uint8Array(16).fill(7),
      Uint8Array.of(0, 0, 9, 0),
      new Uint8Array(11),
    );
    const lists = concatBytes(
      hashes(2),
      encodeSignatureList({ typeGuid: guids.certX509, owner: guids.shimLock, signatures: [Uint8Array.of(0x30)] }),
      encodeSignatureList({ typeGuid: guids.certSha256, owner: guids.shimLock, signatures: [version] }),
    );
    const expected = { format: 'signature-lists', digests: [a, b], others: 2 };
    assert.deepEqual(parseRevocationList(lists), expected);
    assert.deepEqual(parseRevocationList(concatBytes(Uint8Array.of(0x27, 0, 0, 0), lists)), expected);
    assert.deepEqual(parseRevocationList(signedUpdate(lists)), { ...expected, format: 'signed-update' });
  });

  it('rejects when there is nothing to verify: a list that revokes no image', () => {
    for (const empty of ['', '# nothing\n', '{"images":{"x64":[]}}'])
      refuses(invalid, () => parseRevocationList(text(empty)));
    refuses(invalid, () => parseRevocationList(signedUpdate(new Uint8Array())));
  });

  it('refuses lines, objects and lengths that lie', () => {
    for (const bad of [
      `${encodeHex(a)}00\n`,
      'hello',
      `${encodeHex(a)} yesterday`,
      '{"images":[]}',
      '{"images":{"x64":{}}}',
      '{"images":{"x64":[{"authenticodeHash":"00"}]}}',
    ]) {
      refuses(invalid, () => parseRevocationList(text(bad)));
    }
    refuses(invalid, () => parseRevocationList(signedUpdate(hashes(1), 23)));
    refuses(invalid, () => parseRevocationList(signedUpdate(hashes(1), 0xffffffff)));
    refuses('EVENT_LOG_SIGNATURE_LIST_INVALID', () => parseRevocationList(signedUpdate(hashes(1), 33)));
    refuses('EVENT_LOG_SIGNATURE_LIST_INVALID', () => parseRevocationList(hashes(2).subarray(0, -1)));
    refuses(invalid, () => parseRevocationList(new Uint8Array(5 * 1024 * 1024)));
  });

  it('answers any bytes with a list or a typed refusal', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => survives(() => parseRevocationList(bytes))));
    const update = signedUpdate(hashes(2));
    for (let length = 0; length < update.length; length += 1)
      survives(() => parseRevocationList(update.subarray(0, length)));
  });

  it('reads the list that comes with the CLI: 439 images', () => {
    const file = new URL('../../../../src/cli/revocations/dbx-x64.txt', import.meta.url);
    const list = parseRevocationList(new Uint8Array(readFileSync(file)));
    assert.deepEqual([list.digests.length, list.newest], [439, '2026-04-09']);
    assert.equal(missingRevocations(parseSignatureDatabase(hashes(3)), list.digests).length, 439);
  });
});
