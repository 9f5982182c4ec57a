// Base RIMs: signed by another implementation, read from exactly what was signed. [TCG-RIM] [XMLDSIG]
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { publicKeyFromHandle } from '../../../src/core/crypto/index.ts';
import { decodeUtf8, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { parseBaseRim, verifyBaseRim } from '../../../src/core/rim/index.ts';
import { purposeOids, type SignerTrust } from '../../../src/core/x509/index.ts';
import { assertNeverSurprised, assertRefusesEveryTruncation, outcomeOf } from '../../support/hostile-bytes.ts';
import * as pki from '../../support/pki.ts';
import { makeTag, sealTag, signTag } from './material.ts';

const at = pki.pkiDate;
const support = encodeUtf8('a log');
const key = pki.testKey('rsa2048', 'rim maker');
const named: SignerTrust = trustIn(key);
const tag = makeTag({ support });
const good = signTag(tag, { key });
const rim = parseBaseRim(encodeUtf8(tag));

function trustIn(who: pki.TestKey): SignerTrust {
  return { keys: [{ kid: 'maker', alg: 'PS256', publicKey: publicKeyFromHandle(who.publicKey) }], anchors: [], at };
}

const codeOf = (bytes: Uint8Array, trust = named) => outcomeOf(() => verifyBaseRim(bytes, trust))?.code;
const edited = (from: string | RegExp, to: string, bytes = good) => encodeUtf8(decodeUtf8(bytes).replace(from, to));

describe('a base RIM', () => {
  it('names its support files by digest, and its platform', () => {
    assert.deepEqual([rim.tagId, rim.name, rim.linkHash], ['tag-1', 'Example ProductA', undefined]);
    assert.deepEqual(
      rim.support.map(({ name, size, digests }) => [name, size, digests.length]),
      [['bios.rimel', 5, 1]],
    );
  });

  it('is believed when xml-crypto signed it, inclusive or exclusive, with attributes of any kind', () => {
    assert.deepEqual(verifyBaseRim(good, named), { rim, signer: { name: 'maker', unchecked: [] }, isIndented: false });
    assert.deepEqual(verifyBaseRim(signTag(tag, { key, exclusive: true }), named).rim, rim);
    const character = fc.constantFrom('a', ' ', '&amp;', '&lt;', '&gt;', '&quot;', "'", 'é', '😀');
    fc.assert(
      fc.property(fc.string({ unit: character }), fc.boolean(), (words, exclusive) => {
        const other = makeTag({ support, change: [['Example &amp; Sons', words]] });
        assert.deepEqual(verifyBaseRim(signTag(other, { key, exclusive }), named).rim, rim);
      }),
      { numRuns: 25 },
    );
  });

  it('is believed by an authority that was named, for signers of documents', () => {
    const root = pki.makeRoot({ name: 'Maker root' });
    const signer = pki.makeDocumentSigner(root, { key });
    const authority = { keys: [], anchors: [pki.anchorOf(root)], at };
    assert.match(
      verifyBaseRim(signTag(tag, { key, certificates: [signer] }), authority).signer.name,
      /Release signing/,
    );
    assert.equal(codeOf(good, authority), 'X509_SIGNER_UNTRUSTED');
    const server = pki.makeDocumentSigner(root, { key, purpose: purposeOids.serverAuthentication });
    assert.equal(codeOf(signTag(tag, { key, certificates: [server] }), authority), 'X509_SIGNER_PURPOSE');
    const other = pki.makeDocumentSigner(root, { kind: 'rsa2048', label: 'rim other' });
    assert.equal(codeOf(signTag(tag, { key, certificates: [other] }), authority), 'X509_CONTENT_SIGNATURE_INVALID');
  });

  it('is believed with RSA and ECDSA, SHA-256 to SHA-512, and with the language of the root', () => {
    for (const kind of ['rsa2048', 'p256', 'p384'] as const) {
      const who = pki.testKey(kind, `rim ${kind}`);
      for (const alg of ['sha256', 'sha384', 'sha512'] as const) {
        const spoken = makeTag({ support, change: [['corpus=', 'xml:lang="en" corpus=']] });
        assert.deepEqual(verifyBaseRim(sealTag(spoken, { key: who, alg }), trustIn(who)).rim, rim);
      }
    }
  });

  it('is believed when it was indented after it was signed, and says so', () => {
    const flat = tag.replace(/>\s+</g, '><');
    const signed = decodeUtf8(signTag(flat, { key }));
    const verified = verifyBaseRim(encodeUtf8(signed.replace(/></g, '>\n  <')), named);
    assert.deepEqual([verified.rim, verified.isIndented], [rim, true]);
    assert.equal(
      codeOf(encodeUtf8(signed.replace('ProductA', 'ProductB').replace(/></g, '>\n<'))),
      'RIM_DIGEST_MISMATCH',
    );
  });

  it('is refused when nobody signed it, or nobody who was named', () => {
    assert.equal(codeOf(encodeUtf8(tag)), 'RIM_UNSIGNED');
    assert.equal(codeOf(good, { keys: [], anchors: [], at }), 'X509_SIGNER_UNTRUSTED');
    assert.equal(codeOf(good, trustIn(pki.testKey('rsa2048', 'rim stranger'))), 'X509_SIGNER_UNTRUSTED');
    assert.equal(codeOf(good, trustIn(pki.testKey('p256', 'rim stranger'))), 'X509_SIGNER_UNTRUSTED');
  });

  it('is refused when any part of it is changed', () => {
    assert.equal(codeOf(edited('ProductA', 'ProductB')), 'RIM_DIGEST_MISMATCH');
    assert.equal(codeOf(edited('<Payload>', '<Payload x="1">')), 'RIM_DIGEST_MISMATCH');
    assert.equal(codeOf(edited(/<DigestValue>./, '<DigestValue>A')), 'RIM_DIGEST_MISMATCH');
    assert.equal(codeOf(edited(/<SignatureValue>./, '<SignatureValue>+')), 'X509_SIGNER_UNTRUSTED');
    assert.equal(codeOf(edited('<SignedInfo>', '<SignedInfo Id="x">')), 'X509_SIGNER_UNTRUSTED');
    for (let index = 0; index < good.length; index += 1) {
      const changed = Uint8Array.from(good);
      changed[index] = (changed[index] ?? 0) ^ (1 << (index % 7));
      outcomeOf(() => assert.deepEqual(verifyBaseRim(changed, named).rim, rim));
    }
  });

  it('is refused when the signature covers something else, or is wrapped', () => {
    const signature = /<Signature [\s\S]*<\/Signature>/.exec(decodeUtf8(good))?.[0] ?? '';
    const evil = tag.replace('ProductA', 'Evil');
    const attacks = [
      evil.replace('</SoftwareIdentity>', `${signature}</SoftwareIdentity>`),
      evil.replace('</SoftwareIdentity>', `<x>${decodeUtf8(good).replace(/<\?.*?\?>/, '')}</x></SoftwareIdentity>`),
      evil.replace('</SoftwareIdentity>', `<Object>${signature}</Object></SoftwareIdentity>`),
      decodeUtf8(good).replace('</SoftwareIdentity>', `${signature}</SoftwareIdentity>`),
      decodeUtf8(good).replace('<SignedInfo>', '<SignedInfo/><SignedInfo>'),
      decodeUtf8(good).replace('</SignedInfo>', '</SignedInfo><SignedInfo/>'),
      decodeUtf8(good).replace('<DigestValue>', '<DigestValue><!-- x -->'),
      decodeUtf8(good).replace('<DigestValue>', '<DigestValue><x/>'),
    ];
    for (const attack of attacks) assert.ok(codeOf(encodeUtf8(attack)) !== undefined, attack);
    const seal = (...change: readonly [string, string][]) => codeOf(sealTag(tag, { key, change }));
    for (const change of [
      ['URI=""', 'URI="#x"'], [' URI=""', ''], ['URI=""', 'URI="" Id="r"'], ['enveloped-signature', 'base64'],
      ['</Transforms>', '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xpath-19991116"/></Transforms>'],
      ['</Transforms>', '<Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/></Transforms>'],
      ['</SignedInfo>', '<Reference URI="#y"/></SignedInfo>'], ['</Signature>', '<KeyInfo/><Object/></Signature>'],
      ['REC-xml-c14n-20010315"/>', 'REC-xml-c14n-20010315#WithComments"/>'],
      ['rsa-sha256', 'hmac-sha256'], ['SignatureMethod', 'SignatureMethods'],
      ['#enveloped-signature"/>', '#enveloped-signature"><XPath/></Transform>'],
      ['REC-xml-c14n-20010315"/>', 'REC-xml-c14n-20010315"><InclusiveNamespaces/></CanonicalizationMethod>'],
      ['SignatureValue>SIGNATURE</SignatureValue', 'Value>SIGNATURE</Value'], ['</Signature>', '<KeyName/></Signature>'],
      ['<DigestValue>DIGEST</DigestValue>', '<Value>DIGEST</Value>'], ['xmlenc#sha256', 'xmldsig#sha1'],
      ['<DigestValue>DIGEST</DigestValue>', '<DigestValue>DIGEST</DigestValue><x/>'], ['<DigestMethod ', '<Digest '],
      ['<Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>', ''],
      ['<Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/></Transforms>', '<Transform/>'],
      ['<CanonicalizationMethod ', '<Canonicalization '],
    ] as const) assert.equal(seal([change[0], change[1]]), 'RIM_SIGNATURE_UNSUPPORTED', change[1]); // prettier-ignore
    assert.equal(seal(['<SignedInfo>', '<Info>'], ['</SignedInfo>', '</Info>']), 'RIM_SIGNATURE_UNSUPPORTED');
    const weak = { key, alg: 'sha1', method: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' } as const;
    assert.equal(codeOf(sealTag(tag, weak)), 'RIM_SIGNATURE_UNSUPPORTED');
  });

  /** What is said of the tag with one change in it. */
  const codeOfChange = (from: string, to: string) => {
    const changed = makeTag({ support, change: [[from, to]] });
    assert.notEqual(changed, tag, from);
    return codeOf(sealTag(changed, { key }));
  };

  it('is refused whole when it says what is not understood', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['patch="false"', 'patch="true"'],
      ['supplemental="false"', 'supplemental="true"'],
      ['corpus="false"', 'corpus="true"'],
      ['corpus="false"', 'media="(os:linux)"'],
      ['PC Client RIM', 'IOT RIM'],
      ['payloadType="direct"', 'payloadType="indirect"'],
      ['<Payload>', '<Evidence/><Payload>'],
      ['<Directory name="rim">', '<Process name="x"/><Directory name="rim">'],
      ['xmlenc#sha256', 'xmlenc#ripemd160'],
      ['<File ', '<File when="x" '],
      ['patch="false"', 'patch="1"'],
      ['patch="false"', 'patch=""'],
      ['rim:bindingSpec="PC Client RIM"', ''],
      ['<Payload>', '<Payload media="x">'],
      ['<Directory ', '<Directory when="x" '],
      ['<File ', '<File xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="1" '],
      ['size="5"/>', 'size="5"><Meta/></File>'],
      ['SHA256:hash=', 'SHA256:hashes='],
    ];
    for (const [from, to] of cases) assert.equal(codeOfChange(from, to), 'RIM_UNSUPPORTED', to);
  });

  it('is refused when it lacks what each tag has, or has it in another form', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['SHA256:hash="', 'SHA256:hash="0'],
      ['tagId="tag-1"', ''],
      ['<Payload>', '<Payload/><Payload>'],
      ['19770/-2/2015', '19770/-2/2009'],
      ['size="5"', 'size="0x5"'],
      ['size="5"', 'size=""'],
      ['size="5"', 'size="5e0"'],
      ['name="bios.rimel"', ''],
      ['name="bios.rimel"', 'name=""'],
      ['<Payload>', '<Meta/><Payload>'],
      ['<Meta ', '<Entity '],
      [/SHA256:hash="./.exec(tag)?.[0] ?? '', 'SHA256:hash="g'],
    ];
    for (const [from, to] of cases) assert.equal(codeOfChange(from, to), 'RIM_INVALID', to);
    assert.equal(outcomeOf(() => parseBaseRim(encodeUtf8('<a/>')))?.code, 'RIM_INVALID');
  });

  it('names one file at least and 64 at most, and carries 16 certificates at most', () => {
    const file = /<File .*\/>/.exec(tag)?.[0] ?? '';
    const files = (count: number) => codeOf(sealTag(makeTag({ support, change: [[file, file.repeat(count)]] }), { key })); // prettier-ignore
    assert.deepEqual([files(0), files(64), files(65)], ['RIM_INVALID', undefined, 'RIM_INVALID']);
    const root = pki.makeRoot({ name: 'Maker root' });
    const chain = (count: number) => codeOf(signTag(tag, { key, certificates: Array.from({ length: count }, () => root) })); // prettier-ignore
    assert.deepEqual([chain(16), chain(17)], [undefined, 'RIM_SIGNATURE_UNSUPPORTED']);
  });

  it('refuses what ends too early, and is never surprised', () => {
    assertRefusesEveryTruncation(encodeUtf8(tag.trim()), parseBaseRim);
    assertNeverSurprised((bytes) => verifyBaseRim(bytes, named), good);
  });
});
