// CMS SignedData: what OpenSSL signs is believed, what anybody changed is not. OpenSSL is the second opinion.
import assert from 'node:assert/strict';
import { publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import { bytesEqual, encodeDer, encodeUtf8, readDer } from '../../../src/core/encoding/index.ts';
import {
  keyOfSignerCertificate,
  looksLikeSignedData,
  parseSignedData,
  purposeOids,
  verifySignedData,
  type SignerTrust,
} from '../../../src/core/x509/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation, outcomeOf } from '../../support/hostile-bytes.ts';
import * as pki from '../../support/pki.ts';
import { opensslSign, opensslVerify } from '../import/openssl-cms.ts';

const at = pki.pkiDate;
const content = encodeUtf8('{"what":"was signed"}');
const root = pki.makeRoot({ name: 'Release root' });
const issuing = pki.makeIntermediate(root, { name: 'Release issuing' });
const signer = pki.makeDocumentSigner(issuing);
const authority: SignerTrust = { keys: [], anchors: [pki.anchorOf(root)], at };

function named(key: pki.TestKey): SignerTrust {
  return { keys: [{ kid: 'release', alg: 'ES256', publicKey: publicKeyFromHandle(key.publicKey) }], anchors: [], at };
}

const verify = (bytes: Uint8Array, trust: SignerTrust) => verifySignedData(parseSignedData(bytes), trust);
const refuses = (code: string, bytes: Uint8Array, trust: SignerTrust = authority) =>
  assert.equal(outcomeOf(() => verify(bytes, trust))?.code, code);
const sign = (more: readonly string[] = [], who = signer) =>
  opensslSign(content, [who], ['-nodetach', ...more], [issuing]);

describe('CMS SignedData', () => {
  const good = sign();

  it('believes what OpenSSL signed, by an authority that was named or by the key itself', () => {
    const verified = verify(good, authority);
    assert.deepEqual(verified.content, content);
    assert.match(verified.signer.name, /CN=Release signing/);
    assert.equal(verified.signer.unchecked.length, 2);
    assert.deepEqual(verify(good, named(signer.key)).signer, { name: 'release', unchecked: [] });
    assert.ok(bytesEqual(opensslVerify(good, root) ?? new Uint8Array(), content));
  });

  for (const kind of ['p256', 'p384', 'rsa2048', 'rsa3072'] as const) {
    it(`verifies signatures of ${kind}, with SHA-256, SHA-384 and SHA-512`, () => {
      const who = pki.makeDocumentSigner(issuing, { kind, label: `cms ${kind}` });
      for (const digest of ['sha256', 'sha384', 'sha512']) {
        assert.deepEqual(verify(sign(['-md', digest], who), authority).content, content, digest);
      }
    });
  }

  it('verifies RSASSA-PSS, key identifiers, PEM, and signers whose certificate is elsewhere', () => {
    const rsa = pki.makeDocumentSigner(issuing, { kind: 'rsa2048', label: 'cms rsa2048' });
    assert.deepEqual(verify(sign(['-keyopt', 'rsa_padding_mode:pss'], rsa), authority).content, content);
    assert.deepEqual(verify(sign(['-outform', 'PEM']), authority).content, content);
    refuses('X509_SIGNER_UNTRUSTED', opensslSign(content, [signer], ['-nodetach', '-nocerts']));
    assert.deepEqual(
      verify(opensslSign(content, [signer], ['-nodetach', '-nocerts']), named(signer.key)).content,
      content,
    );
    const keyed = pki.makeIntermediate(root, { name: 'keyed' });
    refuses('X509_SIGNER_PURPOSE', opensslSign(content, [keyed], ['-nodetach', '-keyid']));
  });

  it('rejects when there is nothing to verify', () => {
    refuses('X509_SIGNER_UNTRUSTED', good, { keys: [], anchors: [], at });
    refuses('X509_SIGNED_DATA_UNSUPPORTED', opensslSign(content, [signer]));
    refuses('X509_SIGNED_DATA_UNSUPPORTED', sign(['-noattr']));
    refuses('X509_SIGNED_DATA_UNSUPPORTED', opensslSign(content, [signer, root], ['-nodetach']));
    refuses('X509_SIGNED_DATA_UNSUPPORTED', sign(['-md', 'sha1']));
  });

  it('rejects signers that nobody named, that are certified for something else, expired or weak', () => {
    refuses('X509_SIGNER_UNTRUSTED', good, named(pki.testKey('p256', 'stranger')));
    const foreign = pki.makeRoot({ name: 'Other root' });
    refuses('X509_PATH_NO_ANCHOR', good, { keys: [], anchors: [pki.anchorOf(foreign)], at });
    const server = pki.makeDocumentSigner(issuing, { purpose: purposeOids.serverAuthentication });
    refuses('X509_SIGNER_PURPOSE', sign([], server));
    refuses('X509_SIGNER_PURPOSE', sign([], pki.makeDocumentSigner(issuing, { fault: 'wrong keyUsage' })));
    refuses('X509_PATH_EXPIRED', sign([], pki.makeDocumentSigner(issuing, { fault: 'expired' })));
    refuses('X509_SIGNER_UNTRUSTED', sign([], pki.makeDocumentSigner(issuing, { kind: 'rsa1024', label: 'cms weak' })));
    const expired = pki.makeDocumentSigner(issuing, { fault: 'expired' });
    assert.equal(outcomeOf(() => keyOfSignerCertificate(expired.certificate, at))?.code, 'X509_PATH_EXPIRED');
    assert.equal(outcomeOf(() => keyOfSignerCertificate(server.certificate, at))?.code, 'X509_SIGNER_PURPOSE');
    assert.equal(keyOfSignerCertificate(signer.certificate, at).type, 'ec');
  });

  it('rejects a signature by a trusted key over other bytes', () => {
    const other = opensslSign(encodeUtf8('{"what":"was not"}'), [signer], ['-nodetach'], [issuing]);
    const [mine, theirs] = [parseSignedData(good), parseSignedData(other)];
    const verifyOf = (claimed: typeof mine) => outcomeOf(() => verifySignedData(claimed, authority))?.code;
    assert.equal(verifyOf({ ...mine, content: theirs.content }), 'X509_SIGNED_DATA_DIGEST');
    assert.equal(verifyOf({ ...theirs, signer: { ...theirs.signer, signature: mine.signer.signature } }), 'X509_CONTENT_SIGNATURE_INVALID'); // prettier-ignore
    assert.equal(verifyOf({ ...mine, contentType: '1.2.3' }), 'X509_SIGNED_DATA_DIGEST');
  });

  it('gives the signed content or a refusal when any one bit is changed, and never less strictly than OpenSSL', () => {
    for (let index = 0; index < good.length; index += 1) {
      const changed = Uint8Array.from(good);
      changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
      const outcome = outcomeOf(() => assert.deepEqual(verify(changed, authority).content, content));
      if (outcome === undefined) {
        const theirs = opensslVerify(changed, root);
        assert.ok(theirs !== undefined && bytesEqual(theirs, content), `OpenSSL refuses a change of byte ${index}`);
      }
    }
  });

  it('refuses what ends too early, goes on, nests or repeats, and is never surprised', () => {
    assertRefusesEveryTruncation(good, parseSignedData);
    assert.equal(outcomeOf(() => parseSignedData(Uint8Array.from([...good, 0])))?.code, 'X509_SIGNED_DATA_MALFORMED');
    assertNeverSurprised(parseSignedData, good);
    const [type, wrapped] = readDer(good).children;
    const nested = encodeDer(0x30, type?.bytes ?? content, encodeDer(0xa0, good));
    assert.equal(outcomeOf(() => parseSignedData(nested))?.code, 'X509_SIGNED_DATA_MALFORMED');
    const twice = encodeDer(0x30, type?.bytes ?? content, wrapped?.bytes ?? content, wrapped?.bytes ?? content);
    assert.equal(outcomeOf(() => parseSignedData(twice))?.code, 'X509_SIGNED_DATA_MALFORMED');
    assert.ok(looksLikeSignedData(good) && !looksLikeSignedData(signer.der) && !looksLikeSignedData(content));
  });
});
