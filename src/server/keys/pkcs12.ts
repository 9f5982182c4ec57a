// PKCS#12 containers, as OpenSSL 3 writes them and as older tools did (RC2, 3DES), which node:crypto does not open. [RFC7292]
import forge from 'node-forge';

export interface Pkcs12Contents {
  /** PKCS#8 PrivateKeyInfo, DER. */
  readonly key: Uint8Array;
  /** DER. */
  readonly certificates: readonly Uint8Array[];
}

/** Larger ones hold more than one key and its certificates. */
const maximumSize = 1024 * 1024;

/** Undefined when it is no container, has another passphrase, or holds not exactly one key. */
export function readPkcs12(bytes: Uint8Array, passphrase: string): Pkcs12Contents | undefined {
  if (bytes.length > maximumSize) return undefined;
  const { asn1, pki, pkcs12, util } = forge;
  try {
    const container = pkcs12.pkcs12FromAsn1(
      asn1.fromDer(util.createBuffer(Buffer.from(bytes).toString('latin1'))),
      passphrase,
    );
    const bagsOf = (bagType: string) => container.getBags({ bagType })[bagType] ?? [];
    const keys = [pki.oids['pkcs8ShroudedKeyBag'], pki.oids['keyBag']].flatMap((oid) => bagsOf(oid ?? ''));
    const [bag] = keys;
    if (bag === undefined || keys.length !== 1) return undefined;
    // What forge does not know, it leaves as it stood: keys and certificates on elliptic curves among them.
    const key = bag.key ? pki.wrapRsaPrivateKey(pki.privateKeyToAsn1(bag.key)) : bag.asn1;
    const certificates = bagsOf(pki.oids['certBag'] ?? '').map(({ cert, asn1: other }) =>
      derOf(cert ? pki.certificateToAsn1(cert) : other),
    );
    return { key: derOf(key), certificates };
  } catch {
    // forge throws Errors without codes, for a wrong passphrase and for bytes that are no container alike.
    return undefined;
  }
}

function derOf(node: forge.asn1.Asn1): Uint8Array {
  return new Uint8Array(Buffer.from(forge.asn1.toDer(node).getBytes(), 'latin1'));
}
