import assert from 'node:assert/strict';
import { VerificationError } from '../../../src/core/error.ts';
import {
  leniencies,
  parseCertificate,
  parseTrustAnchors,
  verifyCertificatePath,
  type CertificateProfile,
  type PathInput,
  type TrustAnchor,
} from '../../../src/core/x509/index.ts';
import { labCertificate } from './lab.ts';
import {
  anchorOf,
  makeAk,
  makeEk,
  makeIntermediate,
  makeRoot,
  pkiDate,
  testKey,
  type TestCertificate,
} from '../../support/pki.ts';
import { refusesWith } from './refusal.ts';

const root = makeRoot();
const issuing = makeIntermediate(root);

interface Chain {
  readonly leaf: TestCertificate;
  readonly intermediates?: readonly TestCertificate[];
  readonly anchors?: readonly TrustAnchor[];
  readonly profile?: CertificateProfile;
  readonly at?: Date;
}

function inputOf(chain: Chain): PathInput {
  return {
    leaf: chain.leaf.certificate,
    intermediates: (chain.intermediates ?? [issuing]).map(({ certificate }) => certificate),
    anchors: chain.anchors ?? [anchorOf(root)],
    at: chain.at ?? pkiDate,
    profile: chain.profile ?? 'ek',
  };
}

const verify = (chain: Chain) => verifyCertificatePath(inputOf(chain));
const refuses = (code: string, chain: Chain) => refusesWith(VerificationError, code, () => verify(chain));

