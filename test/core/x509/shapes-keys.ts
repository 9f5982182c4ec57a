// Shapes of keys and signatures.
import { constants, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createCaExtensions, createEkExtensions } from '../../../src/core/issuance/index.ts';
import { derBitString, derElement, derInteger, derOid, derSequence } from '../../../src/core/x509/der-writer.ts';
import { flawedModulus } from '../../support/flawed-modulus.ts';
import { makeEk, makeIntermediate, makeRoot, stTpm, testKey, type TestCertificate } from '../../support/pki.ts';
import { makeRaw, signWith } from '../../support/raw-certificate.ts';
import type { Shape } from './shape.ts';

const root = makeRoot();
const rsaRoot = makeRoot({ name: 'RSA shapes', kind: 'rsa2048' });
const sha = (last: number) => derSequence(derOid(`2.16.840.1.101.3.4.2.${last}`), derElement(0x05));
const rsaSpki = (modulus: Uint8Array, exponent: Uint8Array) =>
  derSequence(
    derSequence(derOid('1.2.840.113549.1.1.1'), derElement(0x05)),
    derBitString(derSequence(derInteger(modulus), derInteger(exponent))),
  );
const ecSpki = (curve: string, point: Uint8Array) =>
  derSequence(derSequence(derOid('1.2.840.10045.2.1'), derOid(curve)), derBitString(point));
const exponent = Uint8Array.of(1, 0, 1);
const rsaExtensions = createEkExtensions({ issuerSpki: root.key.spki, keyType: 'rsa', tpm: stTpm });
const spkiOf = (key: KeyObject) => new Uint8Array(key.export({ format: 'der', type: 'spki' }));
const modulus = Buffer.from(testKey('rsa2048', 'EK').publicKey.export({ format: 'jwk' }).n ?? '', 'base64url');
const point = testKey('p256', 'EK').spki.subarray(-65);

/** RSASSA-PSS with this hash in both places, and the trailer written out where one is given; or as given by `parameters`. */
function pss(hash: 'sha256' | 'sha384', parameters?: Uint8Array, trailer?: number): Uint8Array {
  const [id, length] = hash === 'sha256' ? [sha(1), 32] : [sha(2), 48];
  const usual = derSequence(
    derElement(0xa0, id),
    derElement(0xa1, derSequence(derOid('1.2.840.113549.1.1.8'), id)),
    derElement(0xa2, derInteger(Uint8Array.of(length))),
    ...(trailer === undefined ? [] : [derElement(0xa3, derInteger(Uint8Array.of(trailer)))]),
  );
  const algorithm = derSequence(derOid('1.2.840.113549.1.1.10'), parameters ?? usual);
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  const extensions = createEkExtensions({ issuerSpki: rsaRoot.key.spki, keyType: 'ec', tpm: stTpm });
  const sign = (tbs: Uint8Array) => signWith(rsaRoot.key.privateKey, hash, tbs, { padding, saltLength: length });
  return makeRaw(rsaRoot, { algorithm, extensions, sign }).der;
}

/** An authority below the root whose key is of another kind. */
function authorityWith(spki: Uint8Array): TestCertificate {
  const extensions = createCaExtensions({ spki, issuerSpki: root.key.spki });
  const raw = makeRaw(root, { spki, subject: makeRoot({ name: 'odd key' }).certificate.subjectDer, extensions });
  return { ...raw, key: { ...raw.key, spki }, certificate: raw.certificate };
}

const p521 = generateKeyPairSync('ec', { namedCurve: 'P-521' });
const ed448 = generateKeyPairSync('ed448');
const pssKey = generateKeyPairSync('rsa-pss', { modulusLength: 2048 });
const ed448Issuer = authorityWith(spkiOf(ed448.publicKey));
const pssIssuer = authorityWith(spkiOf(pssKey.publicKey));
const brainpoolIssuer = authorityWith(ecSpki('1.3.36.3.3.2.8.1.1.7', point));
const sha1Leaf = makeEk(rsaRoot, { fault: 'SHA-1 signature' });
const shortRoot = makeRoot({ name: 'short shapes', kind: 'rsa1024' });
const p384Issuer = makeIntermediate(root, { name: 'P-384 shapes', kind: 'p384' });
const ekWith = (spki: Uint8Array, extensions = rsaExtensions) => makeRaw(root, { spki, extensions }).der;
const complete = { type: 'certificate', chain_complete_to_root: true } as const;
const incomplete = { type: 'certificate', chain_complete_to_root: false } as const;

