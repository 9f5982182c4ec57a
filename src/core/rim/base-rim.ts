// The door for the bytes of a base RIM: who signed it, and what it says in exactly the bytes that were signed.
import type { ContentSigner, SignerTrust } from '../x509/index.ts';
import { readBaseRim, type BaseRim } from './swid-tag.ts';
import { contentWithoutSignature, verifyXmlSignature } from './xml-signature.ts';
import { parseXml } from './xml.ts';

export interface VerifiedRim {
  readonly rim: BaseRim;
  readonly signer: ContentSigner;
}

/** Proves what `verifyXmlSignature` proves. The tag is read again from the signed bytes, so that nothing else is used.
 * @throws MalformedError RIM_XML_INVALID, RIM_INVALID; VerificationError RIM_*, X509_* */
export function verifyBaseRim(bytes: Uint8Array, trust: SignerTrust): VerifiedRim {
  const { content, signer } = verifyXmlSignature(parseXml(bytes), trust);
  return { rim: readBaseRim(parseXml(content)), signer };
}

/** Reads a base RIM that somebody vouches for. It proves nothing.
 * @throws as `verifyBaseRim` */
export function parseBaseRim(bytes: Uint8Array): BaseRim {
  return readBaseRim(parseXml(contentWithoutSignature(parseXml(bytes))));
}
