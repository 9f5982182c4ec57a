import assert from 'node:assert/strict';
import { hash } from '../../../src/core/crypto/index.ts';
import { concatBytes, decodeHex, encodeHex } from '../../../src/core/encoding/index.ts';
import {
  akTemplate,
  ekTemplates,
  encodePublic,
  parseTpm2bPublic,
  type PublicArea,
} from '../../../src/core/tpm/index.ts';
import { capture } from './captures.ts';
import { softwareKey } from './software-key.ts';

function template(id: string): PublicArea {
  const found = ekTemplates.find((candidate) => candidate.id === id)?.area;
  assert.ok(found);
  return found;
}

describe('templates of endorsement keys', () => {
  it('have the known digests L-1 and L-2', () => {
    for (const [id, length, digest] of [
      ['L-1', 314, '32503929a1287eedaa3e89d932f9b51a6f92abd0fa57721ffa6fc041e04f7498'],
      ['L-2', 122, '0f1277a2f3f382e7f75db466fac234182a8d62f97dfbaae7b06fdf52bda51467'],
    ] as const) {
      const bytes = encodePublic(template(id));
      assert.equal(bytes.length, length);
      assert.equal(encodeHex(hash('sha256', bytes)), digest);
    }
  });

  it('have the policy PolicySecret(endorsement), computed', () => {
    const command = decodeHex('00000151' + '4000000b');
    const secret = hash('sha256', hash('sha256', new Uint8Array(32), command));
    assert.deepEqual(template('L-1').authPolicy, secret);
    assert.deepEqual(template('L-2').authPolicy, secret);
  });

  it('are what the keys of a real TPM were made from', () => {
    for (const [id, file] of [
      ['L-1', 'ek_rsa'],
      ['L-2', 'ek_ecc'],
      ['H-3', 'ek_ecc384'],
    ] as const) {
      const key = parseTpm2bPublic(capture(`tpm-quote/${file}.pub`));
      const wanted = template(id);
      const unique = key.type === 'rsa' ? { modulus: key.modulus } : { x: key.x, y: key.y };
      assert.equal(encodeHex(encodePublic({ ...wanted, ...unique })), encodeHex(key.bytes), id);
    }
  });

  it('have one certificate index each', () => {
    assert.equal(new Set(ekTemplates.map(({ certificateIndex }) => certificateIndex)).size, ekTemplates.length);
  });
});

describe('templates of attestation keys', () => {
  it('make keys that pass as attestation keys', () => {
    assert.equal(softwareKey('ecdsa').key.scheme.kind, 'ecdsa');
    assert.equal(softwareKey('rsassa').key.scheme.kind, 'rsassa');
  });

  it('differ from those of tpm2_createak in noDA only', () => {
    for (const type of ['rsa', 'ecc'] as const) {
      const theirs = parseTpm2bPublic(capture(`tpm-quote/ak_${type}.pub`));
      const ours = akTemplate(type);
      assert.equal(ours.attributes ^ theirs.attributes, 1 << 10);
      assert.deepEqual(ours.scheme, theirs.scheme);
    }
  });

  it('leave the unique field empty', () => {
    const rsa = akTemplate('rsa');
    assert.deepEqual(encodePublic(rsa).subarray(-2), concatBytes(Uint8Array.of(0, 0)));
  });
});
