// Revocation lists signed by a key at hand, for tests of whoever reads them.
import { allAtOnce } from '../../src/core/encoding/index.ts';
import { encodeSigned, encodeTbsCertList, type CrlContents } from '../../src/core/issuance/index.ts';
import { ElementReader, tags, type Element } from '../../src/core/x509/asn1.ts';
import { derElement, derSequence } from '../../src/core/x509/index.ts';

export interface CrlTemplate extends CrlContents {
  readonly sign: (tbs: Uint8Array) => Uint8Array;
  /** Changes what is signed. */
  readonly alter?: (tbs: Uint8Array) => Uint8Array;
}

/** DER of a signed revocation list. */
export function createCrl(template: CrlTemplate): Uint8Array {
  const { alter = (tbs: Uint8Array) => tbs } = template;
  const tbs = alter(allAtOnce(encodeTbsCertList(template)));
  return encodeSigned(tbs, template.algorithm, template.sign(tbs));
}

/** The signed part with each of its fields as `change` writes it. */
export function changeFields(tbs: Uint8Array, change: (field: Element) => Uint8Array): Uint8Array {
  const reader = new ElementReader(tbs, 'X509_CRL_MALFORMED').enter(tags.sequence, 'signed part');
  const fields: Uint8Array[] = [];
  while (!reader.done) fields.push(change(reader.any('field')));
  return derSequence(...fields);
}

/** For `alter`: `extension` stands behind those that there are. */
export function withListExtension(extension: Uint8Array): (tbs: Uint8Array) => Uint8Array {
  const add = ({ tag, contents, bytes }: Element): Uint8Array =>
    tag === 0xa0 ? derElement(0xa0, derSequence(onlyElement(contents), extension)) : bytes;
  return (tbs) => changeFields(tbs, add);
}

/** What stands in the one element of `bytes`. */
function onlyElement(bytes: Uint8Array): Uint8Array {
  return new ElementReader(bytes, 'X509_CRL_MALFORMED').read(tags.sequence, 'extensions').contents;
}
