import assert from 'node:assert/strict';
import fc from 'fast-check';
import { encodeSpki, publicKeyFromPem } from '../../../src/core/crypto/index.ts';
import { concatBytes } from '../../../src/core/encoding/index.ts';
import { AttestationError } from '../../../src/core/error.ts';
import {
  algorithmIds,
  encodePublic,
  encodeTpm2bPublic,
  parseAnyPublic,
  parsePublic,
  parseTpm2bPublic,
  type PublicArea,
} from '../../../src/core/tpm/index.ts';
import { capture, captureText } from './captures.ts';
import { softwareKey, truncated, withExtraByte } from './software-key.ts';

const files = ['ak_rsa', 'ak_ecc', 'ak_ecc384', 'ak_ecc_rsaek', 'ek_rsa', 'ek_ecc', 'ek_ecc384'];
const pemOf = {
  ak_rsa: 'ak_rsa',
  ak_ecc: 'ak_ecc',
  ak_ecc384: 'ak_ecc384',
  ek_rsa: 'ek_rsa_pub',
  ek_ecc: 'ek_ecc_p256_pub',
  ek_ecc384: 'ek_ecc_p384_pub',
};
const area = softwareKey().area;
const rsaArea = softwareKey('rsassa').area;

describe('parsePublic', () => {
  it('reads public areas of a real TPM and encodes them back to the same bytes', () => {
    for (const file of files) {
      const bytes = capture(`tpm-quote/${file}.pub`);
      const parsed = parseTpm2bPublic(bytes);
      assert.deepEqual(encodeTpm2bPublic(parsed), bytes, file);
      assert.deepEqual(parsed.bytes, bytes.subarray(2), file);
    }
  });

  it('reads the same key that tpm2-tools wrote as PEM', () => {
    for (const [file, pem] of Object.entries(pemOf)) {
      const { publicKey } = parseTpm2bPublic(capture(`tpm-quote/${file}.pub`));
      assert.deepEqual(encodeSpki(publicKey), encodeSpki(publicKeyFromPem(captureText(`tpm-quote/${pem}.pem`))), file);
    }
  });

  it('tells the two encodings of a public area apart', () => {
    const sized = capture('tpm-quote/ak_rsa.pub');
    assert.deepEqual(parseAnyPublic(sized).bytes, parseAnyPublic(sized.subarray(2)).bytes);
  });

  it('T26: rejects every truncation and one byte too many', () => {
    for (const whole of [capture('tpm-quote/ak_rsa.pub'), capture('tpm-quote/ek_ecc384.pub')]) {
      const bare = whole.subarray(2);
      for (const part of truncated(bare)) assertCode(() => parsePublic(part), 'TPM_STRUCTURE_TRUNCATED');
      for (const part of truncated(whole)) assertCode(() => parseTpm2bPublic(part), 'TPM_STRUCTURE_TRUNCATED');
      assertCode(() => parsePublic(withExtraByte(bare)), 'TPM_STRUCTURE_TRAILING');
      assertCode(() => parseTpm2bPublic(withExtraByte(whole)), 'TPM_STRUCTURE_TRAILING');
    }
  });

  it('rejects a size that lies, before it reads that much', () => {
    const bytes = Uint8Array.from(capture('tpm-quote/ak_ecc.pub').subarray(2));
    bytes.set([0xff, 0xff], 8); // authPolicy size
    assertCode(() => parsePublic(bytes), 'TPM_STRUCTURE_TOO_LARGE');
    assertCode(() => parsePublic(new Uint8Array(5000)), 'TPM_STRUCTURE_TOO_LARGE');
  });

  it('rejects an attribute bit that is reserved', () => {
    for (const bit of [0, 3, 12, 20, 31]) {
      const attributes = area.attributes | (1 << bit);
      assertCode(
        () => parsePublic(encodePublic({ ...area, attributes: attributes >>> 0 })),
        'TPM_PUBLIC_ATTRIBUTES_RESERVED',
      );
    }
  });

  it('rejects keyed hashes and symmetric keys', () => {
    for (const type of [0x0008, 0x0025, 0x0000, 0xffff]) {
      assertCode(() => parsePublic(patched(area, 0, type)), 'TPM_PUBLIC_TYPE_UNSUPPORTED');
    }
  });

  it('rejects a name hash and a scheme hash that is not known, at its offset', () => {
    assert.throws(() => parsePublic(patched(area, 2, 0x0012)), { code: 'TPM_HASH_UNSUPPORTED', at: 2 });
    assert.throws(() => parsePublic(patched(area, 14, 0x0027)), { code: 'TPM_HASH_UNSUPPORTED', at: 12 });
  });

  it('rejects unknown schemes, and schemes of the other key type', () => {
    for (const id of [algorithmIds.rsassa, algorithmIds.rsaes, 0x7777]) {
      assertCode(() => parsePublic(patched(area, 12, id)), 'TPM_PUBLIC_SCHEME_UNSUPPORTED');
    }
    for (const id of [algorithmIds.ecdsa, algorithmIds.ecdaa]) {
      assertCode(() => parsePublic(patched(rsaArea, 12, id)), 'TPM_PUBLIC_SCHEME_UNSUPPORTED');
    }
    assertCode(() => parsePublic(patched(area, 18, 0x7777)), 'TPM_PUBLIC_SCHEME_UNSUPPORTED');
    const unknown = patched(area, 12, 0x7777);
    unknown.set([0x77, 0x77], 14);
    assert.throws(() => parsePublic(unknown), { code: 'TPM_PUBLIC_SCHEME_UNSUPPORTED', at: 12 });
  });

  it('rejects an unknown symmetric algorithm and an unknown mode', () => {
    assertCode(() => parsePublic(patched(area, 10, 0x000a)), 'TPM_PUBLIC_SYMMETRIC_UNSUPPORTED');
    const ek = capture('tpm-quote/ek_ecc.pub').subarray(2);
    const bytes = Uint8Array.from(ek);
    bytes.set([0, 0x49], 46);
    assertCode(() => parsePublic(bytes), 'TPM_PUBLIC_SYMMETRIC_UNSUPPORTED');
  });

  it('T17: rejects every curve but P-256, P-384 and P-521', () => {
    for (const curve of [0, 1, 2, 6, 0x10, 0x11, 0x20, 0x30, 0x40]) {
      assertCode(() => parsePublic(patched(area, 16, curve)), 'TPM_PUBLIC_CURVE_UNSUPPORTED');
    }
  });

  it('rejects a point off its curve, and the same point under another curve', () => {
    assert.ok(area.type === 'ecc');
    const y = Uint8Array.from(area.y, (byte, index) => (index === 31 ? byte ^ 1 : byte));
    assertCode(() => parsePublic(encodePublic({ ...area, y })), 'CRYPTO_KEY_INVALID');
    assertCode(() => parsePublic(encodePublic({ ...area, curve: 'P-384' })), 'CRYPTO_KEY_INVALID');
  });

  it('rejects a modulus or a coordinate of another size than announced, and templates', () => {
    assert.ok(area.type === 'ecc' && rsaArea.type === 'rsa');
    const long = concatBytes(Uint8Array.of(0), area.x);
    const none = new Uint8Array(0);
    for (const broken of [
      { ...area, x: long },
      { ...area, y: none },
      { ...rsaArea, modulus: none },
      { ...rsaArea, modulus: none, keyBits: 0 },
      { ...rsaArea, keyBits: 3072 },
    ] satisfies PublicArea[]) {
      assertCode(() => parsePublic(encodePublic(broken)), 'TPM_PUBLIC_UNIQUE_INVALID');
    }
  });

  it('reads every scheme, key derivation and symmetric algorithm that it knows, as they were written', () => {
    const hashes = fc.constantFrom('sha1', 'sha256', 'sha384', 'sha512');
    const symmetric = fc.record({
      alg: fc.constantFrom('aes', 'sm4', 'camellia'),
      keyBits: fc.constantFrom(128, 192, 256),
      mode: fc.constantFrom('ctr', 'ofb', 'cbc', 'cfb', 'ecb'),
    });
    const ofRsa = fc.oneof(
      fc.record({ kind: fc.constantFrom('rsassa', 'rsapss', 'oaep'), hash: hashes }),
      fc.constant({ kind: 'rsaes' }),
    );
    const ofEcc = fc.oneof(
      fc.record({ kind: fc.constantFrom('ecdsa', 'ecdh', 'sm2', 'ecschnorr'), hash: hashes }),
      fc.record({ kind: fc.constant('ecdaa'), hash: hashes, count: fc.nat(0xffff) }),
    );
    const kdf = fc.record({ kind: fc.constantFrom('kdf1Sp80056a', 'kdf2', 'kdf1Sp800108'), hash: hashes });
    const changes = fc.oneof(
      fc.record({ base: fc.constant(rsaArea), symmetric: fc.option(symmetric, { nil: undefined }), scheme: ofRsa }),
      fc.record({
        base: fc.constant(area),
        symmetric: fc.option(symmetric, { nil: undefined }),
        scheme: ofEcc,
        kdf: fc.option(kdf, { nil: undefined }),
      }),
    );
    fc.assert(
      fc.property(changes, ({ base, ...change }) => {
        const written = structuredClone({ ...base, ...change }) as PublicArea;
        const { publicKey, bytes, ...read } = parsePublic(encodePublic(written));
        assert.deepEqual(read, written);
        assert.deepEqual(bytes, encodePublic(written));
        assert.ok(publicKey.bits > 0);
      }),
    );
  });

  it('reads the largest key areas that TPMs make', () => {
    const long = softwareKey('ecdsa', 'sha512', 'P-521').area;
    const widest = { ...long, nameAlg: 'sha512', authPolicy: new Uint8Array(64) } as PublicArea;
    assert.deepEqual(parsePublic(encodePublic(widest)).authPolicy, new Uint8Array(64));
    const modulus = new Uint8Array(512).fill(0xff);
    assert.ok(rsaArea.type === 'rsa');
    const large: PublicArea = { ...rsaArea, keyBits: 4096, modulus };
    assert.equal(parsePublic(encodePublic(large)).publicKey.bits, 4096);
    assert.deepEqual(parseTpm2bPublic(encodeTpm2bPublic(large)).bytes, encodePublic(large));
  });

  it('makes a key of the exponent that is written, and of 65537 for none', () => {
    assert.ok(rsaArea.type === 'rsa');
    const [usual, written, small] = [0, 65537, 3].map((exponent) => {
      return encodeSpki(parsePublic(encodePublic({ ...rsaArea, exponent })).publicKey);
    });
    assert.deepEqual(usual, written);
    assert.notDeepEqual(small, usual);
  });

  it('widens coordinates that a TPM stripped of leading zeros', () => {
    // 2^-8 of all keys: make keys until one has a short coordinate.
    for (let tries = 0; tries < 5000; tries += 1) {
      const candidate = softwareKey().area;
      assert.ok(candidate.type === 'ecc');
      if (candidate.x[0] !== 0) continue;
      const stripped = { ...candidate, x: candidate.x.subarray(1) };
      const parsed = parsePublic(encodePublic(stripped));
      assert.deepEqual(encodeSpki(parsed.publicKey), encodeSpki(parsePublic(encodePublic(candidate)).publicKey));
      assert.deepEqual(encodePublic(parsed), encodePublic(stripped));
      return;
    }
    assert.fail('no key with a short coordinate');
  });

  it('gives a result that encodes back, or a typed error, for any bytes', () => {
    const seeds = files.map((file) => capture(`tpm-quote/${file}.pub`).subarray(2));
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.nat(400), fc.uint8Array({ maxLength: 8 }), (seed, offset, noise) => {
        const bytes = Uint8Array.from(seed);
        if (offset + noise.length <= bytes.length) bytes.set(noise, offset);
        try {
          assert.deepEqual(encodePublic(parseAnyPublic(bytes)), bytes);
        } catch (error) {
          assert.ok(error instanceof AttestationError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function patched(of: PublicArea, offset: number, value: number): Uint8Array {
  const bytes = encodePublic(of);
  bytes.set([value >> 8, value & 0xff], offset);
  return bytes;
}

function assertCode(act: () => unknown, code: string): void {
  assert.throws(act, { code });
}
