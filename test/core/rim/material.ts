// Base RIMs made here: a SWID tag around one support file, signed with xml-crypto, which verifies nothing of ours.
import { sign } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { encodeBase64, encodeHex, encodeUtf8 } from '../../../src/core/encoding/index.ts';
import { hash, type HashAlgorithm } from '../../../src/core/crypto/index.ts';
import { canonicalXml } from '../../../src/core/rim/canonical-xml.ts';
import { contentWithoutSignature, signatureNamespace } from '../../../src/core/rim/xml-signature.ts';
import { elementsIn, parseXml } from '../../../src/core/rim/xml.ts';
import type { TestCertificate, TestKey } from '../../support/pki.ts';

export interface TagToMake {
  readonly support: Uint8Array;
  /** Text in the place of another, before the tag is signed. */
  readonly change?: readonly (readonly [string, string])[];
}

/** A tag as makers write it, without signature. */
export function makeTag({ support, change = [] }: TagToMake): string {
  const tag = `<?xml version="1.0" encoding="UTF-8"?>
<SoftwareIdentity xmlns="http://standards.iso.org/iso/19770/-2/2015/schema.xsd" corpus="false" name="Example BIOS" patch="false" supplemental="false" tagId="tag-1" tagVersion="0" version="01" versionScheme="multipartnumeric">
  <Entity name="Example &amp; Sons" role="softwareCreator tagCreator"/>
  <Link href="https://example.com/fw" rel="installationmedia"/>
  <Meta xmlns:rim="https://trustedcomputinggroup.org/wp-content/uploads/TCG_RIM_Model" rim:bindingSpec="PC Client RIM" rim:bindingSpecVersion="1.2" rim:payloadType="direct" rim:platformManufacturerStr="Example" rim:platformModel="ProductA"/>
  <Payload>
    <Directory name="rim">
      <File xmlns:SHA256="http://www.w3.org/2001/04/xmlenc#sha256" SHA256:hash="${encodeHex(hash('sha256', support))}" name="bios.rimel" size="${support.length}"/>
    </Directory>
  </Payload>
</SoftwareIdentity>
`;
  return change.reduce((text, [from, to]) => text.replace(from, to), tag);
}

export interface SigningOptions {
  readonly key: TestKey;
  readonly certificates?: readonly TestCertificate[];
  readonly exclusive?: boolean;
}

const inclusive = 'http://www.w3.org/TR/2001/REC-xml-c14n-20010315';
const exclusiveOf = 'http://www.w3.org/2001/10/xml-exc-c14n#';
/** An enveloped signature over the whole tag. */
export function signTag(tag: string, { key, certificates = [], exclusive = false }: SigningOptions): Uint8Array {
  const canonical = exclusive ? exclusiveOf : inclusive;
  const signed = new SignedXml({
    privateKey: key.privateKey.export({ format: 'pem', type: 'pkcs8' }),
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: canonical,
    getKeyInfoContent: () =>
      certificates.length === 0 ? null : `<X509Data>${certificates.map(({ der }) => `<X509Certificate>${Buffer.from(der).toString('base64')}</X509Certificate>`).join('')}</X509Data>`, // prettier-ignore
  });
  const transforms = ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', canonical];
  signed.addReference({
    xpath: '/*',
    isEmptyUri: true,
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms,
  });
  signed.computeSignature(tag);
  return encodeUtf8(signed.getSignedXml());
}

export interface SealOptions {
  readonly key: TestKey;
  readonly method?: string;
  readonly alg?: HashAlgorithm;
  readonly digestMethod?: string;
  /** Text in the place of another, in the signature, before anything is computed. */
  readonly change?: readonly (readonly [string, string])[];
}

/** An enveloped signature of forms that xml-crypto does not make: ECDSA, and everything that must be refused. */
export function sealTag(
  tag: string,
  { key, method, alg = 'sha256', digestMethod, change = [] }: SealOptions,
): Uint8Array {
  const kind = key.kind.startsWith('rsa') ? 'rsa' : 'ecdsa';
  const template = `<Signature xmlns="${signatureNamespace}">
    <SignedInfo>
      <CanonicalizationMethod Algorithm="${inclusive}"/>
      <SignatureMethod Algorithm="${method ?? `http://www.w3.org/2001/04/xmldsig-more#${kind}-${alg}`}"/>
      <Reference URI="">
        <Transforms><Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/></Transforms>
        <DigestMethod Algorithm="${digestMethod ?? digestMethods[alg]}"/>
        <DigestValue>DIGEST</DigestValue>
      </Reference>
    </SignedInfo>
    <SignatureValue>SIGNATURE</SignatureValue>
  </Signature>`;
  const signature = change.reduce((text, [from, to]) => text.replace(from, to), template);
  const whole = tag.replace(/<\/[A-Za-z0-9]*:?SoftwareIdentity>/, (end) => `${signature}${end}`);
  const root = parseXml(encodeUtf8(whole));
  const digested = hash(alg, contentWithoutSignature(root));
  const withDigest = whole.replace('DIGEST', encodeBase64(digested));
  const sealed = parseXml(encodeUtf8(withDigest));
  const [element] = elementsIn(sealed).slice(-1);
  const [info] = element === undefined ? [] : elementsIn(element);
  if (element === undefined || info === undefined) throw new TypeError('the template has no SignedInfo');
  const message = canonicalXml(info, { mode: 'inclusive', ancestors: [sealed, element] });
  const made = sign(alg, message, { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
  return encodeUtf8(withDigest.replace('SIGNATURE', made.toString('base64')));
}

const digestMethods: Readonly<Record<HashAlgorithm, string>> = {
  sha1: 'http://www.w3.org/2000/09/xmldsig#sha1',
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: 'http://www.w3.org/2001/04/xmlenc#sha512',
};
