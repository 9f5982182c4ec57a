// PKCS#7 certificate bundles (`.p7b`). Vendors export them from tools that write BER, so the container is read with
// node-forge's ASN.1, which knows indefinite lengths; the certificates inside are DER and read by this room. [RFC5652 §5.1]
import forge from 'node-forge';
import { MalformedError } from '../error.ts';

type Node = forge.asn1.Asn1;

const signedDataOid = '1.2.840.113549.1.7.2';

/** DER of the X.509 certificates in a SignedData. Its signatures are not looked at.
 * @throws MalformedError X509_ANCHORS_MALFORMED */
export function readSignedDataCertificates(bytes: Uint8Array): readonly Uint8Array[] {
  const [type, content] = childrenOf(readContainer(bytes));
  if (type === undefined || oidOf(type) !== signedDataOid) throw malformed('not a PKCS#7 SignedData');
  const [signedData] = childrenOf(content);
  const certificates = childrenOf(signedData).find(
    (child) => child.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC && isContextTag(child, 0),
  );
  return childrenOf(certificates)
    .filter((child) => child.tagClass === forge.asn1.Class.UNIVERSAL && child.type === forge.asn1.Type.SEQUENCE)
    .map((child) => Uint8Array.from(forge.asn1.toDer(child).getBytes(), (character) => character.charCodeAt(0)));
}

function readContainer(bytes: Uint8Array): Node {
  try {
    return forge.asn1.fromDer(forge.util.createBuffer(Buffer.from(bytes).toString('latin1')));
  } catch (cause) {
    throw new MalformedError('X509_ANCHORS_MALFORMED', 'the PKCS#7 container cannot be read', { cause });
  }
}

function childrenOf(node: Node | undefined): readonly Node[] {
  return node !== undefined && Array.isArray(node.value) ? node.value : [];
}

/** forge types the tag number of any class by the universal names. */
function isContextTag(node: Node, tag: number): boolean {
  const { type }: { readonly type: number } = node;
  return type === tag;
}

function oidOf(node: Node): string {
  return typeof node.value === 'string' && node.type === forge.asn1.Type.OID ? forge.asn1.derToOid(node.value) : '';
}

function malformed(message: string): MalformedError {
  return new MalformedError('X509_ANCHORS_MALFORMED', message);
}
