// The one form of XML signature that is verified: enveloped, one reference to the whole document. [XMLDSIG §4, §6.6.4]
//
// What is used afterwards is read from the canonical bytes whose digest was signed, and from nothing else. So nothing is gained by
// moving a signed part elsewhere in the document (signature wrapping).
import {
  equalInConstantTime,
  hash,
  verifySignature,
  type HashAlgorithm,
  type SignatureScheme,
} from '../crypto/index.ts';
import { decodeBase64 } from '../encoding/index.ts';
import { VerificationError } from '../error.ts';
import {
  parseCertificate,
  verifyContentSigner,
  type Certificate,
  type ContentSigner,
  type SignerTrust,
} from '../x509/index.ts';
import { canonicalXml, type Canonicalisation } from './canonical-xml.ts';
import { digestUris } from './digest-uris.table.ts';
import { attributeOf, elementsIn, type XmlElement } from './xml.ts';

export const signatureNamespace = 'http://www.w3.org/2000/09/xmldsig#';

const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';
const canonicalisations: Readonly<Record<string, Canonicalisation>> = {
  'http://www.w3.org/TR/2001/REC-xml-c14n-20010315': 'inclusive',
  'http://www.w3.org/2001/10/xml-exc-c14n#': 'exclusive',
};
const more = 'http://www.w3.org/2001/04/xmldsig-more#';
const schemes: Readonly<Record<string, SignatureScheme>> = Object.fromEntries<SignatureScheme>(
  (['sha256', 'sha384', 'sha512'] as const).flatMap((name) => [
    [`${more}rsa-${name}`, { kind: 'rsassa', hash: name }],
    [`${more}ecdsa-${name}`, { kind: 'ecdsa', hash: name, encoding: 'ieee-p1363' }],
  ]),
);
const maximumCertificates = 16;

export interface SignedXml {
  /** Exactly the bytes that the signature covers. */
  readonly content: Uint8Array;
  readonly signer: ContentSigner;
}

/** The signature elements anywhere in a document: none, or the one that a root may have.
 * @throws VerificationError RIM_SIGNATURE_UNSUPPORTED for any other */
function findSignature(root: XmlElement): XmlElement | undefined {
  const [own, ...others] = elementsIn(root).filter(isSignature);
  if (others.length > 0 || countSignatures(root) > (own === undefined ? 0 : 1)) {
    throw unsupported('it has more than one signature, or one that is not directly in the tag');
  }
  return own;
}

/** The bytes of a document without its signature, whether or not there is one.
 * @throws VerificationError RIM_SIGNATURE_UNSUPPORTED */
export function contentWithoutSignature(root: XmlElement, mode: Canonicalisation = 'inclusive'): Uint8Array {
  const signature = findSignature(root);
  return canonicalXml(root, { mode, ...(signature === undefined ? {} : { without: signature }) });
}

/**
 * Proves:
 * 1. one signature stands directly in the root, with one reference, to the whole document without it;
 * 2. the digest of the canonical document is the one in the reference;
 * 3. the signature is over the canonical SignedInfo that holds the reference, by who `verifyContentSigner` accepts.
 *
 * @throws VerificationError RIM_UNSIGNED, RIM_SIGNATURE_UNSUPPORTED, RIM_DIGEST_MISMATCH, X509_*
 * @throws MalformedError ENCODING_BASE64_INVALID, X509_CERTIFICATE_*
 */
export function verifyXmlSignature(root: XmlElement, trust: SignerTrust): SignedXml {
  const signature = findSignature(root);
  if (signature === undefined) throw new VerificationError('RIM_UNSIGNED', 'the tag carries no signature');
  const [info, value, keyInfo, ...others] = elementsIn(signature);
  if (info === undefined || value === undefined || others.length > 0) throw unsupported('parts that are not known');
  const { scheme, mode, reference } = readSignedInfo(named(info, 'SignedInfo'));
  const content = contentWithoutSignature(root, reference.mode);
  if (!equalInConstantTime(hash(reference.digest, content), reference.value)) {
    throw new VerificationError('RIM_DIGEST_MISMATCH', 'the tag was changed after it was signed');
  }
  const message = canonicalXml(info, { mode, ancestors: [root, signature] });
  const bytes = readBase64(named(value, 'SignatureValue'));
  const [certificate, ...intermediates] = keyInfo === undefined ? [] : readCertificates(named(keyInfo, 'KeyInfo'));
  const signer = verifyContentSigner(
    { isBy: (key) => verifySignature(key, scheme, message, bytes), certificate, intermediates },
    trust,
  );
  return { content, signer };
}

