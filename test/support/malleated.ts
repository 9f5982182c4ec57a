// The other signature that every ECDSA signature has: (r, n - s) is as valid as (r, s).
import { decodeHex, encodeHex, encodeUnsigned } from '../../src/core/encoding/index.ts';
import { parseCertificate } from '../../src/core/x509/index.ts';
import { ElementReader, tags } from '../../src/core/x509/asn1.ts';
import { derBitString, derInteger, derSequence } from '../../src/core/x509/der-writer.ts';

const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

/** A certificate signed with P-256, with the other signature over the same bytes. */
export function malleated(der: Uint8Array): Uint8Array {
  const { tbs, signature } = parseCertificate(der);
  const pair = new ElementReader(signature, 'X509_CERTIFICATE_MALFORMED').enter(tags.sequence, 'signature');
  const r = pair.read(tags.integer, 'r').contents;
  const s = BigInt(`0x${encodeHex(pair.read(tags.integer, 's').contents)}`);
  const other = derSequence(derInteger(r), derInteger(encodeUnsigned(order - s, 32)));
  return derSequence(tbs, derSequence(decodeHex('06082a8648ce3d040302')), derBitString(other));
}