export const keyShapes: readonly Shape[] = [
  { title: 'an RSA-2048 key', bytes: makeEk(root, { kind: 'rsa2048' }).der, root, outcome: [], facts: complete },
  { title: 'an RSA-3072 key', bytes: makeEk(root, { kind: 'rsa3072' }).der, root, outcome: [], facts: complete },
  { title: 'a P-384 key', bytes: makeEk(root, { kind: 'p384' }).der, root, outcome: [], facts: complete },
  {
    title: 'a P-521 key',
    bytes: makeRaw(root, { spki: spkiOf(p521.publicKey) }).der,
    root,
    outcome: [],
    facts: complete,
  },
  {
    title: 'an ECC key below a P-384 authority (Pluton, Intel ODCA)',
    bytes: makeEk(p384Issuer).der,
    root,
    intermediates: [p384Issuer],
    outcome: [],
    facts: complete,
  },
  { title: 'RSASSA-PSS with SHA-256', bytes: pss('sha256'), root: rsaRoot, outcome: [], facts: complete },
  { title: 'RSASSA-PSS with SHA-384', bytes: pss('sha384'), root: rsaRoot, outcome: [], facts: complete },
  {
    title: 'RSASSA-PSS with its one trailer written out (AMD)',
    bytes: pss('sha384', undefined, 1),
    root: rsaRoot,
    outcome: [],
    facts: complete,
  },
  {
    title: 'RSASSA-PSS with another trailer',
    bytes: pss('sha384', undefined, 2),
    root: rsaRoot,
    outcome: 'X509_PATH_ALGORITHM_UNSUPPORTED',
    facts: incomplete,
  },
  {
    title: 'RSASSA-PSS with the parameters left out, which mean SHA-1',
    bytes: pss('sha256', derSequence()),
    root: rsaRoot,
    outcome: 'X509_PATH_ALGORITHM_UNSUPPORTED',
    facts: incomplete,
  },
  {
    title: 'an SM2 signature (Nationz)',
    bytes: makeRaw(root, { algorithm: derSequence(derOid('1.2.156.10197.1.501')) }).der,
    root,
    outcome: 'X509_PATH_ALGORITHM_UNSUPPORTED',
    facts: incomplete,
  },
  {
    title: 'an authority with a brainpool key',
    bytes: makeRaw(brainpoolIssuer).der,
    root,
    intermediates: [brainpoolIssuer],
    outcome: 'X509_PATH_ALGORITHM_UNSUPPORTED',
    facts: incomplete,
  },
  {
    title: 'an authority with an Ed448 key',
    bytes: makeRaw(ed448Issuer).der,
    root,
    intermediates: [ed448Issuer],
    outcome: 'X509_PATH_ALGORITHM_UNSUPPORTED',
  },
  {
    title: 'an authority with a key for RSASSA-PSS only',
    bytes: makeRaw(pssIssuer).der,
    root,
    intermediates: [pssIssuer],
    outcome: 'X509_PATH_ALGORITHM_UNSUPPORTED',
  },
  {
    title: 'a key on secp256k1',
    bytes: ekWith(spkiOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)),
    root,
    outcome: 'X509_PROFILE_KEY_UNSUPPORTED',
    facts: complete,
  },
  {
    title: 'a point that is not on its curve',
    bytes: ekWith(
      ecSpki(
        '1.2.840.10045.3.1.7',
        Uint8Array.from(point, (byte, at) => (at === 64 ? byte ^ 1 : byte)),
      ),
    ),
    root,
    outcome: 'X509_PROFILE_KEY_UNSUPPORTED',
  },
  {
    title: 'the point at infinity',
    bytes: ekWith(ecSpki('1.2.840.10045.3.1.7', Uint8Array.of(0))),
    root,
    outcome: 'X509_PROFILE_KEY_UNSUPPORTED',
  },
  {
    title: 'curve parameters written out (CVE-2020-0601)',
    bytes: ekWith(derSequence(derSequence(derOid('1.2.840.10045.2.1'), derSequence()), derBitString(point))),
    root,
    outcome: 'X509_PROFILE_KEY_UNSUPPORTED',
  },
  {
    title: 'an RSA-1024 key',
    bytes: makeEk(root, { kind: 'rsa1024' }).der,
    root,
    outcome: 'X509_PROFILE_KEY_WEAK',
  },
  {
    title: 'an RSA key with the exponent 3',
    bytes: ekWith(rsaSpki(modulus, Uint8Array.of(3))),
    root,
    outcome: 'X509_PROFILE_KEY_WEAK',
  },
  {
    title: 'an RSA key with an even exponent',
    bytes: ekWith(rsaSpki(modulus, Uint8Array.of(1, 0, 2))),
    root,
    outcome: 'X509_PROFILE_KEY_WEAK',
  },
  {
    title: 'an RSA key with an even modulus',
    bytes: ekWith(
      rsaSpki(
        Uint8Array.from(modulus, (byte, at) => (at === 255 ? byte & 0xfe : byte)),
        exponent,
      ),
    ),
    root,
    outcome: 'X509_PROFILE_KEY_WEAK',
  },
  {
    title: 'an RSA key of the flawed generator (ROCA), whatever the anchor is marked',
    bytes: ekWith(rsaSpki(flawedModulus(12345n), exponent)),
    root,
    legacy: true,
    outcome: 'X509_KEY_ROCA',
    facts: complete,
  },
  {
    title: 'SHA-1 under an anchor that is not marked legacy',
    bytes: sha1Leaf.der,
    root: rsaRoot,
    outcome: 'X509_PATH_ALGORITHM_WEAK',
  },
  {
    title: 'SHA-1 under an anchor marked legacy',
    bytes: sha1Leaf.der,
    root: rsaRoot,
    legacy: true,
    outcome: ['sha1-signature'],
  },
  {
    title: 'an authority with RSA-1024 under an anchor marked legacy',
    bytes: makeEk(shortRoot).der,
    root: shortRoot,
    legacy: true,
    outcome: ['weak-issuer-key'],
  },
  {
    title: 'an RSA signature algorithm without parameters',
    bytes: makeRaw(rsaRoot, { algorithm: derSequence(derOid('1.2.840.113549.1.1.11')) }).der,
    root: rsaRoot,
    outcome: [],
    facts: complete,
  },
  {
    title: 'an RSA signature algorithm with parameters that are not NULL',
    bytes: makeRaw(rsaRoot, { algorithm: derSequence(derOid('1.2.840.113549.1.1.11'), derInteger(Uint8Array.of(1))) })
      .der,
    root: rsaRoot,
    outcome: 'X509_PATH_ALGORITHM_UNSUPPORTED',
  },
  {
    title: 'an ECDSA algorithm with NULL parameters (Intel On-Die CA)',
    bytes: makeRaw(root, { algorithm: derSequence(derOid('1.2.840.10045.4.3.2'), derElement(0x05)) }).der,
    root,
    outcome: ['null-ecdsa-parameters'],
    facts: complete,
  },
  {
    title: 'a key labelled id-RSAES-OAEP (Infineon, STM)',
    bytes: ekWith(
      derSequence(
        derSequence(derOid('1.2.840.113549.1.1.7'), derSequence()),
        derBitString(derSequence(derInteger(modulus), derInteger(exponent))),
      ),
    ),
    root,
    outcome: ['rsaes-oaep-key'],
    facts: complete,
  },
];
