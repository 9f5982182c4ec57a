// All forms in which one and the same certificate can be shown. Of an ECDSA signature (r, s) there is a second one, (r, n - s), which anybody
// can compute and which is as valid: the certificate with it has other bytes, and another digest.
import { curveOrders } from '../crypto/index.ts';
import { decodeHex, encodeHex } from '../encoding/index.ts';
import { AttestationError } from '../error.ts';
import { ElementReader, tags } from './asn1.ts';
import type { Certificate } from './certificate.ts';
import { derBitString, derInteger, derSequence } from './der-writer.ts';

const code = 'X509_CERTIFICATE_MALFORMED';

/** DER. The certificate's own first; then those with the other signature, for each curve that its issuer's key may be on. */
export function spellingsOf(
  certificate: Pick<Certificate, 'der' | 'signature' | 'signatureScheme'>,
): readonly Uint8Array[] {
  const { der, signature, signatureScheme } = certificate;
  if (signatureScheme?.kind !== 'ecdsa') return [der];
  const pair = readPair(signature);
  if (pair === undefined) return [der];
  const fields = new ElementReader(der, code).enter(tags.sequence, 'certificate');
  const signed = [fields.any('signed part').bytes, fields.any('signature algorithm').bytes];
  const others = Object.values(curveOrders).filter((order) => order > pair.s);
  return [
    der,
    ...others.map((order) =>
      derSequence(...signed, derBitString(derSequence(derInteger(pair.r), derInteger(bytesOf(order - pair.s))))),
    ),
  ];
}

/** Undefined where it is none that could be verified. */
function readPair(signature: Uint8Array): { readonly r: Uint8Array; readonly s: bigint } | undefined {
  try {
    const pair = new ElementReader(signature, code).enter(tags.sequence, 'signature');
    const r = pair.read(tags.integer, 'r').contents;
    return { r, s: BigInt(`0x0${encodeHex(pair.read(tags.integer, 's').contents)}`) };
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function bytesOf(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return decodeHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}