interface Reference {
  readonly mode: Canonicalisation;
  readonly digest: HashAlgorithm;
  readonly value: Uint8Array;
}

interface SignedInfo {
  readonly mode: Canonicalisation;
  readonly scheme: SignatureScheme;
  readonly reference: Reference;
}

function readSignedInfo(info: XmlElement): SignedInfo {
  const [method, algorithm, reference, ...others] = elementsIn(info);
  if (method === undefined || algorithm === undefined || reference === undefined || others.length > 0) {
    throw unsupported('it has not exactly one reference');
  }
  return {
    mode: chosen(canonicalisations, named(method, 'CanonicalizationMethod')),
    scheme: chosen(schemes, named(algorithm, 'SignatureMethod')),
    reference: readReference(named(reference, 'Reference')),
  };
}

/** `URI=""` is the whole document; other references would let the signed part be elsewhere. [XMLDSIG §4.4.3.1] */
function readReference(reference: XmlElement): Reference {
  if (attributeOf(reference, 'URI') !== '' || reference.attributes.length > 1)
    throw unsupported('a reference to a part');
  const [transforms, method, value, ...others] = elementsIn(reference);
  if (transforms === undefined || method === undefined || value === undefined || others.length > 0) {
    throw unsupported('a reference with parts that are not known');
  }
  const [first, second, ...more] = elementsIn(named(transforms, 'Transforms')).map((each) => named(each, 'Transform'));
  if (first === undefined || algorithmOf(first) !== enveloped || more.length > 0) throw unsupported('other transforms');
  if (elementsIn(first).length > 0) throw unsupported('a transform with parameters');
  return {
    mode: second === undefined ? 'inclusive' : chosen(canonicalisations, second),
    digest: chosen(digestUris, named(method, 'DigestMethod')),
    value: readBase64(named(value, 'DigestValue')),
  };
}

/** The certificates that the signer shows. Nothing else of KeyInfo is looked at: keys in it count for nothing. */
function readCertificates(keyInfo: XmlElement): readonly Certificate[] {
  const found = elementsIn(keyInfo)
    .filter((each) => isOf(each, 'X509Data'))
    .flatMap(elementsIn)
    .filter((each) => isOf(each, 'X509Certificate'));
  if (found.length > maximumCertificates) throw unsupported('too many certificates');
  return found.map((each) => parseCertificate(readBase64(each)));
}

function chosen<Value>(table: Readonly<Record<string, Value>>, element: XmlElement): Value {
  const algorithm = algorithmOf(element);
  const value = Object.hasOwn(table, algorithm) ? table[algorithm] : undefined;
  // Parameters (a list of prefixes, an XPath) change what is signed.
  if (value === undefined || elementsIn(element).length > 0) throw unsupported(`${element.local} of another kind`);
  return value;
}

function algorithmOf(element: XmlElement): string {
  return attributeOf(element, 'Algorithm') ?? '';
}

function readBase64(element: XmlElement): Uint8Array {
  const text = element.children.map((child) => (child.kind === 'text' ? child.text : '<')).join('');
  return decodeBase64(text.replace(/[ \t\r\n]/g, ''));
}

function named(element: XmlElement, local: string): XmlElement {
  if (!isOf(element, local)) throw unsupported(`${local} expected`);
  return element;
}

function isOf({ local, namespace }: XmlElement, name: string): boolean {
  return local === name && namespace === signatureNamespace;
}

function isSignature(element: XmlElement): boolean {
  return isOf(element, 'Signature');
}

function countSignatures(element: XmlElement): number {
  return elementsIn(element).reduce((sum, child) => sum + countSignatures(child), isSignature(element) ? 1 : 0);
}

function unsupported(message: string): VerificationError {
  return new VerificationError('RIM_SIGNATURE_UNSUPPORTED', message);
}
