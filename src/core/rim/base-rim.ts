// The door for the bytes of a base RIM: who signed it, and what it says in exactly the bytes that were signed.
import { VerificationError } from '../error.ts';
import type { ContentSigner, SignerTrust } from '../x509/index.ts';
import { readBaseRim, type BaseRim } from './swid-tag.ts';
import { contentWithoutSignature, verifyXmlSignature, type SignedXml } from './xml-signature.ts';
import { elementsIn, parseXml, type XmlElement } from './xml.ts';

export interface VerifiedRim {
  readonly rim: BaseRim;
  readonly signer: ContentSigner;
  /** Whether the signature is over the tag without its indentation. */
  readonly isIndented: boolean;
}

/** Proves what `verifyXmlSignature` proves. The tag is read again from the signed bytes, so that nothing else is used.
 * @throws MalformedError RIM_XML_INVALID, RIM_INVALID; VerificationError RIM_*, X509_* */
export function verifyBaseRim(bytes: Uint8Array, trust: SignerTrust): VerifiedRim {
  const { content, signer, isIndented } = verifyAsSigned(parseXml(bytes), trust);
  return { rim: readBaseRim(parseXml(content)), signer, isIndented };
}

/** Reads a base RIM that somebody vouches for. It proves nothing.
 * @throws as `verifyBaseRim` */
export function parseBaseRim(bytes: Uint8Array): BaseRim {
  return readBaseRim(parseXml(contentWithoutSignature(parseXml(bytes))));
}

/** The tool of HIRS signs a tag, then indents it, and takes the white space away again before it verifies one. So a tag that does not
 * verify as it stands is tried without it: white space between the elements of a tag says nothing. */
function verifyAsSigned(root: XmlElement, trust: SignerTrust): SignedXml & { readonly isIndented: boolean } {
  try {
    return { ...verifyXmlSignature(root, trust), isIndented: false };
  } catch (error) {
    if (!(error instanceof VerificationError) || error.code !== 'RIM_DIGEST_MISMATCH') throw error;
    return { ...verifyXmlSignature(withoutIndentation(root), trust), isIndented: true };
  }
}

function withoutIndentation(element: XmlElement): XmlElement {
  if (elementsIn(element).length === 0) return element;
  const kept = element.children.filter((child) => child.kind === 'element' || /[^ \t\r\n]/.test(child.text));
  return { ...element, children: kept.map((child) => (child.kind === 'element' ? withoutIndentation(child) : child)) };
}
