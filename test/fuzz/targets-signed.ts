// What somebody signed: golden measurements, tokens, certificates, revocation lists. Read, and never believed when changed.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { bytesEqual, decodeUtf8, encodeBase64url, encodeUtf8 } from '../../src/core/encoding/index.ts';
import { createSignature, jwkOf, parseJwk, parseJwks } from '../../src/core/crypto/index.ts';
import { parseJsonStrict } from '../../src/core/encoding/index.ts';
import { parseAnchorBundle } from '../../src/core/anchor-bundle/index.ts';
import { encodeGoldenStatement, parseGolden, parseGoldenStatement, verifyGolden } from '../../src/core/golden/index.ts';
import {
  createDecisionJwt,
  createEarCwt,
  createEarJwt,
  encodeEarCbor,
  encodeEarJson,
  parseEarClaims,
  verifyDecisionJwt,
  verifyEarCwt,
  verifyEarJwt,
} from '../../src/core/verdict/index.ts';
import {
  parseAttributeCertificate,
  parseCertificate,
  parseCertificateBundle,
  parseCrl,
  readCertificateObservation,
  verifyCertificatePath,
  verifyDeviceIdentity,
  verifyPlatformCertificate,
} from '../../src/core/x509/index.ts';
import { createKeyPair } from '../core/crypto/test-keys.ts';
import { signedBundle } from '../support/anchor-bundle.ts';
import { createSigner, expectEvent, noon, sealPayload, statementOf } from '../core/golden/material.ts';
import { createEar, during, expiresAt, issuedAt } from '../core/verdict/verdicts.ts';
import {
  anchorOf,
  makeAk,
  makeCrl,
  makeEk,
  makeIntermediate,
  makeRoot,
  pemOf,
  pkiDate,
  testKey,
} from '../support/pki.ts';
import { certifyIdentity, paperIak } from '../support/device-identity.ts';
import { makePlatform } from '../support/platform-certificate.ts';
import { vectorFiles } from '../support/vectors.ts';
import { labFile, tpmFiles } from './corpus.ts';
import { jsonTokens } from './targets-event-log.ts';
import type { FuzzTarget } from './target.ts';

const [alice, bob] = [createSigner('alice'), createSigner('bob', 'p256')];
const pair = createKeyPair('ES256', 'key-1');
const ear = createEar();
const at = { at: during };

const statements = (): readonly Uint8Array[] => [
  encodeGoldenStatement(statementOf('kernel', [expectEvent(9, 'kernel'), expectEvent(4, 'image')])),
  encodeGoldenStatement(
    statementOf('runtime', [], {
      ima: {
        digests: [{ digest: `sha256:${'ab'.repeat(32)}`, path: '/bin/x' }],
        signers: [],
        excludedPaths: ['/tmp/'],
      },
      notAfter: noon,
    }),
  ),
];
const envelopes = (): readonly Uint8Array[] => [
  ...statements().map((payload) => sealPayload(payload, [alice, bob])),
  labFile('../../../golden-measurements/lab-sb-on/secure-boot.dsse.json'),
];

function goldenEnvelope(): FuzzTarget {
  const seeds = envelopes();
  const payloads = new Set(seeds.map((envelope) => parseGolden(envelope).id));
  return {
    name: 'golden-envelope',
    seeds,
    tokens: jsonTokens,
    run: (bytes) => {
      const approved = verifyGolden(bytes, { signers: [alice, bob], quorum: 2, at: new Date(noon.getTime() - 1) });
      assert.ok(payloads.has(approved.id), 'a statement that nobody signed was approved');
      return approved;
    },
  };
}

/** The payload under a good signature, so that its reader sees it; or the whole token as it came. */
async function readToken(bytes: Uint8Array): Promise<unknown> {
  const head = `${encodeBase64url(encodeUtf8('{"alg":"ES256","typ":"eat+jwt"}'))}.${encodeBase64url(bytes)}`;
  const signature = encodeBase64url(createSignature(pair.signing, encodeUtf8(head)));
  return verifyEarJwt(`${head}.${signature}`, [pair.verification], at);
}

function tokenText(name: string, verify: (token: string) => Promise<unknown>, genuine: string): FuzzTarget {
  const parts = genuine.split('.').slice(0, 2).join('.');
  return {
    name,
    seeds: [encodeUtf8(genuine)],
    tokens: ['.', '..', 'eyJhbGciOiJub25lIn0', '=', '-', '_'].map(encodeUtf8),
    run: async (bytes) => {
      const token = decodeUtf8(bytes);
      const verified = await verify(token);
      assert.ok(token.startsWith(`${parts}.`), 'a token that nobody signed was believed');
      return verified;
    },
  };
}

const decision = { issuer: 'https://ra.example', host: 'hv', audience: 'nova', decision: 'allow', issuedAt, expiresAt } as const; // prettier-ignore

function certificatePath(): FuzzTarget {
  const root = makeRoot();
  const issuing = makeIntermediate(root);
  const leaves = [makeEk(issuing), makeEk(issuing, { kind: 'rsa2048' }), makeAk(issuing)];
  return {
    name: 'certificate-path',
    seeds: leaves.map(({ der }) => der),
    run: (bytes) => {
      const leaf = parseCertificate(bytes);
      const intermediates = [issuing.certificate];
      const trusted = verifyCertificatePath({
        leaf,
        intermediates,
        anchors: [anchorOf(root)],
        at: pkiDate,
        profile: 'ek',
      });
      assert.ok(leaves.some(({ certificate }) => bytesEqual(certificate.der, leaf.der)), 'a certificate that nobody issued is trusted'); // prettier-ignore
      return trusted.path.length;
    },
  };
}

