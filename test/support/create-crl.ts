// Revocation lists signed by a key at hand, for tests of whoever reads them.
import { encodeSigned, encodeTbsCertList, type CrlContents } from '../../src/core/x509/index.ts';

export interface CrlTemplate extends CrlContents {
  readonly sign: (tbs: Uint8Array) => Uint8Array;
}

/** DER of a signed revocation list. */
export function createCrl(template: CrlTemplate): Uint8Array {
  const tbs = encodeTbsCertList(template);
  return encodeSigned(tbs, template.algorithm, template.sign(tbs));
}
