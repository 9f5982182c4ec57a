// All forms in which one and the same certificate can be shown. Of an ECDSA signature (r, s) there is a second one, (r, n - s), which anybody
// can compute and which is as valid: the certificate with it has other bytes, and another digest.
import { curveOrders } from '../crypto/index.ts';
import { decodeHex, encodeHex } from '../encoding/index.ts';
import { AttestationError } from '../error.ts';
import { ElementReader, tags } from './asn1.ts';
import type { Certificate } from './certificate.ts';
import { derBitString, derInteger, derSequence } from './der-writer.ts';

const code = 'X509_CERTIFICATE_MALFORMED';

/** DER. The certificate's own first; then the one with the other signature. */
export function spellingsOf({
  der,
  signature,
  signatureScheme,
}: Pick<Certificate, 'der' | 'signature' | 'signatureScheme'>): readonly Uint8Array[] {
  const pair = signatureScheme?.kind === 'ecdsa' ? readPair(signature) : undefined;
  // The least that both fit in: that numbers on a larger curve do, too, is no more likely than that a key is guessed.
  const order = pair && Object.values(curveOrders).find((each) => each > pair.r && each > pair.s);
  if (pair === undefined || order === undefined) return [der];
  const fields = new ElementReader(der, code).enter(tags.sequence, 'certificate');
  const signed = [fields.any('signed part').bytes, fields.any('signature algorithm').bytes];
  const other = derSequence(derInteger(bytesOf(pair.r)), derInteger(bytesOf(order - pair.s)));
  return [der, derSequence(...signed, derBitString(other))];
}

/** Undefined where it is none that could be verified. */
function readPair(signature: Uint8Array): { readonly r: bigint; readonly s: bigint } | undefined {
  try {
    const pair = new ElementReader(signature, code).enter(tags.sequence, 'signature');
    const [r, s] = ['r', 's'].map((name) => BigInt(`0x0${encodeHex(pair.read(tags.integer, name).contents)}`));
    return r === undefined || s === undefined ? undefined : { r, s };
  } catch (error) {
    if (error instanceof AttestationError) return undefined;
    throw error;
  }
}

function bytesOf(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return decodeHex(hex.length % 2 === 0 ? hex : `0${hex}`);
}
