// Keys and certificates that the maker of a machine left in its TPM: which of them the agent takes, and which it passes over.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { findEkTemplate, loadEk, readEkChain } from '../../../src/agent/tpm/endorsement-key.ts';
import { findIdentityKey } from '../../../src/agent/tpm/identity-key.ts';
import { nvRead } from '../../../src/agent/tpm/nv-commands.ts';
import { encodeSpki } from '../../../src/core/crypto/index.ts';
import { concatBytes, encodeHex } from '../../../src/core/encoding/index.ts';
import {
  attributeBits,
  ekTemplates,
  encodePublic,
  parsePublic,
  type EkTemplate,
  type PublicArea,
} from '../../../src/core/tpm/index.ts';
import { publicArea } from '../../core/tpm/software-key.ts';
import { createdAnswer, handleList, nvAnswers, paperTpm, publicAnswer } from './paper-tpm.ts';

const point = (curve: 'P-256' | 'P-384' = 'P-256') =>
  publicArea(generateKeyPairSync('ec', { namedCurve: curve }).publicKey, curve);
const modulus = (modulusLength = 2048) => publicArea(generateKeyPairSync('rsa', { modulusLength }).publicKey);

const templateOf = (id: EkTemplate['id']): EkTemplate => {
  const template = ekTemplates.find((each) => each.id === id);
  assert.ok(template);
  return template;
};

/** A key as a TPM makes it from the template. */
function made({ area }: EkTemplate, more: Partial<PublicArea> = {}): PublicArea {
  const key = area.type === 'ecc' ? point() : modulus();
  const own = key.type === 'ecc' ? { x: key.x, y: key.y } : { modulus: key.modulus };
  return { ...area, ...own, ...more } as PublicArea;
}

/** Its persistent objects, by handle; the handle of what is created is 0x80000000. */
function tpmWith(objects: ReadonlyMap<number, Uint8Array | number>) {
  return paperTpm({
    0x17a: () => handleList(...objects.keys()),
    0x173: (body) => {
      const object = objects.get(Number.parseInt(body.slice(0, 8), 16)) ?? 0x18b;
      return typeof object === 'number' ? object : publicAnswer(object);
    },
    0x131: () => createdAnswer(0x80000000, encodePublic(point())),
  });
}

