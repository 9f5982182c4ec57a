import assert from 'node:assert/strict';
import fc from 'fast-check';
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import {
  anchorBundlePayloadType,
  encodeAnchorBundle,
  parseAnchorBundle,
  verifyAnchorBundle,
} from '../../../src/core/anchor-bundle/index.ts';
import { publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import { encodeDsseEnvelope, preAuthEncoding } from '../../../src/core/encoding/index.ts';
import { AttestationError, MalformedError } from '../../../src/core/error.ts';
import type { AuthorisedSigner } from '../../../src/core/golden/index.ts';
import { makeRoot } from '../../support/pki.ts';

const root = makeRoot();
const at = new Date('2026-11-26T00:00:00.000Z');
const bundle = {
  sequence: 7,
  madeAt: at,
  anchors: [
    {
      name: 'root.pem',
      scope: 'vendor',
      revocation: 'require',
      source: 'the maker, by hand',
      takenAt: at,
      certificate: root.certificate,
    },
  ],
} as const;
const payload = encodeAnchorBundle(bundle);
const [ada, grace] = [0, 1].map(() => generateKeyPairSync('ed25519').privateKey) as [KeyObject, KeyObject];
const signerOf = (name: string, key: KeyObject): AuthorisedSigner => {
  return { name, publicKey: publicKeyFromHandle(createPublicKey(key)) };
};
const signers = [signerOf('ada', ada), signerOf('grace', grace)];
const envelopeOf = (bytes: Uint8Array, ...keys: readonly KeyObject[]): Uint8Array =>
  encodeDsseEnvelope({
    payloadType: anchorBundlePayloadType,
    payload: bytes,
    signatures: keys.map((key) => ({
      sig: new Uint8Array(sign(null, preAuthEncoding(anchorBundlePayloadType, bytes), key)),
    })),
  });
const refuses = (act: () => unknown, code: string): void => {
  assert.throws(act, (error: unknown) => error instanceof AttestationError && error.code === code);
};
type Edited = Record<string, unknown> & { anchors: Record<string, unknown>[] };
const edited = (change: (document: Edited) => void): Uint8Array => {
  const document = JSON.parse(new TextDecoder().decode(payload)) as Edited;
  change(document);
  return new TextEncoder().encode(JSON.stringify(document));
};

describe('a bundle of trust anchors', () => {
  it('reads back as it was written, once a quorum signed it', () => {
    const approved = verifyAnchorBundle(envelopeOf(payload, ada, grace), { signers, quorum: 2 });
    assert.deepEqual(
      approved.signatures.map(({ signer }) => signer),
      ['ada', 'grace'],
    );
    assert.deepEqual(encodeAnchorBundle(approved.bundle), payload);
  });

  it('rejects when there is nothing to verify', () => {
    const envelope = envelopeOf(payload, ada);
    refuses(() => verifyAnchorBundle(envelope, { signers: [], quorum: 1 }), 'GOLDEN_SIGNERS_EMPTY');
    refuses(() => verifyAnchorBundle(envelope, { signers, quorum: 0 }), 'GOLDEN_QUORUM_INVALID');
    const empty = edited((document) => (document.anchors = []));
    refuses(() => verifyAnchorBundle(envelopeOf(empty, ada), { signers, quorum: 1 }), 'ANCHOR_BUNDLE_INVALID');
  });

  it('needs distinct operators, authorised for every layer, over exactly these bytes', () => {
    const judge =
      (envelope: Uint8Array, known = signers) =>
      () =>
        verifyAnchorBundle(envelope, { signers: known, quorum: 2 });
    const code = 'ANCHOR_BUNDLE_QUORUM_NOT_REACHED';
    refuses(judge(envelopeOf(payload, ada)), code);
    refuses(judge(envelopeOf(payload, ada, ada)), code);
    refuses(judge(envelopeOf(payload, ada, grace), [signerOf('ada', ada), signerOf('ada', grace)]), code);
    const kernels: AuthorisedSigner = { ...signerOf('grace', grace), layers: ['kernel'] };
    refuses(judge(envelopeOf(payload, ada, grace), [signerOf('ada', ada), kernels]), code);
    const { signatures } = parseAnchorBundle(envelopeOf(payload, ada, grace));
    const other = edited((document) => (document['sequence'] = 8));
    const moved = encodeDsseEnvelope({ payloadType: anchorBundlePayloadType, payload: other, signatures });
    refuses(judge(moved), code);
  });

  const faults: readonly (readonly [string, (document: Edited) => void])[] = [
    ['of another type', (document) => (document['type'] = 'https://touchstone.dev/other/v1')],
    ['with a field that nobody knows', (document) => (document['more'] = 1)],
    ['without a number', (document) => delete document['sequence']],
    ['with number 0', (document) => (document['sequence'] = 0)],
    ['made at no time', (document) => (document['madeAt'] = '2026-11-31T00:00:00Z')],
    ['with a digest of another certificate', ({ anchors: [first] }) => (first!['sha256'] = 'ab'.repeat(32))],
    ['with a root of no source', ({ anchors: [first] }) => delete first!['source']],
    ['with a root of another scope', ({ anchors: [first] }) => (first!['scope'] = 'everything')],
    [
      'with more roots than there are makers',
      (document) => (document.anchors = Array.from({ length: 1001 }, () => ({}))),
    ],
  ];
  for (const [title, change] of faults) {
    it(`is refused ${title}`, () => {
      refuses(() => parseAnchorBundle(envelopeOf(edited(change), ada)), 'ANCHOR_BUNDLE_INVALID');
    });
  }

  it('is refused as an envelope of something else', () => {
    const envelope = encodeDsseEnvelope({ payloadType: 'application/json', payload, signatures: [{ sig: payload }] });
    refuses(() => parseAnchorBundle(envelope), 'ANCHOR_BUNDLE_INVALID');
  });

  it('is read or refused, whatever the bytes, cut anywhere', () => {
    const whole = envelopeOf(payload, ada);
    const survives = (bytes: Uint8Array): void => {
      try {
        parseAnchorBundle(bytes);
      } catch (error) {
        assert.ok(error instanceof MalformedError);
      }
    };
    for (let length = 0; length < whole.length; length += 1) {
      assert.throws(() => parseAnchorBundle(whole.subarray(0, length)), MalformedError);
    }
    fc.assert(fc.property(fc.uint8Array({ maxLength: 512 }), survives));
    fc.assert(fc.property(fc.json(), (text) => survives(envelopeOf(new TextEncoder().encode(text), ada))));
  });
});
