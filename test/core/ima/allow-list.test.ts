import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { concatBytes, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import {
  entriesToJudge,
  isSignedBy,
  judgeEntry,
  parseImaList,
  parseImaSignature,
  parseImaText,
  verifyImaList,
  type ImaAllowList,
  type VerifiedImaList,
} from '../../../src/core/ima/index.ts';
import { attestedPcrs, readBoot } from './fixtures.ts';

const nothing: ImaAllowList = { digests: new Set(), signers: [], excludedPaths: [] };

function verifiedBoot(run: string): ReturnType<typeof verifyImaList> {
  return verifyImaList({
    list: parseImaList(readBoot(run, 'ima_binary_runtime_measurements')),
    pcrs: attestedPcrs(run),
  });
}

/** Every entry that nothing vouches for, in list order. */
function refusedEntries(list: VerifiedImaList, allowed: ImaAllowList) {
  return entriesToJudge(list)
    .map((entry) => ({ entry, reason: judgeEntry(entry, allowed) }))
    .filter(({ reason }) => reason !== 'approved' && reason !== 'excluded');
}

describe('the allow list', () => {
  it('rejects every file when nothing vouches for any', () => {
    const list = verifiedBoot('sb-on');
    assert.equal(refusedEntries(list, nothing).length, list.entries.length - 1);
  });

  it('names the unknown binary and the modified script of a tampered boot', () => {
    const good = verifiedBoot('sb-on').entries.map(({ digest }) => `${digest.algorithm}:${encodeHex(digest.value)}`);
    const refused = refusedEntries(verifiedBoot('ima-evil'), { ...nothing, digests: new Set(good) });
    assert.ok(refused.some(({ entry }) => entry.path.startsWith('/mnt/')));
    assert.ok(refused.every(({ reason }) => reason === 'unknown-digest'));
  });

  it('leaves out by prefix or whole path, and never follows `..`', () => {
    const list = verifiedBoot('sb-on');
    assert.equal(refusedEntries(list, { ...nothing, excludedPaths: ['/'] }).length, 0);
    assert.equal(refusedEntries(list, { ...nothing, excludedPaths: ['/init'] }).length, list.entries.length - 2);
    const [entry] = list.entries;
    assert.ok(entry);
    const judge = (path: string) => judgeEntry({ ...entry, path }, { ...nothing, excludedPaths: ['/init', '/tmp/'] });
    assert.deepEqual(['/init', '/tmp/x'].map(judge), ['excluded', 'excluded']);
    assert.deepEqual(['/init-evil', '/sbin/init', '/tmp', '/tmp/../sbin/x'].map(judge), [
      'unknown-digest',
      'unknown-digest',
      'unknown-digest',
      'unknown-digest',
    ]);
  });

  it('refuses a violation even when the digest is known', () => {
    const list = verifiedBoot('ima-violation');
    const all = list.entries.map(({ digest }) => `${digest.algorithm}:${encodeHex(digest.value)}`);
    const refused = refusedEntries(list, { ...nothing, digests: new Set(all) });
    assert.deepEqual(
      refused.map(({ reason }) => reason),
      ['violation'],
    );
  });
});

describe('isSignedBy', () => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const content = encodeUtf8('the file');
  const digest = createHash('sha256').update(content).digest('hex');
  const value = sign('sha256', content, privateKey);
  const header = Uint8Array.from([3, 2, 4, 1, 2, 3, 4, value.length >> 8, value.length & 0xff]);
  const signature = encodeHex(concatBytes(header, value));
  const entryOf = (fileDigest: string, sig: string): ReturnType<typeof parseImaText>['entries'][number] => {
    const line = `10 ${'11'.repeat(20)} ima-sig sha256:${fileDigest} /bin/x ${sig}`;
    const [entry] = parseImaText(encodeUtf8(line)).entries;
    assert.ok(entry);
    return entry;
  };

  it('accepts the signer of the stated digest and nobody else', () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    assert.equal(isSignedBy(entryOf(digest, signature), publicKeyFromHandle(privateKey)), true);
    assert.equal(isSignedBy(entryOf(digest, signature), publicKeyFromHandle(other)), false);
    assert.equal(isSignedBy(entryOf('00'.repeat(32), signature), publicKeyFromHandle(privateKey)), false);
    assert.equal(isSignedBy(entryOf(digest, ''), publicKeyFromHandle(privateKey)), false);
  });

  it('makes a file good, by any of the keys, unless it was changed while it was measured', () => {
    const other = publicKeyFromHandle(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey);
    const allowed = { ...nothing, signers: [other, publicKeyFromHandle(privateKey)] };
    const entry = entryOf(digest, signature);
    assert.equal(judgeEntry(entry, allowed), 'approved');
    assert.equal(judgeEntry(entry, { ...nothing, signers: [other] }), 'unknown-digest');
    assert.equal(judgeEntry({ ...entry, violation: true }, allowed), 'violation');
  });

  it('takes a signature for a file digest of its own algorithm alone', () => {
    const entry = entryOf(digest, signature);
    const key = publicKeyFromHandle(privateKey);
    assert.equal(isSignedBy({ ...entry, violation: true }, key), false);
    assert.equal(isSignedBy({ ...entry, digest: { ...entry.digest, kind: 'verity' } }, key), false);
    assert.equal(isSignedBy({ ...entry, digest: { ...entry.digest, algorithm: 'sha512' } }, key), false);
  });

  it('refuses a signature of another type, version or algorithm', () => {
    for (const [at, other] of [
      [0, 5],
      [1, 3],
      [2, 9],
    ] as const) {
      const changed = concatBytes(header, value);
      changed[at] = other;
      assert.throws(() => parseImaSignature(changed), { code: 'IMA_SIGNATURE_MALFORMED' });
    }
  });

  it('refuses a signature cut short or too long', () => {
    const whole = concatBytes(header, value);
    for (let length = 0; length < whole.length; length += 1) {
      assert.throws(() => parseImaSignature(whole.subarray(0, length)), { code: 'IMA_SIGNATURE_MALFORMED' });
    }
    assert.throws(() => parseImaSignature(concatBytes(whole, new Uint8Array(1))), { code: 'IMA_SIGNATURE_MALFORMED' });
  });
});