describe('the endorsement key of a machine', () => {
  it('is the first one that the maker certified, and the RSA key of the low range where none is certified', async () => {
    const of = async (...indices: readonly number[]) => {
      const stored = new Map(indices.map((index) => [index, new Uint8Array(1)]));
      return (await findEkTemplate(paperTpm(nvAnswers(stored)).client)).id;
    };
    for (const { id, certificateIndex } of ekTemplates) assert.equal(await of(certificateIndex), id);
    assert.deepEqual([await of(0x01c00016, 0x01c0000a), await of(0x01c0001e, 0x01c00002)], ['L-2', 'L-1']);
    assert.deepEqual([await of(), await of(0x01c00003)], ['L-1', 'L-1']);
  });

  for (const id of ['L-1', 'L-2'] as const) {
    it(`is the one that the maker left loaded, where that is of the template (${id})`, async () => {
      const template = templateOf(id);
      const own = encodePublic(made(template));
      const { client } = tpmWith(new Map<number, Uint8Array | number>([[0x81010000, 0x18b], [0x81010001, own]])); // prettier-ignore
      const { handle, publicArea: area } = await loadEk(client, template);
      assert.equal(handle, 0x81010001);
      assert.deepEqual(area.subarray(2), own);
    });
  }

  it('is made anew where what is loaded differs from the template in anything but the key itself', async () => {
    const template = templateOf('L-2');
    const { area } = template;
    const others: Readonly<Record<string, Uint8Array>> = {
      'another kind': encodePublic(made(templateOf('L-1'))),
      'another hash': encodePublic(made(template, { nameAlg: 'sha384' })),
      'other attributes': encodePublic(made(template, { attributes: area.attributes | attributeBits.userWithAuth })),
      'another curve': encodePublic({ ...point('P-384'), ...withoutKey(area), curve: 'P-384' } as PublicArea),
      'a scheme': encodePublic(made(template, { symmetric: undefined, scheme: { kind: 'ecdsa', hash: 'sha256' } })),
      'another policy': encodePublic(made(template, { authPolicy: new Uint8Array(32) })),
      'no policy': encodePublic(made(template, { authPolicy: new Uint8Array() })),
      'no key that can be read': Uint8Array.of(0, 8, 0),
    };
    for (const [what, other] of Object.entries(others)) {
      const { handle } = await loadEk(tpmWith(new Map([[0x81010001, other]])).client, template);
      assert.equal(handle, 0x80000000, what);
    }
    const short = encodePublic(made(templateOf('H-1'), { ...modulusOf(3072) }));
    assert.equal((await loadEk(tpmWith(new Map([[0x81010001, short]])).client, templateOf('H-1'))).handle, 0x80000000);
  });

  it('is sought among the handles of endorsement keys alone, and not where the TPM fails', async () => {
    const template = templateOf('L-2');
    const own = encodePublic(made(template));
    const found = async (handle: number) => (await loadEk(tpmWith(new Map([[handle, own]])).client, template)).handle;
    assert.deepEqual([await found(0x8101ffff), await found(0x81020000)], [0x8101ffff, 0x80000000]);
    await assert.rejects(loadEk(tpmWith(new Map([[0x81010001, 0x101]])).client, template), {
      message: /TPM_RC_FAILURE/,
    });
  });

  const certificate = (byte: number, length = 200) => concatBytes(Uint8Array.of(0x30, 0x81, length), new Uint8Array(length).fill(byte)); // prettier-ignore
  const chainOf = async (...parts: readonly (Uint8Array | undefined)[]) => {
    const stored = parts.flatMap((part, index) => (part === undefined ? [] : [[0x01c00100 + index, part] as const]));
    return (await readEkChain(paperTpm(nvAnswers(new Map(stored))).client)).map(encodeHex);
  };

  it('has the certificates that lie beside its own, however they are cut, up to what is none', async () => {
    const [one, two, three] = [certificate(1), certificate(2), certificate(3)];
    const stream = concatBytes(one, two);
    const both = [one, two].map(encodeHex);
    assert.deepEqual(await chainOf(), []);
    assert.deepEqual(await chainOf(one, two), both);
    assert.deepEqual(await chainOf(stream.subarray(0, 250), stream.subarray(250)), both);
    assert.deepEqual(await chainOf(stream, undefined, three), both, 'the first index that is missing ends it');
    assert.deepEqual(await chainOf(concatBytes(stream, new Uint8Array(30), three)), both, 'padding ends it');
    assert.deepEqual(await chainOf(stream, three.subarray(0, 100)), both, 'one that is cut is left out');
    const many = concatBytes(...Array.from({ length: 20 }, (_, index) => certificate(index)));
    assert.equal((await chainOf(many)).length, 16);
  });
});

function withoutKey(area: PublicArea): Partial<PublicArea> {
  const { nameAlg, attributes, authPolicy, symmetric, scheme } = area;
  return { nameAlg, attributes, authPolicy, symmetric, scheme };
}

function modulusOf(bits: number) {
  const key = modulus(bits);
  return key.type === 'rsa' ? { modulus: key.modulus, keyBits: bits } : {};
}

describe('the identity key of a machine', () => {
  const [key, other] = [encodePublic(point()), encodePublic(point())];
  const spki = encodeSpki(parsePublic(key).publicKey);
  const objects = (...of: readonly (Uint8Array | number)[]) =>
    tpmWith(new Map(of.map((object, index) => [0x81000000 + index, object])));

  it('is the persistent key that its certificate is of, among others and what is no key', async () => {
    const { client, sent } = objects(other, 0x18b, Uint8Array.of(0, 8, 0), key);
    const { handle, publicArea: area } = await findIdentityKey(client, spki);
    assert.equal(handle, 0x81000003);
    assert.deepEqual(area.subarray(2), key);
    assert.match(sent[0] ?? '', /0000000181000000000000fe$/);
  });

  it('is missing where there is no such key, and not known where the TPM fails', async () => {
    for (const of of [[], [other], [0x18b]]) {
      await assert.rejects(findIdentityKey(objects(...of).client, spki), { code: 'AGENT_IDENTITY_KEY_MISSING' });
    }
    await assert.rejects(findIdentityKey(objects(0x101, key).client, spki), { message: /TPM_RC_FAILURE/ });
  });
});

describe('what a maker stored', () => {
  it('is read whole, in as many pieces as it has', async () => {
    for (const [size, pieces] of [
      [0, 0],
      [1, 1],
      [512, 1],
      [513, 2],
      [1024, 2],
    ] as const) {
      const stored = Uint8Array.from({ length: size }, (_, index) => index % 251);
      const { client, sent } = paperTpm(nvAnswers(new Map([[0x01c00002, stored]])));
      assert.deepEqual(await nvRead(client, 0x01c00002), stored);
      assert.equal(sent.filter((command) => command.slice(12, 20) === '0000014e').length, pieces, `${size} bytes`);
    }
  });
});
