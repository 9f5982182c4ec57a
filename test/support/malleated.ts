// The other signature that every ECDSA signature has: (r, n - s) is as valid as (r, s).
import { curveOrders } from '../../src/core/crypto/index.ts';
import { decodeHex, encodeHex } from '../../src/core/encoding/index.ts';
import { parseCertificate } from '../../src/core/x509/index.ts';
import { ElementReader, tags } from '../../src/core/x509/asn1.ts';
import { derBitString, derInteger, derSequence } from '../../src/core/x509/der-writer.ts';

/** A certificate whose issuer's key is on the curve, with the other signature over the same bytes. */
export function malleated(der: Uint8Array, curve: 'P-256' | 'P-384' = 'P-256'): Uint8Array {
  const { signature } = parseCertificate(der);
  const fields = new ElementReader(der, 'X509_CERTIFICATE_MALFORMED').enter(tags.sequence, 'certificate');
  const [tbs, algorithm] = [fields.any('signed part').bytes, fields.any('algorithm').bytes];
  const pair = new ElementReader(signature, 'X509_CERTIFICATE_MALFORMED').enter(tags.sequence, 'signature');
  const r = pair.read(tags.integer, 'r').contents;
  const s = BigInt(`0x${encodeHex(pair.read(tags.integer, 's').contents)}`);
  const other = (curveOrders[curve] - s).toString(16).padStart(96, '0');
  return derSequence(tbs, algorithm, derBitString(derSequence(derInteger(r), derInteger(decodeHex(other)))));
}