describe('path validation', () => {
  it('accepts a good RSA and a good ECC endorsement certificate, and names the path', () => {
    for (const kind of ['p256', 'p384', 'rsa2048'] as const) {
      const leaf = makeEk(issuing, { kind });
      const trusted = verify({ leaf });
      assert.equal(trusted.anchor.name, 'test anchor');
      assert.deepEqual(
        trusted.path.map(({ subject }) => subject),
        ['', 'O=Touchstone tests, CN=Test TPM Issuing CA'],
      );
      assert.deepEqual(trusted.leniencies, []);
      assert.equal(trusted.unchecked.length, 2);
    }
  });

  it('accepts RSA, P-384 and Ed25519 authorities', () => {
    for (const kind of ['rsa2048', 'p384', 'ed25519'] as const) {
      const other = makeRoot({ name: `${kind} root`, kind });
      assert.equal(verify({ leaf: makeEk(other), anchors: [anchorOf(other)] }).path.length, 1);
    }
  });

  it('rejects when there is nothing to verify against: no anchors', () => {
    refuses('X509_PATH_NOTHING_TO_TRUST', { leaf: makeEk(issuing), anchors: [] });
  });

  it('rejects a path that ends in a root nobody chose, even when the host sends that root', () => {
    const stranger = makeRoot({ name: 'Stranger' });
    refuses('X509_PATH_NO_ANCHOR', { leaf: makeEk(stranger), intermediates: [stranger] });
  });

  it('rejects a root with the name of the anchor and another key', () => {
    const twin = makeRoot({ key: testKey('p256', 'twin of the root') });
    const leaf = makeEk(makeIntermediate(twin));
    refuses('X509_PATH_NO_ANCHOR', { leaf, intermediates: [makeIntermediate(twin), twin] });
    const nameOnly = makeEk(twin, { fault: 'no authorityKeyIdentifier' });
    refuses('X509_PATH_SIGNATURE_INVALID', { leaf: nameOnly, intermediates: [] });
  });

  // The table of DEPENDENCIES section 3, row by row.
  it('rejects a violated path length', () => {
    const narrow = makeIntermediate(root, { name: 'narrow', fault: 'path length 0' });
    const below = makeIntermediate(narrow, { name: 'below' });
    refuses('X509_PATH_LENGTH', { leaf: makeEk(below), intermediates: [narrow, below] });
    assert.equal(verify({ leaf: makeEk(narrow), intermediates: [narrow] }).path.length, 2);
  });

  it('does not count self-issued authorities against the path length', () => {
    const narrow = makeRoot({ name: 'narrow root', pathLength: 0 });
    const rolled = makeIntermediate(narrow, { name: 'narrow root', key: testKey('p256', 'rolled over') });
    const chain = { leaf: makeEk(rolled), intermediates: [rolled], anchors: [anchorOf(narrow)] };
    assert.equal(verify(chain).path.length, 2);
  });

  it('rejects an issuer with CA false', () => {
    const notCa = makeIntermediate(root, { fault: 'CA false' });
    refuses('X509_PATH_NOT_CA', { leaf: makeEk(notCa), intermediates: [notCa] });
  });

  it('rejects an issuer without basicConstraints', () => {
    const notCa = makeIntermediate(root, { fault: 'no basicConstraints' });
    refuses('X509_PATH_NOT_CA', { leaf: makeEk(notCa), intermediates: [notCa] });
  });

  it('rejects an end certificate that plays the issuer', () => {
    const ek = makeEk(issuing, { subject: 'an EK' });
    refuses('X509_PATH_NOT_CA', { leaf: makeEk(ek), intermediates: [issuing, ek] });
  });

  it('rejects an issuer without keyCertSign', () => {
    const mute = makeIntermediate(root, { fault: 'no keyCertSign' });
    refuses('X509_PATH_KEY_USAGE', { leaf: makeEk(mute), intermediates: [mute] });
  });

  it('accepts an issuer without keyUsage, by name', () => {
    const lax = makeIntermediate(root, { fault: 'no keyUsage' });
    const { leniencies: applied } = verify({ leaf: makeEk(lax), intermediates: [lax] });
    assert.deepEqual(applied, [{ id: 'missing-key-usage', certificate: lax.certificate.subject }]);
  });

  it('rejects an unknown critical extension on leaf, intermediate and anchor', () => {
    const fault = 'unknown critical extension';
    refuses('X509_PATH_CRITICAL_UNKNOWN', { leaf: makeEk(issuing, { fault }) });
    const odd = makeIntermediate(root, { fault });
    refuses('X509_PATH_CRITICAL_UNKNOWN', { leaf: makeEk(odd), intermediates: [odd] });
    const oddRoot = makeRoot({ name: 'odd root', fault });
    refuses('X509_PATH_CRITICAL_UNKNOWN', { leaf: makeEk(oddRoot), anchors: [anchorOf(oddRoot)] });
  });

  it('rejects what is expired or not yet valid at the date given: leaf and intermediate', () => {
    refuses('X509_PATH_EXPIRED', { leaf: makeEk(issuing, { fault: 'expired' }) });
    refuses('X509_PATH_NOT_YET_VALID', { leaf: makeEk(issuing, { fault: 'not yet valid' }) });
    const old = makeIntermediate(root, { fault: 'expired' });
    refuses('X509_PATH_EXPIRED', { leaf: makeEk(old), intermediates: [old] });
    const leaf = makeEk(issuing);
    refuses('X509_PATH_EXPIRED', { leaf, at: new Date('2036-01-01T00:00:01Z') });
    for (const edge of ['2026-01-01T00:00:00Z', '2036-01-01T00:00:00Z'])
      assert.equal(verify({ leaf, at: new Date(edge) }).path.length, 2);
  });

  it('accepts an anchor that is expired or not yet valid, since it is pinned, and says so', () => {
    for (const fault of ['expired', 'not yet valid'] as const) {
      const oldRoot = makeRoot({ name: `${fault} root`, fault });
      const { leniencies: applied } = verify({ leaf: makeEk(oldRoot), anchors: [anchorOf(oldRoot)] });
      assert.deepEqual(
        applied.map(({ id }) => id),
        ['expired-anchor'],
      );
    }
  });

  it('rejects name constraints and policy constraints wherever they stand', () => {
    for (const fault of ['name constraints', 'policy constraints'] as const) {
      const bound = makeIntermediate(root, { fault });
      refuses('X509_PATH_CONSTRAINED', { leaf: makeEk(bound), intermediates: [bound] });
      const boundRoot = makeRoot({ name: 'bound root', fault });
      refuses('X509_PATH_CONSTRAINED', { leaf: makeEk(boundRoot), anchors: [anchorOf(boundRoot)] });
    }
  });

  it('rejects a signature that is wrong by one bit', () => {
    refuses('X509_PATH_SIGNATURE_INVALID', { leaf: makeEk(issuing, { fault: 'bad signature' }) });
  });

  it('rejects SHA-1 and short RSA keys, except under an anchor marked legacy', () => {
    const rsaRoot = makeRoot({ name: 'RSA root', kind: 'rsa2048' });
    const sha1 = makeEk(rsaRoot, { fault: 'SHA-1 signature' });
    refuses('X509_PATH_ALGORITHM_WEAK', { leaf: sha1, anchors: [anchorOf(rsaRoot)] });
    const legacy = verify({ leaf: sha1, anchors: [anchorOf(rsaRoot, { legacy: true })] });
    assert.deepEqual(
      legacy.leniencies.map(({ id }) => id),
      ['sha1-signature'],
    );
    const shortRoot = makeRoot({ name: 'short root', kind: 'rsa1024' });
    refuses('X509_PATH_ALGORITHM_WEAK', { leaf: makeEk(shortRoot), anchors: [anchorOf(shortRoot)] });
  });

  it('tries another path when one fails: two authorities of one name', () => {
    const expired = makeIntermediate(root, { fault: 'expired' });
    const renamed = makeIntermediate(root, { key: testKey('p256', 'another key of the issuing CA') });
    const leaf = makeEk(issuing, { fault: 'no authorityKeyIdentifier' });
    assert.equal(verify({ leaf, intermediates: [renamed, expired, issuing] }).path.length, 2);
  });

  it('passes over an issuer that the authority key identifier contradicts', () => {
    refuses('X509_PATH_NO_ANCHOR', { leaf: makeEk(issuing, { fault: 'foreign authorityKeyIdentifier' }) });
  });

  it('ends on loops of authorities that certify each other', () => {
    const a = makeRoot({ name: 'loop A' });
    const b = makeIntermediate(a, { name: 'loop B' });
    const aByB = makeIntermediate(b, { name: 'loop A' });
    refuses('X509_PATH_NO_ANCHOR', { leaf: makeEk(b), intermediates: [a, b, aByB] });
  });

  it('follows as many as 31 authorities below the anchor, and none further', () => {
    const chain = [root];
    for (let index = 0; index < 32; index += 1) {
      chain.push(makeIntermediate(chain[index]!, { name: `level ${index}`, key: testKey('p256', 'every level') }));
    }
    const intermediates = chain.slice(1).reverse();
    assert.equal(verify({ leaf: makeEk(chain[31]!), intermediates }).path.length, 32);
    refuses('X509_PATH_TOO_LONG', { leaf: makeEk(chain[32]!), intermediates });
    const stranger = makeRoot({ name: 'Stranger' });
    refuses('X509_PATH_NO_ANCHOR', { leaf: makeEk(chain[31]!), intermediates, anchors: [anchorOf(stranger)] });
    const shorter = makeIntermediate(root, { name: 'level 31', key: testKey('p256', 'every level') });
    const both = { leaf: makeEk(chain[32]!), intermediates: [...intermediates, shorter] };
    assert.equal(verify(both).path.length, 2, 'a shorter path is found behind one that is too long');
  });

  it('refuses more certificates than a chain needs', () => {
    const many = Array.from({ length: 64 }, () => issuing);
    assert.equal(verify({ leaf: makeEk(issuing), intermediates: many }).path.length, 2);
    refuses('X509_PATH_TOO_LONG', { leaf: makeEk(issuing), intermediates: [...many, issuing] });
  });

  it('follows an authority that changed its key and certified the new one by the old', () => {
    const renewed = makeIntermediate(issuing, { key: testKey('p256', 'renewed') });
    assert.equal(verify({ leaf: makeEk(renewed), intermediates: [renewed, issuing] }).path.length, 3);
  });

  it('tells why the path that came furthest failed, whichever was tried first', () => {
    const expired = makeIntermediate(root, { fault: 'expired' });
    const renamed = makeIntermediate(root, { key: testKey('p256', 'another key of the issuing CA') });
    const leaf = makeEk(expired, { fault: 'no authorityKeyIdentifier' });
    refuses('X509_PATH_EXPIRED', { leaf, intermediates: [renamed, expired] });
    refuses('X509_PATH_EXPIRED', { leaf, intermediates: [expired, renamed] });
  });

  it('names the issuer that is missing, and its key where the certificate below says it', () => {
    const lower = makeIntermediate(issuing, { name: 'lower' });
    const missing = (leaf: TestCertificate, intermediates: readonly TestCertificate[]) => {
      try {
        return verify({ leaf, intermediates });
      } catch (error) {
        return (error as Error).message;
      }
    };
    const keyOf = ({ certificate }: TestCertificate) => certificate.subjectKeyIdHex;
    const at = (name: string) => `no certificate at hand of the issuer "O=Touchstone tests, CN=${name}"`;
    assert.equal(missing(makeEk(lower), []), `${at('lower')} (key ${keyOf(lower)})`);
    assert.equal(missing(makeEk(lower), [lower]), `${at('Test TPM Issuing CA')} (key ${keyOf(issuing)})`);
    const keyless = makeEk(lower, { fault: 'no authorityKeyIdentifier' });
    assert.equal(missing(keyless, []), at('lower'));
  });

  it('stops when the certificates given allow too many paths', () => {
    const layers: TestCertificate[] = [];
    for (let layer = 0; layer < 8; layer += 1) {
      const key = testKey('p256', `layer ${layer}`);
      const above = layer === 0 ? makeRoot({ name: 'nobody' }) : layers[(layer - 1) * 6]!;
      for (let copy = 0; copy < 6; copy += 1) layers.push(makeIntermediate(above, { name: `layer ${layer}`, key }));
    }
    refuses('X509_PATH_TOO_LONG', { leaf: makeEk(layers.at(-1)!), intermediates: layers });
  });

  it('carries the quirks of every certificate of the path', () => {
    const padded = parseCertificate(Uint8Array.of(...makeEk(issuing).der, 0xff, 0xff));
    const trusted = verifyCertificatePath({ ...inputOf({ leaf: makeEk(issuing) }), leaf: padded });
    const [applied] = trusted.leniencies;
    assert.equal(applied?.id, 'trailing-bytes');
    assert.ok(applied.id in leniencies);
  });

  it('rejects a certificate changed at any byte, for a leaf and an intermediate', () => {
    const leaf = makeEk(issuing);
    for (const [index, changed] of everyByteChanged(leaf.der)) {
      refusesWith(
        undefined,
        undefined,
        () => verifyCertificatePath({ ...inputOf({ leaf }), leaf: parseCertificate(changed) }),
        index,
      );
    }
    for (const [index, changed] of everyByteChanged(issuing.der)) {
      const run = () => verifyCertificatePath({ ...inputOf({ leaf }), intermediates: [parseCertificate(changed)] });
      refusesWith(undefined, undefined, run, index);
    }
  });

  it('accepts the certificates of a real software TPM under its own root, and not under another', () => {
    const anchors = parseTrustAnchors(labCertificate('swtpm-localca-rootca-cert.pem'), 'swtpm lab', 'virtual');
    const [issuer] = parseTrustAnchors(labCertificate('issuercert.pem'), 'issuer');
    const at = new Date('2026-11-24T00:00:00Z');
    for (const name of ['ek-rsa2048.crt', 'ek-ecc-p256.crt', 'ek-ecc-p384.crt']) {
      const leaf = parseCertificate(labCertificate(name));
      const input = { leaf, intermediates: [issuer!.certificate], at, profile: 'ek' } as const;
      const trusted = verifyCertificatePath({ ...input, anchors });
      assert.equal(trusted.anchor.name, 'swtpm lab');
      assert.deepEqual(
        trusted.leniencies.map(({ id }) => id),
        ['unknown-tpm-manufacturer'],
      );
      refusesWith(VerificationError, 'X509_PATH_NO_ANCHOR', () =>
        verifyCertificatePath({ ...input, anchors: [anchorOf(root)] }),
      );
      const asVendor = anchors.map((anchor) => ({ ...anchor, scope: 'vendor' as const }));
      refusesWith(VerificationError, 'X509_PROFILE_MANUFACTURER_UNKNOWN', () =>
        verifyCertificatePath({ ...input, anchors: asVendor }),
      );
    }
  });

  it('needs a date', () => {
    assert.throws(() => verify({ leaf: makeAk(issuing), profile: 'ak', at: new Date(Number.NaN) }), TypeError);
  });
});

function* everyByteChanged(bytes: Uint8Array): Generator<readonly [number, Uint8Array]> {
  for (let index = 0; index < bytes.length; index += 1) {
    const changed = Uint8Array.from(bytes);
    changed[index] = (changed[index] ?? 0) ^ 0x01;
    yield [index, changed];
  }
}