const certificates = (): readonly Uint8Array[] => [...tpmFiles('.crt'), ...vectorFiles('certs', '.der')];

export const signedTargets: Readonly<Record<string, () => FuzzTarget | Promise<FuzzTarget>>> = {
  'golden-envelope': goldenEnvelope,
  'anchor-bundle': () => ({
    name: 'anchor-bundle',
    seeds: [
      encodeUtf8(
        JSON.stringify(signedBundle([{ name: 'ada', privateKey: generateKeyPairSync('ed25519').privateKey }])),
      ),
    ],
    tokens: jsonTokens,
    run: parseAnchorBundle,
  }),
  'golden-statement': () => ({
    name: 'golden-statement',
    seeds: [...statements(), ...envelopes().map((envelope) => parseGolden(envelope).payload)],
    tokens: jsonTokens,
    run: parseGoldenStatement,
  }),
  'ear-claims': () => ({
    name: 'ear-claims',
    seeds: [encodeEarJson(ear), encodeEarCbor(ear), ...vectorFiles('ear', '.json'), ...vectorFiles('ear', '.cbor')],
    tokens: [...jsonTokens, ...['"ear.status":', '"submods":', '"eat_profile":'].map(encodeUtf8)],
    run: parseEarClaims,
  }),
  'ear-payload': () => ({ name: 'ear-payload', seeds: [encodeEarJson(ear)], tokens: jsonTokens, run: readToken }),
  'ear-jwt': async () =>
    tokenText(
      'ear-jwt',
      (token) => verifyEarJwt(token, [pair.verification], at),
      await createEarJwt(ear, pair.signing),
    ),
  'decision-jwt': async () =>
    tokenText(
      'decision-jwt',
      (token) => verifyDecisionJwt(token, [pair.verification], { ...at, issuer: decision.issuer, audience: 'nova', host: 'hv' }), // prettier-ignore
      await createDecisionJwt(decision, pair.signing),
    ),
  'ear-cwt': () => ({
    name: 'ear-cwt',
    seeds: [createEarCwt(ear, pair.signing)],
    run: (bytes) => {
      const verified = verifyEarCwt(bytes, [pair.verification], at);
      assert.deepEqual(verified.ear, ear, 'claims that nobody signed were believed');
      return verified;
    },
  }),
  jwk: () => ({
    name: 'jwk',
    seeds: [encodeUtf8(JSON.stringify(jwkOf(pair.verification)))],
    tokens: jsonTokens,
    run: (bytes) => [parseJwk(parseJsonStrict(bytes)).alg, parseJwks(encodeUtf8(`{"keys":[${decodeUtf8(bytes)}]}`)).length], // prettier-ignore
  }),
  certificate: () => ({
    name: 'certificate',
    seeds: certificates(),
    run: (bytes) => [readCertificateObservation(bytes, []), parseCertificate(bytes)],
  }),
  'certificate-bundle': () => ({
    name: 'certificate-bundle',
    seeds: [
      ...tpmFiles('cert.pem'),
      ...certificates()
        .slice(0, 2)
        .map((der) => encodeUtf8(pemOf(der))),
    ],
    tokens: ['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', '-----BEGIN PKCS7-----', '\n'].map(encodeUtf8),
    run: parseCertificateBundle,
  }),
  'certificate-path': certificatePath,
  'device-identity': () => {
    const root = makeRoot();
    const key = testKey('p256', 'IAK');
    const iak = paperIak(key);
    const leaves = (['purpose', 'policy'] as const).map((restrictedBy) =>
      certifyIdentity(root, key.spki, { restrictedBy }),
    );
    return {
      name: 'device-identity',
      seeds: leaves.map(({ der }) => der),
      run: (bytes) => {
        const certificate = parseCertificate(bytes);
        const input = { certificate, iak, intermediates: [], anchors: [anchorOf(root)], at: pkiDate };
        const { hardware } = verifyDeviceIdentity(input);
        assert.ok(
          leaves.some(({ der }) => bytesEqual(der, certificate.der)),
          'an identity that nobody certified is trusted',
        );
        return hardware.serial.length;
      },
    };
  },
  'platform-certificate': () => {
    const root = makeRoot();
    const ekCertificate = makeEk(root).certificate;
    const seed = makePlatform(root, ekCertificate);
    return {
      name: 'platform-certificate',
      seeds: [seed],
      run: (bytes) => {
        const platform = parseAttributeCertificate(bytes);
        const input = { platform, ekCertificate, intermediates: [], anchors: [anchorOf(root)], at: pkiDate };
        const { facts } = verifyPlatformCertificate(input);
        assert.ok(
          bytesEqual(platform.tbs, parseAttributeCertificate(seed).tbs),
          'a machine that nobody certified is trusted',
        );
        return facts.components.length;
      },
    };
  },
  'attribute-certificate': () => {
    const root = makeRoot();
    const seeds = [makePlatform(root, makeEk(root).certificate), ...vectorFiles('certs', '.attrcert.der')];
    return { name: 'attribute-certificate', seeds, run: parseAttributeCertificate };
  },
  crl: () => {
    const root = makeRoot();
    const seed = makeCrl(root, {}).der;
    return { name: 'crl', seeds: [seed], run: parseCrl };
  },
};
