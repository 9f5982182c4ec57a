import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  allAtOnce,
  encodeBase64,
  encodePem,
  inPieces,
  parsePem,
  readPem,
  writePem,
} from '../../../src/core/encoding/index.ts';
import { outcomeOf } from '../../support/hostile-bytes.ts';

const bytes = new Uint8Array(100).map((_, index) => index);
const pem = encodePem('CERTIFICATE', bytes);

describe('PEM', () => {
  it('breaks lines at 64 characters and reads back what it wrote', () => {
    const lines = pem.split('\n');
    assert.equal(lines[0], '-----BEGIN CERTIFICATE-----');
    assert.deepEqual(lines.slice(1, 4).map(({ length }) => length), [64, 64, 8]); // prettier-ignore
    assert.deepEqual(parsePem(pem), [{ label: 'CERTIFICATE', bytes }]);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (value) => {
        assert.deepEqual(parsePem(encodePem('PUBLIC KEY', value)), [{ label: 'PUBLIC KEY', bytes: value }]);
      }),
    );
  });

  it('writes megabytes in pieces, as all lines of 64 characters', async () => {
    for (const length of [196_607, 196_608, 196_609, 1_000_000]) {
      const long = Uint8Array.from({ length }, (_, index) => index % 251);
      let pauses = 0;
      const written = await inPieces(writePem('X509 CRL', long), () => Promise.resolve(void (pauses += 1)));
      const lines = encodeBase64(long).match(/.{1,64}/g) ?? [];
      assert.equal(String(written), `-----BEGIN X509 CRL-----\n${lines.join('\n')}\n-----END X509 CRL-----\n`);
      assert.equal(encodePem('X509 CRL', long), String(written));
      assert.equal(pauses, Math.ceil(length / 196_608) - 1);
    }
  });

  it('reads bundles: several blocks, comments between, any line ending, long lines', () => {
    const bundle = `# a comment\n${pem}\nsubject=CN = x\n${encodePem('X509 CRL', bytes)}`;
    assert.deepEqual(parsePem(bundle).map(({ label }) => label), ['CERTIFICATE', 'X509 CRL']); // prettier-ignore
    assert.deepEqual(parsePem(bundle.replaceAll('\n', '\r\n')), parsePem(bundle));
    assert.deepEqual(parsePem(pem.replaceAll('\n', ' \r')), parsePem(pem));
    assert.deepEqual(parsePem(`\uFEFF${pem}`), parsePem(pem), 'byte order mark');
    assert.deepEqual(parsePem(`\u00EF\u00BB\u00BF${pem}`), parsePem(pem), 'byte order mark, read byte by byte');
    const [begin = '', a = '', b = '', c = '', end = ''] = pem.split('\n');
    assert.deepEqual(parsePem([begin, a + b + c, end].join('\n')), parsePem(pem));
  });

  it("finds no block in a text without one: what that means is the caller's to say", () => {
    assert.deepEqual(parsePem(''), []);
    assert.deepEqual(parsePem('hello\nworld'), []);
  });

  it('refuses blocks that are open, crossed, empty or not base64, and says on which line', () => {
    for (const [text, at] of [
      ['-----BEGIN A-----\nAQID\n', 'line 1'],
      ['x\n-----END A-----', 'line 2'],
      ['-----BEGIN A-----\nAQID\n-----END B-----', 'line 3'],
      ['-----BEGIN A-----\nAQID\n-----BEGIN A-----\nAQID\n-----END A-----', 'line 3'],
      ['-----BEGIN A-----\n-----END A-----', 'line 1'],
      ['-----BEGIN A-----\nAQI\n-----END A-----', 'line 1'],
      ['-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAQID\n-----END A-----', 'line 1'],
      ['\n-----BEGIN A-----\nAQJ=\n-----END A-----', 'line 2'],
    ] as const) {
      assert.throws(() => parsePem(text), { code: 'ENCODING_PEM_INVALID', at }, text);
    }
  });

  it('is read in pieces where it has many lines, and says the same', async () => {
    const long = encodePem('X509 CRL', new Uint8Array(48 * 45_000)) + pem;
    let pauses = 0;
    const blocks = await inPieces(readPem(long), () => Promise.resolve(void (pauses += 1)));
    assert.equal(pauses, 2);
    assert.deepEqual(blocks, parsePem(long));
    assert.deepEqual(blocks.map(({ bytes: { length } }) => length), [48 * 45_000, 100]); // prettier-ignore
    assert.throws(() => allAtOnce(readPem(`${long}-----END A-----`)), { at: 'line 45008' });
  });

  it('refuses every cut through its only block', () => {
    for (let length = 1; length < pem.length - 1; length += 1) {
      const outcome = outcomeOf(() => assert.deepEqual(parsePem(pem.slice(0, length)), []));
      assert.ok(outcome !== undefined || length < '-----BEGIN CERTIFICATE-----'.length, `accepted ${length}`);
    }
  });

  it('is never surprised', () => {
    const line = fc.constantFrom('-----BEGIN A-----', '-----END A-----', '-----BEGIN B-----', 'AQID', '=', '', 'x y');
    fc.assert(fc.property(fc.array(line), (lines) => void outcomeOf(() => parsePem(lines.join('\n')))));
    fc.assert(fc.property(fc.string(), (text) => void outcomeOf(() => parsePem(text))));
  });
});
