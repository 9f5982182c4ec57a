import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { AttestationError } from '../../../src/core/error.ts';
import { decodeUtf8, encodeBase64, encodePem, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { encodeSpki, publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import {
  encodeGoldenStatement,
  expectationDigest,
  parseGoldenStatement,
  type ExpectedFiles,
  type GoldenStatement,
} from '../../../src/core/golden/index.ts';
import { expectEvent, paperLog, approve, statementOf } from './material.ts';
import { matchLayer } from '../../../src/core/golden/index.ts';

const digest = `sha256:${'ab'.repeat(32)}`;
const key = publicKeyFromHandle(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
const full: ExpectedFiles = {
  digests: [{ digest }, { digest: `sha512:${'cd'.repeat(64)}`, path: '/usr/bin/qemu-system-x86_64' }],
  signers: [key],
  excludedPaths: ['/var/lib/libvirt/', '/etc/motd'],
};

function runtime(ima: ExpectedFiles): GoldenStatement {
  return statementOf('runtime', [], { ima });
}

/** The JSON of a good statement with another `ima`. */
function withIma(ima: unknown, layer = 'runtime'): Uint8Array {
  const root = JSON.parse(decodeUtf8(encodeGoldenStatement(runtime(full)))) as { predicate: Record<string, unknown> };
  return encodeUtf8(JSON.stringify({ ...root, predicate: { ...root.predicate, layer, match: { ima } } }));
}

function refuses(payload: Uint8Array, code: string, at?: string): void {
  assert.throws(
    () => parseGoldenStatement(payload),
    (error) => {
      assert.ok(error instanceof AttestationError);
      assert.equal(error.code, code);
      if (at !== undefined) assert.equal(error.at, at);
      return true;
    },
  );
}

describe('golden statement of layer runtime', () => {
  it('reads what it writes, in one spelling', () => {
    const payload = encodeGoldenStatement(runtime(full));
    const read = parseGoldenStatement(payload);
    assert.deepEqual(encodeGoldenStatement(read), payload);
    assert.deepEqual(read.ima?.digests, full.digests);
    assert.deepEqual(read.ima.excludedPaths, full.excludedPaths);
    assert.deepEqual(read.ima.signers.map(encodeSpki), [encodeSpki(key)]);
  });

  it('reads a signer in PEM, and a digest as a text or with its path', () => {
    const pem = encodePem('PUBLIC KEY', encodeSpki(key));
    const read = parseGoldenStatement(
      withIma({ signers: [pem], digests: [digest, { digest: `sha384:${'01'.repeat(48)}` }] }),
    );
    assert.deepEqual(read.ima?.signers.map(encodeSpki), [encodeSpki(key)]);
    assert.equal(read.ima.digests.length, 2);
    const other = encodePem('RSA PUBLIC KEY', encodeSpki(key));
    for (const signer of [other, `${pem}${pem}`, `${other}${pem}`])
      refuses(withIma({ signers: [signer] }), 'GOLDEN_STATEMENT_INVALID', 'predicate.match.ima.signers[0]');
  });

  it('names equal files equally, wherever they lay', () => {
    const bare = { ...full, digests: full.digests.map(({ digest: value }) => ({ digest: value })) };
    assert.deepEqual(expectationDigest(runtime(full)), expectationDigest(runtime(bare)));
    assert.notDeepEqual(expectationDigest(runtime(full)), expectationDigest(runtime({ ...full, excludedPaths: [] })));
  });

  it('rejects when there is nothing to verify: no file and no signer', () => {
    for (const ima of [{}, { digests: [], signers: [] }, { excludedPaths: ['/var/'] }]) {
      refuses(withIma(ima), 'GOLDEN_STATEMENT_EMPTY', 'predicate.match');
    }
  });

  it('rejects files in a statement about another layer, and events in one about runtime', () => {
    refuses(withIma({ digests: [digest] }, 'kernel'), 'GOLDEN_IMA_MISPLACED', 'predicate.match.ima');
    assert.throws(() => encodeGoldenStatement(statementOf('runtime', [expectEvent(10, 'x')])), {
      code: 'GOLDEN_PCR_REFUSED',
    });
  });

  const ecdsa = publicKeyFromHandle(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  const short = publicKeyFromHandle(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
  const wrong: readonly (readonly [string, unknown, string])[] = [
    ['a SHA-1 digest', { digests: [`sha1:${'00'.repeat(20)}`] }, 'digests[0]'],
    ['a digest of another length', { digests: [`sha256:${'ab'.repeat(31)}`] }, 'digests[0]'],
    ['an upper-case digest', { digests: [digest.toUpperCase()] }, 'digests[0]'],
    ['a digest of a file that was not read', { digests: [`sha256:${'00'.repeat(32)}`] }, 'digests[0]'],
    ['one digest twice', { digests: [digest, { digest }] }, 'digests'],
    ['an unknown field of a file', { digests: [{ digest, size: 1 }] }, 'digests[0]'],
    ['a path with control characters', { digests: [{ digest, path: '/a\n' }] }, 'digests[0].path'],
    ['too many files', { digests: Array.from({ length: 8193 }, () => digest) }, 'digests'],
    ['a signer that is no key', { signers: ['AAAA'] }, 'signers[0]'],
    ['a signer that is no base64', { signers: ['-----BEGIN PUBLIC KEY-----'] }, 'signers[0]'],
    ['an ECDSA signer', { signers: [encodeBase64(encodeSpki(ecdsa))] }, 'signers[0]'],
    ['a weak signer', { signers: [encodeBase64(encodeSpki(short))] }, 'signers[0]'],
    ['an exclusion of everything', { digests: [digest], excludedPaths: ['/'] }, 'excludedPaths[0]'],
    ['a relative exclusion', { digests: [digest], excludedPaths: ['var/'] }, 'excludedPaths[0]'],
    ['an exclusion with `..`', { digests: [digest], excludedPaths: ['/var/../'] }, 'excludedPaths[0]'],
    ['an exclusion with `//`', { digests: [digest], excludedPaths: ['//'] }, 'excludedPaths[0]'],
    ['an unknown field', { digests: [digest], paths: [] }, ''],
    ['no object', [digest], ''],
  ];
  for (const [name, ima, at] of wrong) {
    it(`rejects ${name}`, () => {
      refuses(withIma(ima), 'GOLDEN_STATEMENT_INVALID', `predicate.match.ima${at === '' ? '' : `.${at}`}`);
    });
  }

  it('answers any JSON with a statement or a typed refusal', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (ima) => {
        try {
          parseGoldenStatement(withIma(ima));
        } catch (error) {
          assert.ok(error instanceof AttestationError);
        }
      }),
    );
  });

  it('never matches a boot: its files are not events', () => {
    const golden = approve(runtime(full));
    assert.equal(matchLayer('runtime', paperLog([]), [golden]).outcome, 'no-golden');
    assert.equal(matchLayer('kernel', paperLog([]), [golden]).outcome, 'no-golden');
  });
});
